# Refines the function that Chalice generates for the second @app.on_dynamodb_record: it exists only where
# var.integration_events does.

resource "aws_lambda_function" "query_publish" {
  count                          = local.publishing ? 1 : 0
  role                           = aws_iam_role.query_publish_role[0].arn
  architectures                  = [var.architecture]
  reserved_concurrent_executions = var.reserved_concurrency.publisher
}

resource "aws_iam_role" "query_publish_role" {
  count = local.publishing ? 1 : 0
}

resource "aws_iam_role_policy" "query_publish_role" {
  count = local.publishing ? 1 : 0
  role  = aws_iam_role.query_publish_role[0].id
}

resource "aws_cloudwatch_log_group" "query_publish" {
  count      = local.publishing ? 1 : 0
  kms_key_id = var.kms_key_arn
}

# A stream's shard has two readers at most without being throttled: this one and the projector's.
resource "aws_lambda_event_source_mapping" "query_publish-dynamodb-event-source" {
  count            = local.publishing ? 1 : 0
  function_name    = aws_lambda_function.query_publish[0].arn
  event_source_arn = aws_dynamodb_table.events.stream_arn

  # As for the projector, but for one thing: a single batch of each shard at a time. Lambda's parallel batches keep the
  # order of each item, and the events of a stream are different items.
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = -1
  maximum_record_age_in_seconds      = try(var.integration_events.record_age_seconds, null)
  parallelization_factor             = 1
  maximum_batching_window_in_seconds = 0

  # Events only, and only when they are written: claims and snapshots have version 0, and an event that is changed later,
  # to erase a person, is no new one.
  filter_criteria {
    filter {
      pattern = jsonencode({
        eventName = ["INSERT"]
        dynamodb  = { Keys = { version = { N = [{ "anything-but" = ["0"] }] } } }
      })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.publisher_failures[0].arn
    }
  }
}
