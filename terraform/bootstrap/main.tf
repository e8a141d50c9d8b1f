# What an account needs before its first deployment from GitHub Actions: a bucket for Terraform's state, and roles that
# GitHub's jobs assume. An administrator applies it, with `make bootstrap`. Its own state begins on that machine and moves
# into the bucket.

terraform {
  required_version = ">= 1.10" # the state's lock file (use_lockfile)

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81, < 7.0" # an OIDC provider without thumbprints
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = merge(var.tags, {
      ManagedBy = "terraform"
      Project   = local.project
    })
  }
}

locals {
  project    = "books-cqrs"
  account_id = var.account_id == null ? one(data.aws_caller_identity.current[*].account_id) : var.account_id
  scope      = "${var.aws_region}:${local.account_id}"
  arn        = "arn:${data.aws_partition.current.partition}"
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {
  count = var.account_id == null ? 1 : 0
}
