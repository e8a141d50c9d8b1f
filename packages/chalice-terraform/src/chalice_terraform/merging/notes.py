"""What a user must know of a stack, though nothing is lost: by the features that the apps use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .app import App
from .limits import AUTHORIZERS_QUOTA, ROUTES_QUOTA
from .model import Options
from .rest_api import RestApi
from .schemes import Cognito, Iam, Jwt, LambdaFunction, Scheme

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_TIMEOUT_SECONDS = 30
_CHALICE_TIMEOUT_SECONDS = 60  # its default, beyond what any API waits for


@dataclass(frozen=True)
class Facts:
    """What decides whether a note concerns an app.

    ``api`` is its REST API if an HTTP API replaces it, and ``served`` those of all apps that share
    the HTTP API.
    """

    app: App
    api: RestApi | None
    served: Sequence[RestApi]
    options: Options

    def uses(self, *schemes: type[Scheme]) -> bool:
        """Return whether the app's HTTP API has an authorizer of one of these kinds."""
        authorizers = self.api.authorizers.values() if self.api else ()
        return any(isinstance(scheme, schemes) for scheme in authorizers)


@dataclass(frozen=True)
class Note:
    """A note: ``name`` identifies it, ``source`` is where its facts are from."""

    name: str
    concerns: Callable[[Facts], bool]
    text: str
    source: str


@dataclass(frozen=True)
class AppliedNote:
    """A note, and the apps that it concerns."""

    note: Note
    apps: tuple[str, ...]


def notes_on(facts: Sequence[Facts]) -> tuple[AppliedNote, ...]:
    """Return the notes that concern any of these apps, in the order of the table."""
    applied = [
        AppliedNote(note, tuple(it.app.name for it in facts if note.concerns(it))) for note in NOTES
    ]
    return tuple(note for note in applied if note.apps)


def _has_api(facts: Facts) -> bool:
    return facts.api is not None


def _has_parameters(facts: Facts) -> bool:
    return facts.api is not None and any("{" in route.path for route in facts.api.routes)


def _has_any(facts: Facts) -> bool:
    return facts.api is not None and any(route.method == "ANY" for route in facts.api.routes)


def _protects_any(facts: Facts) -> bool:
    routes = facts.api.routes if facts.api else ()
    return any(route.method == "ANY" and route.authorizer for route in routes)


def _has_cognito_route_without_scopes(facts: Facts) -> bool:
    if facts.api is None:
        return False
    authorizers = facts.api.authorizers
    return any(
        isinstance(authorizers.get(route.authorizer or ""), Cognito) and not route.scopes
        for route in facts.api.routes
    )


def _takes_longer(facts: Facts) -> bool:
    functions = facts.app.of_type("aws_lambda_function")
    handler = functions.get(f"{facts.app.name}_api_handler", {})
    timeout = handler.get("timeout", 0)
    if not isinstance(timeout, (int, float)):  # a reference
        return False
    return _has_api(facts) and timeout > _TIMEOUT_SECONDS and timeout != _CHALICE_TIMEOUT_SECONDS


def _reads_format_2(facts: Facts) -> bool:
    return _has_api(facts) and facts.options.payload_format == "2.0"


def _exceeds_routes_quota(facts: Facts) -> bool:
    if facts.api is not None:
        return sum(len(api.routes) for api in facts.served) > ROUTES_QUOTA
    paths = (facts.app.swagger or {}).get("paths", {})
    parts = [path.strip("/").split("/") for path in paths]
    resources = {tuple(of[:end]) for of in parts for end in range(1, len(of) + 1)}
    return len(resources) > ROUTES_QUOTA


def _exceeds_authorizers_quota(facts: Facts) -> bool:
    if facts.api is None:
        declared = (facts.app.swagger or {}).get("securityDefinitions", {}).values()
        return sum("x-amazon-apigateway-authorizer" in it for it in declared) > AUTHORIZERS_QUOTA
    schemes = [scheme for api in facts.served for scheme in api.authorizers.values()]
    shared = {scheme for scheme in schemes if isinstance(scheme, (Cognito, Jwt))}
    own = [scheme for scheme in schemes if isinstance(scheme, LambdaFunction)]
    return len(shared) + len(own) > AUTHORIZERS_QUOTA


