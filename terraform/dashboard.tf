locals {
  api_dimensions = ["ApiId", aws_apigatewayv2_api.api.id, "Stage", aws_apigatewayv2_stage.api.name]

  # The widgets, two in each row.
  widgets = [
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
      title   = "Lag of the catalogue behind the events (s)"
      stat    = "Maximum"
      metrics = [concat([local.projector_metrics, "ProjectionLag"], flatten([for name, value in local.projector_dimensions : [name, value]]))]
    },
    {
      title   = "Age of the stream's records when the projector gets them (ms)"
      stat    = "Maximum"
      metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", local.function_names.projector]]
    },
    {
      title = "Writes of events, and invocations of the projector"
      stat  = "SampleCount"
      metrics = concat(
        [for operation in ["PutItem", "TransactWriteItems"] : ["AWS/DynamoDB", "SuccessfulRequestLatency", "TableName", local.table_names.events, "Operation", operation]],
        [["AWS/Lambda", "Invocations", "FunctionName", local.function_names.projector]],
      )
    },
    {
      title   = "Events set aside"
      stat    = "Sum"
      metrics = [concat([local.projector_metrics, "EventsSetAside"], flatten([for name, value in local.projector_dimensions : [name, value]]))]
    },
    {
      title   = "Records in the dead-letter queue"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.projector_failures.name]]
    },
    {
      title = "Consumed capacity units"
      stat  = "Sum"
      metrics = concat(
        [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table]],
        [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table]],
      )
    },
  ]
}

resource "aws_cloudwatch_dashboard" "service" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        width  = 12
        height = 6
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        properties = {
          title   = widget.title
          stat    = widget.stat
          metrics = widget.metrics
          period  = 300
          region  = var.aws_region
          view    = "timeSeries"
        }
      }
    ]
  })
}
