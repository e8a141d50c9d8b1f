# Refines the event source that Chalice makes of @app.on_dynamodb_record.

resource "aws_lambda_event_source_mapping" "query_project-dynamodb-event-source" {
  # The app names a stream of no account (core/config.py); which one it is, only the stack knows.
  event_source_arn = aws_dynamodb_table.events.stream_arn

  # A record that fails is reported alone; a batch whose call fails is halved. So a bad one ends up by itself.
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.projector.retries
  maximum_record_age_in_seconds      = var.projector.record_age_seconds
  parallelization_factor             = var.projector.parallelization # in order within a stream of events all the same
  maximum_batching_window_in_seconds = 0                             # a reader may be waiting for min_version

  # Claims on ISBNs have version 0, and are no events.
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