def _shares_a_domain(facts: Facts) -> bool:
    return len(facts.served) > 1 and bool(facts.app.of_type("aws_api_gateway_domain_name"))


NOTES: Sequence[Note] = (
    Note(
        "payload-format",
        _reads_format_2,
        "Chalice itself reads payload format 1.0 only, and fails on every request in 2.0: make the "
        "app a chalice_terraform.runtime.HTTPApp, which reads both.",
        f"{_GUIDE}/http-api-develop-integrations-lambda.html",
    ),
    Note(
        "routes-quota",
        _exceeds_routes_quota,
        f"The API has over {ROUTES_QUOTA} routes (of a REST API, parts of paths), more than AWS "
        "allows by default; request a higher quota first.",
        f"{_GUIDE}/limits.html",
    ),
    Note(
        "authorizers-quota",
        _exceeds_authorizers_quota,
        f"The API has over {AUTHORIZERS_QUOTA} authorizers, more than AWS allows by default; "
        "request a higher quota first.",
        f"{_GUIDE}/limits.html",
    ),
    Note(
        "new-url",
        lambda facts: _has_api(facts) and not facts.options.stage_prefix,
        "The API has a new id and a new URL, without the name of the stage: /api/items becomes "
        "/items.",
        f"{_GUIDE}/http-api-stages.html",
    ),
    Note(
        "new-host",
        lambda facts: _has_api(facts) and bool(facts.options.stage_prefix),
        "The API has a new id, and so a new host name.",
        f"{_GUIDE}/http-api-stages.html",
    ),
    Note(
        "array-claims",
        lambda facts: facts.uses(Cognito, Jwt),
        'Claims that are arrays, such as cognito:groups, arrive as the text "[a b]"; a REST API '
        'gives "a,b". chalice_terraform.runtime.list_claim reads both.',
        "https://github.com/aws-solutions-library-samples/"
        "guidance-for-claude-code-with-amazon-bedrock/issues/802",
    ),
    Note(
        "access-tokens",
        _has_cognito_route_without_scopes,
        "Routes without scopes accept a user pool's access tokens too; a REST API accepts its id "
        "tokens only.",
        f"{_GUIDE}/http-api-jwt-authorizer.html",
    ),
    Note(
        "authorizer-timeout",
        lambda facts: facts.uses(LambdaFunction),
        "A Lambda authorizer must respond within 10 seconds.",
        f"{_GUIDE}/http-api-quotas.html",
    ),
    Note(
        "iam-stage",
        lambda facts: facts.uses(Iam) and not facts.options.stage_prefix,
        "IAM policies that name the API's stage must name the new API and $default: "
        "arn:aws:execute-api:REGION:ACCOUNT:API/$default/GET/items.",
        f"{_GUIDE}/api-gateway-control-access-using-iam-policies-to-invoke-api.html",
    ),
    Note(
        "decoded-parameters",
        _has_parameters,
        "Path parameters arrive decoded, as a b and not as a%20b: code that decodes them must not "
        "do so twice.",
        "https://github.com/middleapi/standard-server/pull/93",
    ),
    Note(
        "any-method",
        _has_any,
        "Chalice itself responds 405 to requests for a route whose method is ANY; name the "
        "methods instead.",
        "https://github.com/aws/chalice/blob/1.34.0/chalice/app.py",
    ),
    Note(
        "any-preflight",
        _protects_any,
        "A route whose method is ANY receives preflight requests too, and its authorizer rejects "
        "them; name the methods instead.",
        f"{_GUIDE}/http-api-cors.html",
    ),
    Note(
        "integration-timeout",
        _takes_longer,
        "An HTTP API waits 30 seconds for a response, and this quota cannot be raised.",
        f"{_GUIDE}/http-api-quotas.html",
    ),
    Note(
        "shared-domain",
        _shares_a_domain,
        "The custom domain serves the routes of all apps.",
        f"{_GUIDE}/http-api-custom-domain-names.html",
    ),
)
"""All notes, those that concern most users first."""
