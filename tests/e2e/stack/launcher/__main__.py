"""Starts ministack with what it lacks: ``.venv/emulator/bin/python -m tests.e2e.stack.launcher``.

Its settings are environment variables. Each function that is called below wraps one of ministack
1.5.33, which requirements/emulator.in pins, and says why. Responses are patched so that the test of
an empty second plan can be literal.
"""

from ministack import app  # type: ignore[import-not-found]
from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-not-found]
from ministack.services import (  # type: ignore[import-not-found]
    apigateway,
    apigateway_v1,
    cloudwatch,
    lambda_svc,
)

from tests.e2e.stack.launcher import (
    alarms,
    authorization,
    functions,
    http_apis,
    rest_apis,
    streams,
)

if __name__ == "__main__":
    app.pin_request_origin = authorization.origin(app.pin_request_origin)
    iam_actions.extract_resource_arn = authorization.resource(iam_actions.extract_resource_arn)
    iam_evaluator.enforce = authorization.enforcement(iam_evaluator.enforce)
    apigateway_v1.handle_request = rest_apis.request(apigateway_v1.handle_request)
    lambda_svc._invoke_rie = functions.runtime_invocation(lambda_svc._invoke_rie)
    lambda_svc._create_function = functions.creation(lambda_svc._create_function)
    lambda_svc._add_permission = functions.permission_addition(lambda_svc._add_permission)
    apigateway_v1._update_rest_api = rest_apis.update(apigateway_v1._update_rest_api)
    apigateway_v1._create_stage = rest_apis.stage_creation(apigateway_v1._create_stage)
    apigateway_v1._delete_deployment = rest_apis.deployment_deletion(
        apigateway_v1._delete_deployment
    )
    apigateway._create_authorizer = http_apis.authorizer_creation(apigateway._create_authorizer)
    cloudwatch._put_metric_alarm = alarms.creation(cloudwatch._put_metric_alarm)
    cloudwatch._describe_alarms = alarms.description(cloudwatch._describe_alarms)
    apigateway._invoke_request_authorizer_lambda = http_apis.authorizer_invocation(
        apigateway._invoke_request_authorizer_lambda
    )
    lambda_svc._execute_function_with_config_scope = http_apis.execution(
        lambda_svc._execute_function_with_config_scope
    )
    lambda_svc._spawn_lambda_container = functions.container_start(
        lambda_svc._spawn_lambda_container
    )
    lambda_svc._execute_function = streams.batch_execution(lambda_svc._execute_function)
    app.main()
