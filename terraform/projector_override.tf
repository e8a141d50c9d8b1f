# Refines the event source mapping that Chalice generates for @app.on_dynamodb_record.

resource "aws_lambda_event_source_mapping" "query_project-dynamodb-event-source" {
  # The app names a placeholder (core/config.py); only the stack knows the ARN of the stream.
  event_source_arn = aws_dynamodb_table.events.stream_arn

  # In an outage the projector reports where to continue, or fails. It sets aside what cannot be applied, and reports no
  # failure for it, so there is no limit of retries (variables-projector.tf). A batch whose invocation fails is halved
  # all the same: should a record ever end the function itself (out of memory, say), only those behind it wait.
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.projector.retries
  maximum_record_age_in_seconds      = var.projector.record_age_seconds
  parallelization_factor             = var.projector.parallelization # order within a stream of events is kept
  maximum_batching_window_in_seconds = 0                             # a reader may wait for min_version

  # Claims have version 0 and are not events.
  filter_criteria {
    filter {
      pattern = jsonencode({ dynamodb = { Keys = { version = { N = [{ "anything-but" = ["0"] }] } } } })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.projector_failures.arn
    }
  }
}
