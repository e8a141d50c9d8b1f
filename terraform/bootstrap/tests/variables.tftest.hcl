# Which values the variables accept: `make terraform-test`. Each run has one wrong value of each variable that it names.

mock_provider "aws" {}

variables {
  account_id = "000000000000"
  repository = "owner/repo"
}

run "unusual_values_are_accepted" {
  command = plan

  variables {
    repository     = "an-owner@1/a.repo_@2"
    environments   = ["e2-e", "production"]
    aws_region     = "us-gov-west-1"
    state_bucket   = "0-9"
    old_state_days = 30
    tables         = { e2-e = ["a.b"] }
    zone_ids       = { e2-e = ["Z0"] }
    tags           = { Team = "catalogue" }
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    repository     = "owner/*"
    environments   = ["pull-request"]
    aws_region     = "Frankfurt"
    account_id     = "1"
    state_bucket   = "-a"
    old_state_days = 29
    tables         = { production = ["*"] }
    zone_ids       = { production = ["*"] }
    tags           = { "aws:x" = "y" }
  }

  expect_failures = [
    var.repository,
    var.environments,
    var.aws_region,
    var.account_id,
    var.state_bucket,
    var.old_state_days,
    var.tables,
    var.zone_ids,
    var.tags,
  ]
}

run "wrong_values_are_refused_by_second_validations" {
  command = plan

  variables {
    environments = ["production", "production2"]
  }

  expect_failures = [var.environments]
}
