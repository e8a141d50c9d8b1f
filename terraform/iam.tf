# The ARNs that the functions' policies (apps/*/.chalice/policy-*.json) refer to. They are composed because a resource's
# own `arn` is unknown until the resource exists: this way a plan shows each policy in full, to reviewers and to
# terraform-compliance. The resource names in the ARNs make the policies depend on the resources.

locals {
  account_id = var.account_id == null ? one(data.aws_caller_identity.current[*].account_id) : var.account_id
  scope      = "${var.aws_region}:${local.account_id}"
  arn        = "arn:${data.aws_partition.current.partition}"

  # What terraform/bootstrap named it.
  boundary_arn = var.permissions_boundary ? "${local.arn}:iam::${local.account_id}:policy/${local.name}-functions" : null

  events_table_arn       = "${local.arn}:dynamodb:${local.scope}:table/${aws_dynamodb_table.events.name}"
  catalogue_table_arn    = "${local.arn}:dynamodb:${local.scope}:table/${aws_dynamodb_table.catalogue.name}"
  projector_failures_arn = "${local.arn}:sqs:${local.scope}:${aws_sqs_queue.projector_failures.name}"
  command_log_arn        = "${local.arn}:logs:${local.scope}:log-group:${aws_cloudwatch_log_group.command_api_handler.name}"
  query_log_arn          = "${local.arn}:logs:${local.scope}:log-group:${aws_cloudwatch_log_group.query_api_handler.name}"
  projector_log_arn      = "${local.arn}:logs:${local.scope}:log-group:${aws_cloudwatch_log_group.query_project.name}"
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {
  count = var.account_id == null ? 1 : 0
}
