# Encrypts the log groups that chalice-terraform generates for the functions.

resource "aws_cloudwatch_log_group" "command_api_handler" {
  kms_key_id = var.kms_key_arn
}

resource "aws_cloudwatch_log_group" "query_api_handler" {
  kms_key_id = var.kms_key_arn
}

resource "aws_cloudwatch_log_group" "query_project" {
  kms_key_id = var.kms_key_arn
}
