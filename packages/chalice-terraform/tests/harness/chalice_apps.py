"""A small Chalice app for each feature that ``chalice package`` supports."""

from __future__ import annotations

from harness.packaging import ChaliceApp

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
ROLE = "arn:aws:iam::123456789012:role/existing"
ISSUER = "https://tenant.example.com/"

VIEW = """
@app.route("/{name}")
def view(): return {{}}
"""

JWT_AUTHORIZER = f'''
from chalice.app import Authorizer

class JWTAuthorizer(Authorizer):
    def __init__(self, name, issuer, audience, scopes=()):
        self.name, self.issuer, self.audience = name, issuer, audience
        self.scopes = list(scopes)
    def with_scopes(self, scopes):
        return JWTAuthorizer(self.name, self.issuer, self.audience, scopes)
    def to_swagger(self):
        return {{
            "type": "oauth2",
            "x-amazon-apigateway-authorizer": {{
                "type": "jwt",
                "jwtConfiguration": {{"issuer": self.issuer, "audience": self.audience}},
                "identitySource": "$request.header.Authorization",
            }},
        }}

tokens = JWTAuthorizer("tokens", "{ISSUER}", ["books", "audit"])
'''

CORS = """
cors = CORSConfig(allow_origin="https://web.example.com", allow_headers=["X-Trace"],
                  expose_headers=["ETag"], max_age=600, allow_credentials=True)

@app.route("/cors", methods=["GET", "PUT"], cors=cors)
def view(): return {}

@app.route("/cors/{id}", methods=["DELETE"], cors=cors)
def other(id): return {}
"""

TWO_VIEWS = """
@app.route("/one", cors={one})
def one(): return {{}}

@app.route("/two", cors={two})
def two(): return {{}}
"""


def _function(**stage: object) -> ChaliceApp:
    return ChaliceApp("@app.lambda_function()\ndef work(event, context): pass\n", stage)


def _handler(decorator: str) -> ChaliceApp:
    return ChaliceApp(f"{decorator}\ndef work(event): pass\n")


