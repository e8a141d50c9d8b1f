# Alarms treat missing data as healthy: a service without requests does not fail. So each goes back to OK by itself once
# its cause has gone. Each links to its section of the runbook, docs/how-to/runbook.md.
#
# Emails report every alarm. The pager is for the composite alarm alone, which has those of them that a person must get up
# for: users get errors, or reads are out of date (`pages`).

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

resource "aws_sns_topic" "pager" {
  name              = "${local.name}-pager"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "pager" {
  for_each               = var.pager_endpoints
  topic_arn              = aws_sns_topic.pager.arn
  protocol               = "https"
  endpoint               = each.key
  endpoint_auto_confirms = true
}

locals {
  # The functions. An entry is all that a function's alarms, and its lines on the dashboard, need. `queue` is the
  # dead-letter queue of a function that follows the events table's stream, null for one that the API invokes; `pages` is
  # whether a person must get up if that function comes late.
  watched = merge(local.publisher_watched, {
    command = {
      function    = aws_lambda_function.command_api_handler.function_name
      duration_ms = var.alarm_thresholds.duration_ms
      queue       = null
      pages       = false
    }
    query = {
      function    = aws_lambda_function.query_api_handler.function_name
      duration_ms = var.alarm_thresholds.duration_ms
      queue       = null
      pages       = false
    }
    projector = {
      function    = aws_lambda_function.query_project.function_name
      duration_ms = var.alarm_thresholds.projection_ms
      queue       = aws_sqs_queue.projector_failures.name
      pages       = true
    }
  })

  function_names = { for name, about in local.watched : name => about.function }
  followers      = { for name, about in local.watched : name => about if about.queue != null }

  table_names = {
    events    = aws_dynamodb_table.events.name
    catalogue = aws_dynamodb_table.catalogue.name
  }

  # The functions put these themselves (core/adapters/emf.py).
  own_metrics          = local.name
  projector_dimensions = { service = "projector" }

  runbook = coalesce(var.runbook_url, "docs/how-to/runbook.md")

  # `section` is that of the runbook. An `arrival` is over at once, whatever became of what has arrived, so its end is not
  # reported; the next one is. `periods` is how many periods of five minutes one of them lasts, 1 by default.
  alarms = merge(
    local.publisher_alarms,
    {
      api-5xx = {
        description = "The API returns 5xx responses."
        section     = "api-5xx"
        pages       = true
        metric      = "AWS/ApiGateway 5xx Sum"
        dimensions  = { ApiId = aws_apigatewayv2_api.api.id, Stage = aws_apigatewayv2_stage.api.name }
        threshold   = var.alarm_thresholds.api_errors
      }
      projection-lag = {
        description = "The catalogue lags behind the events: reads are out of date."
        section     = "projection-lag"
        pages       = true
        metric      = "${local.own_metrics} ProjectionLag Maximum"
        dimensions  = local.projector_dimensions
        threshold   = var.alarm_thresholds.projection_lag_s
      }
      events-set-aside = {
        description = "The projector has set streams aside whose events this version of the code cannot apply. Their views stay as they are until a version that can apply the events is deployed."
        section     = "events-set-aside"
        arrival     = true
        metric      = "${local.own_metrics} EventsSetAside Sum"
        dimensions  = local.projector_dimensions
        threshold   = 0
      }
    },
    {
      for name, about in local.followers : "${name}-iterator-age" => {
        description = "The ${name} function gets the stream's records late: it fails, for want of a store, or is too slow."
        section     = "iterator-age"
        pages       = about.pages
        metric      = "AWS/Lambda IteratorAge Maximum"
        dimensions  = { FunctionName = about.function }
        threshold   = var.alarm_thresholds.iterator_age_ms
      }
    },
    # The queue's metrics come up to 15 minutes late while it was not in use, hence four periods. Lambda sends a message
    # like any other client, so it is counted as sent (one that SQS itself moves to a dead-letter queue would not be).
    {
      for name, about in local.followers : "${name}-failures" => {
        description = "What the ${name} function could not handle has arrived in its dead-letter queue."
        section     = "failures"
        arrival     = true
        metric      = "AWS/SQS NumberOfMessagesSent Sum"
        dimensions  = { QueueName = about.queue }
        threshold   = 0
        periods     = 4
      }
    },
    {
      for name, about in local.followers : "${name}-failures-left" => {
        description = "Messages have been in the dead-letter queue of the ${name} function for a day. SQS deletes them after 14."
        section     = "failures-left"
        metric      = "AWS/SQS ApproximateAgeOfOldestMessage Maximum"
        dimensions  = { QueueName = about.queue }
        threshold   = 86400
      }
    },
    {
      for name, about in local.followers : "${name}-failures-lost" => {
        description = "Lambda gave records of the ${name} function up, and could not put them into its dead-letter queue."
        section     = "failures-lost"
        arrival     = true
        metric      = "AWS/Lambda DestinationDeliveryFailures Sum"
        dimensions  = { FunctionName = about.function }
        threshold   = 0
      }
    },
    {
      for name, about in local.watched : "${name}-errors" => {
        description = "The ${name} function fails: it raises an error, times out or does not start."
        section     = "errors"
        metric      = "AWS/Lambda Errors Sum"
        dimensions  = { FunctionName = about.function }
        threshold   = 0
      }
    },
    {
      for name, about in local.watched : "${name}-throttles" => {
        description = "Invocations of the ${name} function are throttled: its reserved concurrency, or the account's concurrency, is exhausted."
        section     = "function-throttles"
        metric      = "AWS/Lambda Throttles Sum"
        dimensions  = { FunctionName = about.function }
        threshold   = 0
      }
    },
    {
      for name, about in local.watched : "${name}-duration" => {
        description = "The p99 duration of the ${name} function is too high."
        section     = "duration"
        metric      = "AWS/Lambda Duration p99"
        dimensions  = { FunctionName = about.function }
        threshold   = about.duration_ms
      }
    },
    # A table's metrics do not count its indexes. Neither table has one (docs/decisions/0011-places.md), so these see all
    # throttling, that of a single hot partition too; the dashboard has its cause.
    {
      for pair in setproduct(keys(local.table_names), ["Read", "Write"]) : "${pair[0]}-${lower(pair[1])}-throttles" => {
        description = "DynamoDB throttles ${lower(pair[1])}s of the ${pair[0]} table."
        section     = "table-throttles"
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
  alarm_description   = "${each.value.description} What to do: ${local.runbook}#${each.value.section}"
  namespace           = split(" ", each.value.metric)[0]
  metric_name         = split(" ", each.value.metric)[1]
  statistic           = endswith(each.value.metric, " p99") ? null : split(" ", each.value.metric)[2]
  extended_statistic  = endswith(each.value.metric, " p99") ? "p99" : null
  dimensions          = each.value.dimensions
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = try(each.value.periods, 1)
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = try(each.value.arrival, false) ? [] : [aws_sns_topic.alarms.arn]

  # AWS does not delete an alarm that the composite alarm still names: that one is changed first.
  lifecycle {
    create_before_destroy = true
  }
}

moved {
  from = aws_cloudwatch_metric_alarm.projector_stopped
  to   = aws_cloudwatch_metric_alarm.stopped["projector"]
}

# A function that is not invoked at all puts no metric that an alarm above could watch, its iterator age included: its
# event source mapping may be disabled, or may not read the stream. So these compare it with the writes of events. A write
# at the end of a period may be handled in the next one, which is why one such period is not enough.
resource "aws_cloudwatch_metric_alarm" "stopped" {
  for_each            = local.followers
  alarm_name          = "${local.name}-${each.key}-stopped"
  alarm_description   = "Events are written, but the ${each.key} function is not invoked. What to do: ${local.runbook}#stopped"
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
      dimensions  = { FunctionName = each.value.function }
      stat        = "Sum"
      period      = 300
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# One alarm that says whether the service does its work. `make watch` follows it during a rollout. A deployment does not
# suppress it: requests go on meanwhile, so an alarm then is what a rollout has to know.
resource "aws_cloudwatch_composite_alarm" "health" {
  alarm_name        = "${local.name}-health"
  alarm_description = "Users get errors, or reads are out of date. What to do: ${local.runbook}#health"
  alarm_actions     = [aws_sns_topic.pager.arn]
  ok_actions        = [aws_sns_topic.pager.arn]

  alarm_rule = join(" OR ", [
    for name in concat(
      [for name, alarm in local.alarms : aws_cloudwatch_metric_alarm.service[name].alarm_name if try(alarm.pages, false)],
      [for name, about in local.followers : aws_cloudwatch_metric_alarm.stopped[name].alarm_name if about.pages],
    ) : "ALARM(\"${name}\")"
  ])
}
