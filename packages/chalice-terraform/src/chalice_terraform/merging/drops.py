"""The features that HTTP APIs lack, by the names that ``--allow-drop`` accepts."""

DROPS: dict[str, str] = {
    "api-key": "routes lose their API key: anyone who can reach them may call them",
    "authorizer-scopes": "scopes on IAM and Lambda authorizers are not checked",
    "cors-per-route": "the CORS configuration of some routes applies to all",
    "identity-validation": "tokens are not checked for their form before the Lambda authorizer",
    "layers": "images lose their Lambda layers, and must have the layers' content themselves",
    "minimum-compression": "responses are not compressed",
    "private-endpoint": "the private API becomes public",
    "resource-policy": "the API's resource policy is removed, and its conditions with it",
    "tls-version": "the custom domain requires TLS 1.2, and no longer accepts older versions",
}
"""From the name to the consequence."""
