# Optional: public messages of events, for other teams, on an EventBridge bus of their own. See
# docs/how-to/integration-events.md. Without var.integration_events nothing of it exists.

locals {
  publishing = var.integration_events != null

  event_bus_name         = one(aws_cloudwatch_event_bus.integration_events[*].name)
  event_source           = try(coalesce(var.integration_events.source), "")
  publisher_failures_url = one(aws_sqs_queue.publisher_failures[*].url)

  # For the policy of the function (apps/query/.chalice/policy-publish.json), as in iam.tf.
  event_bus_arn          = "${local.arn}:events:${local.scope}:event-bus/${coalesce(local.event_bus_name, "none")}"
  publisher_failures_arn = "${local.arn}:sqs:${local.scope}:${coalesce(one(aws_sqs_queue.publisher_failures[*].name), "none")}"
  publisher_log_arn      = "${local.arn}:logs:${local.scope}:log-group:${coalesce(one(aws_cloudwatch_log_group.query_publish[*].name), "none")}"

  # For alarms.tf and outputs.tf.
  publisher_names = { for function in aws_lambda_function.query_publish : "publisher" => function.function_name }

  publisher_alarms = { for name, alarm in {
    publisher-iterator-age = {
      description = "The publisher gets the stream's records late: it fails, for want of the event bus or the store, or is too slow. The publisher's log has the reason."
      metric      = "AWS/Lambda IteratorAge Maximum"
      dimensions  = { FunctionName = try(local.publisher_names.publisher, null) }
      threshold   = var.alarm_thresholds.iterator_age_ms
    }
    events-not-published = {
      description = "The publisher has set events aside that it could not send. Its log names them and has the reason; `make redrive` sends them once the cause is mended."
      metric      = "${local.name} EventsNotPublished Sum"
      dimensions  = { service = "publisher" }
      threshold   = 0
    }
    publisher-failures = {
      description = "The publisher's dead-letter queue has events that were not sent. The publisher's log has the reason; `make redrive` sends them."
      metric      = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum"
      dimensions  = { QueueName = one(aws_sqs_queue.publisher_failures[*].name) }
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
