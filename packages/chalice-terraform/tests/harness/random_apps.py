"""Random Chalice apps, packaged in this process by Chalice's own generator, without zip files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalice.app import (
    Authorizer,
    AuthResponse,
    Chalice,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.config import Config
from chalice.deploy import models
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import (
    BaseDeployStep,
    BuildStage,
    InjectDefaults,
    LambdaEventSourcePolicyInjector,
    PolicyGenerator,
    SwaggerBuilder,
    WebsocketPolicyInjector,
)
from chalice.deploy.swagger import TerraformSwaggerGenerator
from chalice.package import (
    ResourceBuilder,
    TerraformCodeLocationPostProcessor,
    TerraformGenerator,
)
from chalice.utils import OSUtils
from hypothesis import strategies as st

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "ANY")
POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC"
URI = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:other/invocations"
)


class JWTAuthorizer(Authorizer):
    """A JWT authorizer with the same Swagger as the one of our apps."""

    def __init__(self, name: str, issuer: str, scopes: Sequence[str] = ()) -> None:
        self.name, self.issuer, self.scopes = name, issuer, list(scopes)

    def with_scopes(self, scopes: list[str]) -> JWTAuthorizer:
        return JWTAuthorizer(self.name, self.issuer, scopes)

    def to_swagger(self) -> dict[str, Any]:
        configuration = {"issuer": self.issuer, "audience": ["books"]}
        return {
            "type": "oauth2",
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "jwtConfiguration": configuration,
                "identitySource": "$request.header.Authorization",
            },
        }


@dataclass(frozen=True)
class RandomRoute:
    """A route. ``authorizer`` is public, iam, builtin, custom, cognito, jwt1 or jwt2."""

    method: str
    path: str
    authorizer: str
    scopes: tuple[str, ...]
    docstring: str = ""
    api_key: bool = False
    cors: bool = False


@dataclass(frozen=True)
class RandomApp:
    """An app: its routes, its event sources by handler, its environment variables and settings."""

    routes: tuple[RandomRoute, ...]
    handlers: Mapping[str, str]
    variables: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)


_segments = st.sampled_from(["books", "a", "a_b", "a-b", "x.y", "{id}", "{id}", "{b-c}"])
_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
_kinds = st.sampled_from(
    ["function", "schedule", "cw", "sqs", "sqsarn", "sns", "s3", "dynamodb", "kinesis", "ws"]
)
_authorizers = st.sampled_from(["public", "iam", "builtin", "custom", "cognito"])
_jwt_authorizers = st.sampled_from(["jwt1", "jwt2", "jwt2"])
_docstrings = st.sampled_from(
    ["", "A view.", 'Of ${aws_iam_role.x.arn}.\n\nAnd 100%{ "more" $${of} it }\\.']
)


_REST_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "api_gateway_custom_domain": st.sampled_from(["TLS_1_0", "TLS_1_2"]).map(
        lambda version: {
            "domain_name": "{title}.example.com",
            "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/0",
            "tls_version": version,
        }
    ),
    "api_gateway_endpoint_type": st.sampled_from(["EDGE", "REGIONAL", "PRIVATE"]),
    "api_gateway_endpoint_vpce": st.lists(st.sampled_from(["vpce-1", "vpce-2"]), min_size=1),
    "api_gateway_stage": st.sampled_from(["api", "live", "${var.stage}"]),
    "minimum_compression_size": st.integers(0, 1000),
}


@st.composite
def _routes(draw: st.DrawFn, prefix: str, *, rest: bool) -> RandomRoute:
    segments = draw(st.lists(_segments, max_size=3, unique=True))
    greedy = draw(st.sampled_from(["", "", "/{proxy+}"]))
    authorizer = draw(_authorizers if rest else _authorizers | _jwt_authorizers)
    scoped = authorizer == "cognito" or authorizer.startswith("jwt")
    scopes = draw(st.lists(st.sampled_from(["read", "write"]), unique=True)) if scoped else []
    return RandomRoute(
        method=draw(st.sampled_from(METHODS)),
        path="/" + "/".join([prefix, *segments]) + greedy,
        authorizer=authorizer,
        scopes=tuple(scopes),
        docstring=draw(_docstrings),
        api_key=rest and draw(st.booleans()),
        cors=rest and len(segments) > 1,
    )


def apps(prefix: str, *, rest: bool = False) -> st.SearchStrategy[RandomApp]:
    """Return apps whose routes start with the prefix, so that two of them do not clash.

    With ``rest``, they have what only REST APIs have instead of what only HTTP APIs have.
    """
    return st.builds(
        RandomApp,
        settings=st.fixed_dictionaries({}, optional=_REST_SETTINGS if rest else {}),
        routes=st.lists(
            _routes(prefix, rest=rest),
            max_size=6,
            unique_by=lambda route: (route.method, route.path.replace("b-c", "id")),
        ).map(tuple),
        handlers=st.dictionaries(
            _names.filter(lambda name: name not in ("api_handler", "builtin")), _kinds, max_size=5
        ),
        variables=st.dictionaries(
            st.sampled_from(["A", "B"]),
            st.sampled_from(
                [
                    "plain",
                    "${aws_iam_role.default-role.arn}",
                    '${upper("${aws_iam_role.default-role.name}")}',
                    "$${aws_iam_role.default-role.arn}",
                    "${data.aws_caller_identity.chalice.account_id}",
                    "${data.aws_partition.chalice.partition} ${data.aws_region.chalice.name}",
                ]
            ),
        ),
    )


def layered(apps: st.SearchStrategy[RandomApp]) -> st.SearchStrategy[RandomApp]:
    """Return the apps with settings of their functions, among them layers."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "automatic_layer": st.booleans(),
        "lambda_memory_size": st.integers(128, 10240),
        "lambda_timeout": st.integers(1, 900),
        "layers": st.lists(st.just("arn:aws:lambda:eu-west-1:123456789012:layer:l:1"), max_size=1),
        "reserved_concurrency": st.integers(0, 9),
        "tags": st.just({"team": "shop"}),
        "xray": st.booleans(),
    }
    return st.builds(
        lambda app, settings: replace(app, settings={**app.settings, **settings}),
        apps,
        st.fixed_dictionaries({}, optional=optional),
    )


