"""Mistakes in routes, authorization and the stage."""

from tests.infrastructure.compliance.mutation import service
from tests.infrastructure.compliance.plans import has, sets

ROUTE = "aws_apigatewayv2_route"
STAGE = "aws_apigatewayv2_stage"
JWT = "aws_apigatewayv2_authorizer"
API = "aws_apigatewayv2_api"
POST = '["POST /v1/catalog/books"]'
HISTORY = '["GET /v1/catalog/books/{id}/history"]'
HEAD_OF_HISTORY = '["HEAD /v1/catalog/books/{id}/history"]'
LIMITS = "The route <method> <path> has its own limits"

ROUTES = [
    service(
        "a write without a token",
        sets(ROUTE, "authorization_type", "NONE", of=POST),
        "Every route that writes requires a token",
        "Only books, health and the documentation are public",
    ),
    service(
        "a write with a signature instead of a token",
        sets(ROUTE, "authorization_type", "AWS_IAM", of=POST),
        "Every route that writes requires a token",
        "Only books, health and the documentation are public",
    ),
    service(
        "a write with the scope for audits",
        sets(ROUTE, "authorization_scopes", ["books:audit"], of=POST),
        "Every route that writes requires the scope books:write",
    ),
    service(
        "a write with either of two scopes",
        sets(ROUTE, "authorization_scopes", ["books:write", "openid"], of=POST),
        "Every route that writes requires the scope books:write",
    ),
    service(
        "a write without a scope",
        sets(ROUTE, "authorization_scopes", [], of=POST),
        "Every route that writes requires the scope books:write",
    ),
    service(
        "a public history",
        sets(ROUTE, "authorization_type", "NONE", of=HISTORY),
        "The history of a book requires a token",
        "Only books, health and the documentation are public",
    ),
    service(
        "a history that is public by HEAD",
        sets(ROUTE, "authorization_type", "NONE", of=HEAD_OF_HISTORY),
        "The history of a book requires a token",
        "Only books, health and the documentation are public",
    ),
    service(
        "a history for writers",
        sets(ROUTE, "authorization_scopes", ["books:write"], of=HISTORY),
        "The history of a book requires the scope books:audit",
    ),
    service(
        "a new public route",
        has(ROUTE, {"route_key": "GET /v1/catalog/admin", "authorization_type": "NONE"}),
        "Only books, health and the documentation are public",
    ),
    service(
        "a route that matches everything",
        has(ROUTE, {"route_key": "$default", "authorization_type": "NONE"}),
        "Every route that writes requires a token",
        "Every route that writes requires the scope books:write",
        "Only books, health and the documentation are public",
    ),
    service(
        "an authorizer that is a function",
        sets(JWT, "authorizer_type", "REQUEST"),
        "Tokens are checked by a JWT authorizer",
    ),
    service(
        "an issuer without https",
        sets(JWT, "jwt_configuration.0.issuer", "http://tenant.example/"),
        "The issuer of tokens uses https",
    ),
    service(
        "tokens for any audience",
        sets(JWT, "jwt_configuration.0.audience", []),
        "Tokens are for this API",
    ),
    service(
        "a token in the URL",
        sets(JWT, "identity_sources", ["$request.querystring.token"]),
        "The token is read from the Authorization header",
    ),
]

STAGES = [
    service(
        "no access log",
        sets(STAGE, "access_log_settings", []),
        "Every request is in the access log",
        "The access log has no IP address, user agent or token claim",
    ),
    service(
        "an access log with IP addresses",
        sets(STAGE, "access_log_settings.0.{}format.route", "$context.identity.sourceIp"),
        "The access log has no IP address, user agent or token claim",
    ),
    service(
        "an access log with subjects",
        sets(STAGE, "access_log_settings.0.{}format.route", "$context.authorizer.claims.sub"),
        "The access log has no IP address, user agent or token claim",
    ),
    service(
        "no rate limit",
        sets(STAGE, "default_route_settings.0.throttling_rate_limit", 0),
        "Every route has a rate limit",
    ),
    service(
        "no burst limit",
        sets(STAGE, "default_route_settings.0.throttling_burst_limit", 0),
        "Every route has a burst limit",
    ),
    service("writes with the limits of reads", sets(STAGE, "route_settings", []), LIMITS),
    service(
        "one write with the limits of reads",
        sets(STAGE, "route_settings.0.route_key", "GET /v1/catalog/books"),
        LIMITS,
    ),
]

ORIGINS = [
    service(
        "pages of another origin with cookies",
        sets(
            API,
            "cors_configuration",
            [{"allow_origins": ["https://pages.example"], "allow_credentials": True}],
        ),
        "No page of another origin may send cookies",
    ),
]
