"""Terraform beside the merged file of the feature apps, and the options to merge them with."""

AUDIENCES = {"pool": ["client1"], "referred": ["${aws_cognito_user_pool_client.web.id}"]}
"""The app clients of the Cognito authorizers, for ``Options.audiences``."""

HAND_WRITTEN = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "unused"
  secret_key                  = "unused"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_dynamodb_table" "events" {
  name             = "events"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_s3_bucket" "media" {}

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_cognito_user_pool" "people" {
  name = "people"
}

resource "aws_cognito_user_pool_client" "web" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.people.id
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.function_work.function_name
  function_version = "1"
}
"""
"""The resources that the feature apps refer to; one of them refers to an app in turn."""
