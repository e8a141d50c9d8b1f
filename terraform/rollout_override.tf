# Refines the functions and integrations that chalice-terraform generates. See rollout.tf.

resource "aws_lambda_function" "command_api_handler" {
  publish = local.aliased
}

resource "aws_lambda_function" "query_api_handler" {
  publish = local.aliased
}

resource "aws_apigatewayv2_integration" "command" {
  integration_uri = local.aliased ? aws_lambda_alias.live["command"].invoke_arn : aws_lambda_function.command_api_handler.invoke_arn
}

resource "aws_apigatewayv2_integration" "query" {
  integration_uri = local.aliased ? aws_lambda_alias.live["query"].invoke_arn : aws_lambda_function.query_api_handler.invoke_arn
}