FEATURES = {
    "routes": ChaliceApp("""
@app.route("/", methods=["GET"])
def root(): return {}

@app.route("/books/{id}", methods="GET PUT DELETE HEAD PATCH POST OPTIONS".split())
def books(id):
    \"\"\"A docstring with ${what.looks} like a reference.

    And "more" of it.
    \"\"\"

@app.route("/files/{proxy+}", methods=["ANY"])
def files(): return {}
"""),
    "binary": ChaliceApp(
        """
app.api.binary_types.append("application/protobuf")

@app.route("/binary", methods=["POST"], content_types=["application/protobuf"])
def view(): return {}
"""
    ),
    "jwt": ChaliceApp(
        JWT_AUTHORIZER
        + """
@app.route("/jwt", methods=["POST"], authorizer=tokens.with_scopes(["write", "admin"]))
def write(): return {}

@app.route("/jwt", methods=["GET"], authorizer=tokens)
def read(): return {}

@app.route("/jwt/public")
def public(): return {}
"""
    ),
    "cognito": ChaliceApp("""
pool = CognitoUserPoolAuthorizer("pool", scopes=["read"], provider_arns=[
    "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC"])
referred = CognitoUserPoolAuthorizer(
    "referred", header="X-Token", provider_arns=["${aws_cognito_user_pool.people.arn}"])

@app.route("/cognito", authorizer=pool)
def view(): return {}

@app.route("/cognito/referred", authorizer=referred)
def other(): return {}
"""),
    "iam": ChaliceApp("""
@app.route("/iam", authorizer=IAMAuthorizer())
def view(): return {}
"""),
    "builtin": ChaliceApp("""
@app.authorizer(ttl_seconds=60, header="X-Key")
def keys(request): return AuthResponse(routes=["*"], principal_id="someone")

@app.authorizer(execution_role="arn:aws:iam::123456789012:role/caller")
def roles(request): return AuthResponse(routes=["*"], principal_id="someone")

@app.authorizer()
def unused(request): return AuthResponse(routes=["*"], principal_id="someone")

@app.route("/builtin", authorizer=keys)
def view(): return {}

@app.route("/builtin/roles", authorizer=roles)
def other(): return {}
"""),
    "custom": ChaliceApp("""
uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/%s/invocations"
by_arn = CustomAuthorizer("by arn", uri % "arn:aws:lambda:eu-west-1:123456789012:function:other")
by_name = CustomAuthorizer("mine", "${aws_lambda_function.mine.invoke_arn}", ttl_seconds=0)
by_alias = CustomAuthorizer("alias", "${aws_lambda_alias.live.invoke_arn}")
by_role = CustomAuthorizer("role", uri % "arn:aws:lambda:eu-west-1:123456789012:function:third",
                           invoke_role_arn="arn:aws:iam::123456789012:role/caller")

@app.lambda_function()
def mine(event, context): pass

@app.route("/custom/arn", authorizer=by_arn)
def one(): return {}

@app.route("/custom/name", authorizer=by_name)
def two(): return {}

@app.route("/custom/alias", authorizer=by_alias)
def three(): return {}

@app.route("/custom/role", authorizer=by_role)
def four(): return {}
"""),
    "function": _function(),
    "schedule": _handler("@app.schedule(Rate(1, unit=Rate.HOURS), description='hourly')"),
    "cron": _handler("@app.schedule(Cron(0, 18, '?', '*', 'MON-FRI', '*'))"),
    "cwevent": _handler("@app.on_cw_event({'source': ['aws.ec2']})"),
    "sqs": _handler(
        "@app.on_sqs_message(queue='jobs', batch_size=5, maximum_batching_window_in_seconds=2,"
        " maximum_concurrency=7)"
    ),
    "sqsarn": _handler("@app.on_sqs_message(queue_arn='arn:aws:sqs:eu-west-1:123456789012:jobs')"),
    "sns": _handler("@app.on_sns_message(topic='news')"),
    "snsarn": _handler("@app.on_sns_message(topic='arn:aws:sns:eu-west-1:123456789012:news')"),
    "snsname": _handler("@app.on_sns_message(topic='${aws_sns_topic.news.name}')"),
    "s3": ChaliceApp("""
@app.on_s3_event(bucket="my.bucket", events=["s3:ObjectCreated:*"], prefix="in/", suffix=".csv")
def arrived(event): pass

@app.on_s3_event(bucket="my.bucket", events=["s3:ObjectRemoved:*"])
def removed(event): pass

@app.on_s3_event(bucket="${aws_s3_bucket.media.id}")
def media(event): pass
"""),
    "dynamodb": _handler(
        "@app.on_dynamodb_record(stream_arn='${aws_dynamodb_table.events.stream_arn}',"
        " starting_position='TRIM_HORIZON')"
    ),
    "kinesis": _handler("@app.on_kinesis_record(stream='clicks', batch_size=10)"),
    "websocket": ChaliceApp(
        """
app.experimental_feature_flags.update(["WEBSOCKETS"])

@app.on_ws_connect()
def connect(event): pass

@app.on_ws_message()
def message(event): pass

@app.on_ws_disconnect()
def disconnect(event): pass
""",
        {
            "websocket_api_custom_domain": {
                "domain_name": "ws.example.com",
                "certificate_arn": CERTIFICATE,
                "tags": {"of": "websocket"},
            }
        },
    ),
    "domain": ChaliceApp(
        VIEW.format(name="domain"),
        {
            "api_gateway_endpoint_type": "REGIONAL",
            "api_gateway_custom_domain": {
                "domain_name": "api.example.com",
                "certificate_arn": CERTIFICATE,
                "tls_version": "TLS_1_2",
                "tags": {"of": "api"},
            },
        },
    ),
    "edge": ChaliceApp(
        VIEW.format(name="edge"),
        {
            "api_gateway_custom_domain": {
                "domain_name": "edge.example.com",
                "certificate_arn": CERTIFICATE,
            }
        },
    ),
    "role": _function(manage_iam_role=False, iam_role_arn=ROLE),
    "policy": ChaliceApp(
        "@app.lambda_function()\ndef work(event, context): pass\n",
        {"autogen_policy": False, "iam_policy_file": "policy.json"},
        {
            ".chalice/policy.json": """{"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "dynamodb:PutItem",
                 "Resource": ["${aws_dynamodb_table.events.arn}"]},
                {"Effect": "Allow", "Action": "lambda:InvokeFunction",
                 "Resource": ["${aws_lambda_function.work.arn}:*",
                              "arn:aws:lambda:${data.aws_region.chalice.name}:*:*/$${aws:x}"]}]}"""
        },
    ),
    "vpc": _function(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"]),
    "settings": _function(
        lambda_memory_size=512,
        lambda_timeout=17,
        reserved_concurrency=3,
        xray=True,
        lambda_architecture="arm64",
        tags={"team": "books"},
    ),
    "environment": ChaliceApp(
        VIEW.format(name="environment"),
        {
            "environment_variables": {
                "TABLE": "${aws_dynamodb_table.events.name}",
                "ROLE": "${aws_iam_role.default-role.arn}",
                "HERE": (
                    "${data.aws_region.chalice.name}/${data.aws_caller_identity.chalice.account_id}"
                ),
                "UPPER": '${upper("of ${aws_iam_role.default-role.name}")} $${aws_iam_role.x}',
                "SELF": "${aws_api_gateway_rest_api.rest_api.id}",
                "URL": "${aws_api_gateway_deployment.rest_api.invoke_url}",
            }
        },
    ),
    "perfunction": ChaliceApp(
        "@app.lambda_function()\ndef one(event, context): pass\n"
        "@app.lambda_function()\ndef two(event, context): pass\n",
        {"lambda_functions": {"one": {"lambda_memory_size": 256, "lambda_timeout": 5}}},
    ),
}
"""By the app's name in the stack."""

LAYERED = {
    "layers": _function(layers=["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"]),
    "managed": ChaliceApp(
        "@app.lambda_function()\ndef work(event, context): pass\n",
        {"automatic_layer": True, "layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"]},
        {"vendor/some/module.py": "x = 1\n"},
    ),
}
"""Those whose functions must be zip files, because they have layers."""

