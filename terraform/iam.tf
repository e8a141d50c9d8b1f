# The functions' policies are beside the apps, in apps/*/.chalice/policy-*.json, and name what they allow by these ARNs.
# They are written out because no plan knows a resource's own `arn` before it exists: so a plan shows each policy in
# full, to whoever reviews it and to terraform-compliance. The names in them make the policies wait for the resources.

locals {
  account_id = var.account_id == null ? one(data.aws_caller_identity.current[*].account_id) : var.account_id
  place      = "${var.aws_region}:${local.account_id}"
  arn        = "arn:${data.aws_partition.current.partition}"

  events_table_arn       = "${local.arn}:dynamodb:${local.place}:table/${aws_dynamodb_table.events.name}"
  catalogue_table_arn    = "${local.arn}:dynamodb:${local.place}:table/${aws_dynamodb_table.catalogue.name}"
  projector_failures_arn = "${local.arn}:sqs:${local.place}:${aws_sqs_queue.projector_failures.name}"
  command_log_arn        = "${local.arn}:logs:${local.place}:log-group:${aws_cloudwatch_log_group.command_api_handler.name}"
  query_log_arn          = "${local.arn}:logs:${local.place}:log-group:${aws_cloudwatch_log_group.query_api_handler.name}"
  projector_log_arn      = "${local.arn}:logs:${local.place}:log-group:${aws_cloudwatch_log_group.query_project.name}"
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {
  count = var.account_id == null ? 1 : 0
}
