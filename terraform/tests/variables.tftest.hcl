# Which values the variables accept: `make terraform-test`. Each run has one wrong value of each variable that it names,
# for one of its validations; a later run has those of a second or third validation.

mock_provider "aws" {}

variables {
  account_id    = "000000000000"
  command_image = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/command@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  query_image   = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/query@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  jwt_issuer    = "https://tenant.example/"
}

run "unusual_values_are_accepted" {
  command = plan

  variables {
    actor                   = "none"
    alarm_thresholds        = { api_errors = 0 }
    architecture            = "arm64"
    aws_region              = "us-gov-west-1"
    cors_origins            = ["*"]
    custom_domain           = { name = "a.b-c.example", certificate_arn = "arn:aws-us-gov:acm:us-gov-west-1:000000000000:certificate/1" }
    environment             = "e2-e"
    events_table_name       = "a.b"
    integration_events      = { source = "urn:x", archive_days = 1, wait_seconds = 0, record_age_seconds = 60 }
    jwt_audience            = "https://api.example/"
    jwt_issuer              = "http://127.0.0.1:8002"
    kms_key_arn             = "arn:aws-us-gov:kms:us-gov-west-1:000000000000:key/1"
    pager_endpoints         = ["https://pager.example/1"]
    projector               = { parallelization = 10, retries = 10000, record_age_seconds = 60 }
    provisioned_concurrency = { query = 1 }
    reserved_concurrency    = { query = 1 }
    rollout                 = { stable_versions = { command = "7" }, new_share = 0.99 }
    runbook_url             = "https://example.com/runbook.md"
    tags                    = { Team = "catalogue" }
    tracing                 = "off"
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    account_id              = "1"
    actor                   = "hash"
    alarm_emails            = ["x"]
    alarm_thresholds        = { api_errors = -1 }
    architecture            = "arm"
    aws_region              = "Frankfurt"
    catalogue_table_name    = "x"
    command_image           = "a:latest"
    cors_origins            = ["https://app.example/"]
    custom_domain           = { name = "x", certificate_arn = "arn:aws:acm:eu-central-1:000000000000:certificate/1" }
    environment             = "A_B"
    events_table_name       = "x"
    integration_events      = { source = "a b" }
    jwt_audience            = "a b"
    jwt_issuer              = "http://example.com/"
    kms_key_arn             = "arn:aws:kms:eu-central-1:000000000000:alias/x"
    log_retention_in_days   = 2
    pager_endpoints         = ["http://pager.example/1"]
    projector               = { retries = 0 }
    provisioned_concurrency = { web = 1 }
    query_image             = "x"
    reserved_concurrency    = { query = 0 }
    rollout                 = { stable_versions = { web = "1" } }
    runbook_url             = "docs"
    tags                    = { "aws:x" = "y" }
    throttling              = { reads = { rate = 0, burst = 1 }, writes = { rate = 1, burst = 1 }, audits = { rate = 1, burst = 1 } }
    tracing                 = "otel"
  }

  expect_failures = [
    var.account_id,
    var.actor,
    var.alarm_emails,
    var.alarm_thresholds,
    var.architecture,
    var.aws_region,
    var.catalogue_table_name,
    var.command_image,
    var.cors_origins,
    var.custom_domain,
    var.environment,
    var.events_table_name,
    var.integration_events,
    var.jwt_audience,
    var.jwt_issuer,
    var.kms_key_arn,
    var.log_retention_in_days,
    var.pager_endpoints,
    var.projector,
    var.provisioned_concurrency,
    var.query_image,
    var.reserved_concurrency,
    var.rollout,
    var.runbook_url,
    var.tags,
    var.throttling,
    var.tracing,
  ]
}

run "wrong_values_are_refused_by_second_validations" {
  command = plan

  variables {
    custom_domain      = { name = "api.example.com", certificate_arn = "arn:aws:iam::000000000000:server-certificate/x" }
    integration_events = { archive_days = 0.5 }
    projector          = { parallelization = 11 }
    rollout            = { stable_versions = { command = "7" }, new_share = 1 }
  }

  expect_failures = [var.custom_domain, var.integration_events, var.projector, var.rollout]
}

run "wrong_values_are_refused_by_third_validations" {
  command = plan

  variables {
    integration_events = { wait_seconds = -1 }
    projector          = { record_age_seconds = 86401 }
  }

  expect_failures = [var.integration_events, var.projector]
}

run "wrong_values_are_refused_by_fourth_validations" {
  command = plan

  variables {
    integration_events = { record_age_seconds = 59 }
  }

  expect_failures = [var.integration_events]
}
