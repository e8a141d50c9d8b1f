# Alarms treat missing data as healthy: a service without requests does not fail.

resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each  = var.alarm_emails
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

locals {
  function_names = merge(local.publisher_names, {
    command   = aws_lambda_function.command_api_handler.function_name
    query     = aws_lambda_function.query_api_handler.function_name
    projector = aws_lambda_function.query_project.function_name
  })

  table_names = {
    events    = aws_dynamodb_table.events.name
    catalogue = aws_dynamodb_table.catalogue.name
  }

  # The projector puts these itself (core/adapters/stream/metrics.py).
  projector_metrics    = local.name
  projector_dimensions = { service = "projector" }

  alarms = merge(
    local.publisher_alarms,
    {
      api-5xx = {
        description = "The API returns 5xx responses."
        metric      = "AWS/ApiGateway 5xx Sum"
        dimensions  = { ApiId = aws_apigatewayv2_api.api.id, Stage = aws_apigatewayv2_stage.api.name }
        threshold   = var.alarm_thresholds.api_errors
      }
      projector-iterator-age = {
        description = "The projector gets the stream's records late: it fails, for want of the store, or is too slow. The projector's log has the reason."
        metric      = "AWS/Lambda IteratorAge Maximum"
        dimensions  = { FunctionName = local.function_names.projector }
        threshold   = var.alarm_thresholds.iterator_age_ms
      }
      projection-lag = {
        description = "The catalogue lags behind the events."
        metric      = "${local.projector_metrics} ProjectionLag Maximum"
        dimensions  = local.projector_dimensions
        threshold   = var.alarm_thresholds.projection_lag_s
      }
      events-set-aside = {
        description = "The projector has set streams aside whose events this version of the code cannot apply. Its log names them and has the reason; they heal by themselves once a version that can apply the events is deployed."
        metric      = "${local.projector_metrics} EventsSetAside Sum"
        dimensions  = local.projector_dimensions
        threshold   = 0
      }
      projector-failures = {
        description = "The dead-letter queue has records that grew too old before they were projected. Find the cause in the projector's log; `make rebuild` repairs the catalogue."
        metric      = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum"
        dimensions  = { QueueName = aws_sqs_queue.projector_failures.name }
        threshold   = 0
      }
    },
    {
      for name, function in local.function_names : "${name}-errors" => {
        description = "The ${name} function fails: it raises an error, times out or does not start."
        metric      = "AWS/Lambda Errors Sum"
        dimensions  = { FunctionName = function }
        threshold   = 0
      }
    },
    {
      for name, function in local.function_names : "${name}-throttles" => {
        description = "Invocations of the ${name} function are throttled: its reserved concurrency, or the account's concurrency, is exhausted."
        metric      = "AWS/Lambda Throttles Sum"
        dimensions  = { FunctionName = function }
        threshold   = 0
      }
    },
    {
      for name, function in local.function_names : "${name}-duration" => {
        description = "The p99 duration of the ${name} function is too high."
        metric      = "AWS/Lambda Duration p99"
        dimensions  = { FunctionName = function }
        threshold   = contains(["projector", "publisher"], name) ? var.alarm_thresholds.projection_ms : var.alarm_thresholds.duration_ms
      }
    },
    {
      for pair in setproduct(keys(local.table_names), ["Read", "Write"]) : "${pair[0]}-${lower(pair[1])}-throttles" => {
        description = "DynamoDB throttles ${lower(pair[1])}s of the ${pair[0]} table."
        metric      = "AWS/DynamoDB ${pair[1]}ThrottleEvents Sum"
        dimensions  = { TableName = local.table_names[pair[0]] }
        threshold   = 0
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "service" {
  for_each            = local.alarms
  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = split(" ", each.value.metric)[0]
  metric_name         = split(" ", each.value.metric)[1]
  statistic           = endswith(each.value.metric, " p99") ? null : split(" ", each.value.metric)[2]
  extended_statistic  = endswith(each.value.metric, " p99") ? "p99" : null
  dimensions          = each.value.dimensions
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# A projector that is not invoked at all puts no metric that an alarm above could watch, its iterator age included: its
# event source mapping may be disabled, or may not read the stream. So this one compares it with the writes of events.
# A write at the end of a period may be projected in the next one, which is why one such period is not enough.
resource "aws_cloudwatch_metric_alarm" "projector_stopped" {
  alarm_name          = "${local.name}-projector-stopped"
  alarm_description   = "Events are written, but the projector is not invoked: see the state of its event source mapping."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 12
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "stopped"
    label       = "Periods with writes and without an invocation"
    expression  = "IF(FILL(puts, 0) + FILL(transactions, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)"
    return_data = true
  }

  # Successful requests only: a write that a condition refuses stores no event. An event is put by itself or, with a
  # claim, in a transaction.
  dynamic "metric_query" {
    for_each = { puts = "PutItem", transactions = "TransactWriteItems" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SuccessfulRequestLatency"
        dimensions  = { TableName = local.table_names.events, Operation = metric_query.value }
        stat        = "SampleCount"
        period      = 300
      }
    }
  }

  metric_query {
    id = "invocations"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Invocations"
      dimensions  = { FunctionName = local.function_names.projector }
      stat        = "Sum"
      period      = 300
    }
  }
}
