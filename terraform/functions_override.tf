# The functions need the architecture that their images were built for (make docker-build PLATFORM=). See
# variables-concurrency.tf for what is reserved.

resource "aws_lambda_function" "command_api_handler" {
  architectures                  = [var.architecture]
  reserved_concurrent_executions = var.reserved_concurrency.command
}

resource "aws_lambda_function" "query_api_handler" {
  architectures                  = [var.architecture]
  reserved_concurrent_executions = var.reserved_concurrency.query
}

resource "aws_lambda_function" "query_project" {
  architectures                  = [var.architecture]
  reserved_concurrent_executions = var.reserved_concurrency.projector
}