EVERYTHING = RandomApp(
    routes=(
        RandomRoute("GET", "/public", "public", (), 'Return ${what} and "more"'),
        RandomRoute("PUT", "/a/{id}", "iam", (), ""),
        RandomRoute("POST", "/a/{id}", "builtin", (), ""),
        RandomRoute("GET", "/custom", "custom", (), ""),
        RandomRoute("GET", "/cognito", "cognito", ("read",), ""),
        RandomRoute("DELETE", "/a/{proxy+}", "jwt2", ("read", "write"), ""),
    ),
    handlers={
        kind: kind
        for kind in (
            *("function", "schedule", "cw", "sqs", "sqsarn", "sns", "s3"),
            *("dynamodb", "kinesis", "ws"),
        )
    },
    variables={"A": "${aws_iam_role.default-role.arn}", "B": "plain"},
    settings={
        "api_gateway_custom_domain": {
            "domain_name": "api.example.com",
            "certificate_arn": "arn:of:1",
        },
        "automatic_layer": True,
        "lambda_python_version": "python3.12",
        "websocket_api_custom_domain": {
            "domain_name": "ws.example.com",
            "certificate_arn": "arn:of:2",
        },
    },
)
"""An app with a resource of every type that Chalice writes."""


def package_in_process(title: str, app: RandomApp) -> dict[str, Any]:
    """Return what Chalice's generator writes for the app, with a fixed name for the zip file."""
    config, resources = resources_of(title, app)
    principals: Any = _Principals()
    template = TerraformGenerator(config, principals).generate(resources)
    assert isinstance(template, dict)
    nothing: Any = _NoCopies()
    TerraformCodeLocationPostProcessor(nothing).process(template, config, ".", "dev")
    return template


