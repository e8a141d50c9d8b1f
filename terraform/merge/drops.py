"""What an HTTP API lacks, by the names under which `--allow-drop` lets it go."""

DROPS: dict[str, str] = {
    "api-key": "routes lose their API key: whoever reaches them may call them",
    "authorizer-scopes": "scopes on an authorizer that is no JWT authorizer are not checked",
    "cors-per-route": "the CORS of some routes becomes that of all",
    "identity-validation": "a token's form is not checked before its Lambda authorizer is called",
    "layers": "Lambda layers go; what they hold must be in the image",
    "minimum-compression": "answers are not compressed",
    "private-endpoint": "the private API becomes a public one",
    "resource-policy": "the API's resource policy goes: its conditions no longer hold",
    "tls-version": "the custom domain asks for TLS 1.2, where it took older ones",
}
"""From name to what it means to let it go."""
