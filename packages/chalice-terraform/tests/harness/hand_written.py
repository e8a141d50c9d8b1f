"""Terraform beside the merged file of the feature apps, and the options to merge them with."""

from __future__ import annotations

from chalice_terraform.command_line.files import as_text
from harness.packaging import JsonObject
from harness.terraform_cli import IMAGE, Module

AUDIENCES = {"pool": ["client1"], "referred": ["${aws_cognito_user_pool_client.web.id}"]}
"""The app clients of the Cognito authorizers, for ``Options.audiences``."""

PROVIDER = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "unused"
  secret_key                  = "unused"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""
"""A provider that needs no access to AWS for a plan."""

HAND_WRITTEN = """
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

BESIDE_REST_APIS = """
resource "aws_api_gateway_api_key" "partner" {
  name = "partner"
}

resource "aws_api_gateway_usage_plan" "partners" {
  name = "partners"
  api_stages {
    api_id = aws_api_gateway_rest_api.apikey_rest_api.id
    stage  = aws_api_gateway_stage.apikey_rest_api.stage_name
  }
}

resource "aws_api_gateway_usage_plan_key" "partner" {
  key_id        = aws_api_gateway_api_key.partner.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.partners.id
}

resource "terraform_data" "operation" {
  input = {
    for key in ["summary", "description"] :
    key => local.routes_chalice_api_swagger.paths["/books/{id}"].get[key]
  }
}
"""
"""A usage plan for the app ``apikey``, and what Terraform reads in the document of ``routes``."""


def as_module(*templates: JsonObject, hand_written: str = "") -> Module:
    """Return the module of these templates, ``HAND_WRITTEN`` and what is hand-written for it."""
    variables = {
        variable: "123456789012" if variable == "account_id" else IMAGE
        for template in templates
        for variable, body in template.get("variable", {}).items()
        if variable == "account_id" or (variable.endswith("_image") and "default" not in body)
    }
    files = {f"{number}.tf.json": as_text(template) for number, template in enumerate(templates)}
    return Module({**files, "hand_written.tf": HAND_WRITTEN + hand_written}, variables)
