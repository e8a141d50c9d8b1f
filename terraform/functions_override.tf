# The functions need the architecture that their images were built for (make docker-build PLATFORM=).

resource "aws_lambda_function" "command_api_handler" {
  architectures = [var.architecture]
}

resource "aws_lambda_function" "query_api_handler" {
  architectures = [var.architecture]
}

resource "aws_lambda_function" "query_project" {
  architectures = [var.architecture]
}