REST_ONLY = {
    "api-key": ChaliceApp("@app.route('/keyed', api_key_required=True)\ndef view(): return {}\n"),
    "authorizer-scopes": ChaliceApp("""
@app.authorizer()
def keys(request): return AuthResponse(routes=["*"], principal_id="someone")

@app.route("/scoped", authorizer=keys.with_scopes(["read"]))
def view(): return {}
"""),
    "cors-per-route": ChaliceApp(TWO_VIEWS.format(one=True, two=False)),
    "identity-validation": ChaliceApp("""
class Checked(CustomAuthorizer):
    def to_swagger(self):
        swagger = super().to_swagger()
        swagger["x-amazon-apigateway-authorizer"]["identityValidationExpression"] = "x.*"
        return swagger

uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f/invocations"

@app.route("/checked", authorizer=Checked("checked", uri))
def view(): return {}
"""),
    "minimum-compression": ChaliceApp(VIEW.format(name="small"), {"minimum_compression_size": 100}),
    "private-endpoint": ChaliceApp(
        VIEW.format(name="private"),
        {
            "api_gateway_endpoint_type": "PRIVATE",
            "api_gateway_endpoint_vpce": "vpce-0123456789abcdef0",
        },
    ),
    "resource-policy": ChaliceApp(
        VIEW.format(name="policy"),
        {"api_gateway_policy_file": "api.json"},
        {".chalice/api.json": '{"Version": "2012-10-17", "Statement": []}'},
    ),
    "tls-version": ChaliceApp(
        VIEW.format(name="tls"),
        {
            "api_gateway_custom_domain": {
                "domain_name": "old.example.com",
                "certificate_arn": CERTIFICATE,
                "tls_version": "TLS_1_0",
            }
        },
    ),
}
"""What only REST APIs can do, by the value of ``--allow-drop`` that gives it up."""
