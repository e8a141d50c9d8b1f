# Which values the variables accept: `make terraform-test`. Each run has one wrong value of each variable that it names.

mock_provider "aws" {}

variables {
  account_id = "000000000000"
}

run "unusual_values_are_accepted" {
  command = plan

  variables {
    aws_region   = "us-gov-west-1"
    tags         = { Team = "catalogue" }
    kms_key_arn  = "arn:aws-us-gov:kms:us-gov-west-1:000000000000:key/1"
    kept_images  = 10
    force_delete = true
  }
}

# AWS fails a function whose image has expired, and production may be deployed more rarely than staging.
run "an_image_outlives_a_thousand_deliveries" {
  command = plan

  assert {
    condition     = alltrue([for policy in aws_ecr_lifecycle_policy.app : alltrue([for rule in jsondecode(policy.policy).rules : rule.selection.tagStatus == "untagged" || rule.selection.countNumber >= 1000])])
    error_message = "An image that is deployed would expire after fewer than a thousand deliveries of others."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    aws_region  = "Frankfurt"
    account_id  = "1"
    tags        = { "aws:x" = "y" }
    kms_key_arn = "arn:aws:kms:eu-central-1:000000000000:alias/x"
    kept_images = 9
  }

  expect_failures = [var.aws_region, var.account_id, var.tags, var.kms_key_arn, var.kept_images]
}
