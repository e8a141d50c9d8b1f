# Optional: public messages of events, for other teams, on an EventBridge bus of their own. See
# docs/how-to/integration-events.md. Without var.integration_events nothing of it exists.

locals {
  publishing = var.integration_events != null

  event_bus_name = one(aws_cloudwatch_event_bus.integration_events[*].name)
  event_source   = try(coalesce(var.integration_events.source), "")

  publisher_wait_seconds = try(tostring(var.integration_events.wait_seconds), "")

  # For the function's environment and policy (apps/query/.chalice), as in iam.tf: what a plan knows.
  publisher_failures_url = "https://sqs.${var.aws_region}.${data.aws_partition.current.dns_suffix}/${local.account_id}/${coalesce(one(aws_sqs_queue.publisher_failures[*].name), "none")}"
  event_bus_arn          = "${local.arn}:events:${local.scope}:event-bus/${coalesce(local.event_bus_name, "none")}"
  publisher_failures_arn = "${local.arn}:sqs:${local.scope}:${coalesce(one(aws_sqs_queue.publisher_failures[*].name), "none")}"
  publisher_log_arn      = "${local.arn}:logs:${local.scope}:log-group:${coalesce(one(aws_cloudwatch_log_group.query_publish[*].name), "none")}"

  # For alarms.tf: nobody's request fails, and no read is out of date, while messages are late.
  publisher_watched = {
    for function in aws_lambda_function.query_publish : "publisher" => {
      function    = function.function_name
      duration_ms = var.alarm_thresholds.projection_ms
      queue       = one(aws_sqs_queue.publisher_failures[*].name)
      pages       = false
    }
  }

  publisher_alarms = { for name, alarm in {
    events-not-published = {
      description = "The publisher has set events aside that it could not send."
      section     = "events-not-published"
      arrival     = true
      metric      = "${local.own_metrics} EventsNotPublished Sum"
      dimensions  = { service = "publisher" }
      threshold   = 0
    }
  } : name => alarm if local.publishing }
}

resource "aws_cloudwatch_event_bus" "integration_events" {
  count       = local.publishing ? 1 : 0
  name        = "${local.name}-integration-events"
  description = "Public messages of ${local.name}, for other teams."
}

# From which they can be sent again, to one rule or to all.
resource "aws_cloudwatch_event_archive" "integration_events" {
  count            = try(var.integration_events.archive_days, null) == null ? 0 : 1
  name             = substr("${local.name}-integration-events", 0, 48)
  event_source_arn = aws_cloudwatch_event_bus.integration_events[0].arn
  retention_days   = var.integration_events.archive_days
}

# What was not sent: events that the publisher has set aside, by stream and version, and records that were too old after
# an outage of 23 hours, by shard and sequence numbers.
resource "aws_sqs_queue" "publisher_failures" {
  count                     = local.publishing ? 1 : 0
  name                      = "${local.name}-publisher-failures"
  message_retention_seconds = 1209600 # 14 days, the maximum
  sqs_managed_sse_enabled   = true
}
