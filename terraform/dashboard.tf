locals {
  api_dimensions = ["ApiId", aws_apigatewayv2_api.api.id, "Stage", aws_apigatewayv2_stage.api.name]

  # The widgets, two in each row.
  widgets = [
    {
      title   = "Commands: accepted, replayed, decided again"
      stat    = "Sum"
      metrics = [for metric in ["CommandsAccepted", "CommandsReplayed", "CommandConflicts"] : [local.own_metrics, metric, "service", "command"]]
    },
    {
      title = "Commands refused"
      stat  = "Sum"
      metrics = [for refusal in ["rule", "not-found", "precondition", "conflict"] :
        [local.own_metrics, "CommandsRefused", "service", "command", "refusal", refusal]
      ]
    },
    {
      title = "Requests and errors"
      stat  = "Sum"
      metrics = [
        concat(["AWS/ApiGateway", "Count"], local.api_dimensions),
        concat(["AWS/ApiGateway", "4xx"], local.api_dimensions),
        concat(["AWS/ApiGateway", "5xx"], local.api_dimensions),
      ]
    },
    {
      title = "API latency, p99 (ms)"
      stat  = "p99"
      metrics = [
        concat(["AWS/ApiGateway", "Latency"], local.api_dimensions),
        concat(["AWS/ApiGateway", "IntegrationLatency"], local.api_dimensions),
      ]
    },
    {
      title   = "From an event to its view (s)"
      stat    = "Maximum"
      metrics = [[local.own_metrics, "ProjectionLag", "service", "projector"]]
    },
    {
      title   = "Age of the stream's records when a function gets them (ms)"
      stat    = "Maximum"
      metrics = [for about in values(local.followers) : ["AWS/Lambda", "IteratorAge", "FunctionName", about.function]]
    },
    {
      title = "Writes of events, and invocations of what follows them"
      stat  = "SampleCount"
      metrics = concat(
        [for operation in ["PutItem", "TransactWriteItems"] : ["AWS/DynamoDB", "SuccessfulRequestLatency", "TableName", local.table_names.events, "Operation", operation]],
        [for about in values(local.followers) : ["AWS/Lambda", "Invocations", "FunctionName", about.function]],
      )
    },
    {
      title   = "Events set aside"
      stat    = "Sum"
      metrics = [[local.own_metrics, "EventsSetAside", "service", "projector"]]
    },
    {
      title   = "Messages in the dead-letter queues"
      stat    = "Maximum"
      metrics = [for about in values(local.followers) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", about.queue]]
    },
    {
      title   = "Messages sent to the dead-letter queues"
      stat    = "Sum"
      metrics = [for about in values(local.followers) : ["AWS/SQS", "NumberOfMessagesSent", "QueueName", about.queue]]
    },
    {
      title   = "Function duration, p99 (ms)"
      stat    = "p99"
      metrics = [for function in values(local.function_names) : ["AWS/Lambda", "Duration", "FunctionName", function]]
    },
    {
      title   = "Concurrent executions"
      stat    = "Maximum"
      metrics = [for function in values(local.function_names) : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", function]]
    },
    {
      title = "Function errors and throttles"
      stat  = "Sum"
      metrics = [for pair in setproduct(["Errors", "Throttles"], values(local.function_names)) :
        ["AWS/Lambda", pair[0], "FunctionName", pair[1]]
      ]
    },
    {
      title = "Consumed capacity units"
      stat  = "Sum"
      metrics = concat(
        [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table]],
        [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table]],
      )
    },
    {
      title = "Throttled by a hot partition"
      stat  = "Sum"
      metrics = [for pair in setproduct(["Read", "Write"], values(local.table_names)) :
        ["AWS/DynamoDB", "${pair[0]}KeyRangeThroughputThrottleEvents", "TableName", pair[1]]
      ]
    },
    {
      title = "Throttled by a limit of the table or of the account"
      stat  = "Sum"
      metrics = [for part in setproduct(["Read", "Write"], ["MaxOnDemandThroughput", "AccountLimit"], values(local.table_names)) :
        ["AWS/DynamoDB", "${part[0]}${part[1]}ThrottleEvents", "TableName", part[2]]
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "service" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type   = "alarm"
        width  = 24
        height = 4
        x      = 0
        y      = 0
        properties = {
          title = "Alarms"
          alarms = concat(
            [aws_cloudwatch_composite_alarm.health.arn],
            values(aws_cloudwatch_metric_alarm.stopped)[*].arn,
            values(aws_cloudwatch_metric_alarm.service)[*].arn,
          )
        }
      }],
      [
        for index, widget in local.widgets : {
          type   = "metric"
          width  = 12
          height = 6
          x      = 12 * (index % 2)
          y      = 4 + 6 * floor(index / 2)
          properties = {
            title   = widget.title
            stat    = widget.stat
            metrics = widget.metrics
            period  = 300
            region  = var.aws_region
            view    = "timeSeries"
          }
        }
      ],
    )
  })
}