def resources_of(title: str, app: RandomApp) -> tuple[Config, list[models.Model]]:
    """Return what the app consists of, as Chalice's build stage leaves it, without zip files."""
    settings = {"api_gateway_stage": "api", "api_gateway_endpoint_type": "EDGE", **app.settings}
    config = Config.create(
        chalice_app=_chalice(title, app),
        app_name=title,
        project_dir=".",
        autogen_policy=True,
        manage_iam_role=True,
        environment_variables=dict(app.variables),
        **json.loads(json.dumps(settings).replace("{title}", title)),
    )
    policy: Any = _Logs()
    steps: list[Any] = [
        InjectDefaults(),
        _NoZip(),
        PolicyGenerator(policy_gen=policy, osutils=OSUtils()),
        SwaggerBuilder(swagger_generator=TerraformSwaggerGenerator()),
        LambdaEventSourcePolicyInjector(),
        WebsocketPolicyInjector(),
    ]
    builder = ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), BuildStage(steps))
    return config, builder.construct_resources(config, "dev")


class _NoCopies:
    """The files of Chalice's post-processor, which copies zip files that do not exist here."""

    def copy(self, *_: str) -> None: ...


class _NoZip(BaseDeployStep):
    def handle_deploymentpackage(self, _: Config, package: models.DeploymentPackage) -> None:
        package.filename = "deployment.zip"


class _Logs:
    """A policy generator without Chalice's analysis of the source, which does not exist here."""

    def generate_policy(self, _: Config) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}


class _Principals:
    def service_principal(self, service: str) -> str:
        return f"{service}.amazonaws.com"


def _chalice(title: str, app: RandomApp) -> Chalice:
    chalice_app = Chalice(app_name=title)
    chalice_app.experimental_feature_flags.update(["WEBSOCKETS"])
    authorizers = _authorizers_of(chalice_app, app)
    for number, route in enumerate(app.routes):
        authorizer = authorizers.get(route.authorizer)
        if authorizer is not None and route.scopes:
            authorizer = authorizer.with_scopes(list(route.scopes))
        view = _handler(f"view{number}")
        view.__doc__ = route.docstring
        chalice_app.route(
            route.path,
            methods=[route.method],
            authorizer=authorizer,
            name=f"view{number}",
            api_key_required=route.api_key,
            cors=route.cors,
        )(view)
    for name, kind in app.handlers.items():
        _register(chalice_app, name, kind)
    return chalice_app


def _authorizers_of(chalice_app: Chalice, app: RandomApp) -> dict[str, Any]:
    authorizers: dict[str, Any] = {
        "iam": IAMAuthorizer(),
        "custom": CustomAuthorizer("custom", URI),
        "cognito": CognitoUserPoolAuthorizer("cognito", [POOL]),
        "jwt1": JWTAuthorizer("jwt1", "https://one.example.com/"),
        "jwt2": JWTAuthorizer("jwt2", "${var.issuer}"),
    }
    if any(route.authorizer == "builtin" for route in app.routes):
        authorizers["builtin"] = chalice_app.authorizer(name="builtin")(_authorize)
    return authorizers


def _authorize(_: Any) -> AuthResponse:
    return AuthResponse(routes=["*"], principal_id="someone")


def _handler(name: str) -> Any:
    def handle(*_: Any) -> None: ...

    handle.__name__ = name
    return handle


def _register(chalice_app: Chalice, name: str, kind: str) -> None:
    stream = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2020-01-01T00:00:00.000"
    queue = "arn:aws:sqs:eu-west-1:123456789012:q"
    decorators: dict[str, Any] = {
        "function": lambda: chalice_app.lambda_function(name=name),
        "schedule": lambda: chalice_app.schedule("rate(1 hour)", name=name),
        "cw": lambda: chalice_app.on_cw_event({"source": ["aws.ec2"]}, name=name),
        "sqs": lambda: chalice_app.on_sqs_message(queue=name, name=name),
        "sqsarn": lambda: chalice_app.on_sqs_message(queue_arn=queue, name=name),
        "sns": lambda: chalice_app.on_sns_message(topic=name, name=name),
        "s3": lambda: chalice_app.on_s3_event(bucket=f"{chalice_app.app_name}.{name}", name=name),
        "dynamodb": lambda: chalice_app.on_dynamodb_record(stream_arn=stream, name=name),
        "kinesis": lambda: chalice_app.on_kinesis_record(stream=name, name=name),
        "ws": lambda: chalice_app.on_ws_message(name="ws"),
    }
    if kind != "ws" or not chalice_app.websocket_handlers:
        decorators[kind]()(_handler(name))
