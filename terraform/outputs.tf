output "api_url" {
  description = "Base URL of the API, to which paths such as /v1/catalog are appended."
  value       = var.custom_domain == null ? aws_apigatewayv2_api.api.api_endpoint : "https://${var.custom_domain.name}"
}

output "functions" {
  description = "Names of the functions."
  value       = local.function_names
}

output "tables" {
  description = "Names of the events table and the catalogue table."
  value       = local.table_names
}

output "log_groups" {
  description = "Names of the log groups: those of the functions and, as `api`, the access log."
  value = merge({ for group in aws_cloudwatch_log_group.query_publish : "publisher" => group.name }, {
    api       = aws_cloudwatch_log_group.api.name
    command   = aws_cloudwatch_log_group.command_api_handler.name
    query     = aws_cloudwatch_log_group.query_api_handler.name
    projector = aws_cloudwatch_log_group.query_project.name
  })
}

output "dead_letter_queue_url" {
  description = "URL of the queue of records that the projector could not apply."
  value       = aws_sqs_queue.projector_failures.url
}

output "event_bus" {
  description = "Name of the bus of integration events, null without them."
  value       = local.event_bus_name
}

output "publisher_dead_letter_queue_url" {
  description = "URL of the queue of events that the publisher could not send, null without integration events."
  value       = one(aws_sqs_queue.publisher_failures[*].url)
}

output "alarm_topic_arn" {
  description = "ARN of the topic that alarms are published to."
  value       = aws_sns_topic.alarms.arn
}

output "health_alarm" {
  description = "Name of the composite alarm that says whether the service does its work."
  value       = aws_cloudwatch_composite_alarm.health.alarm_name
}

output "pager_topic_arn" {
  description = "ARN of the topic that the composite alarm is published to."
  value       = aws_sns_topic.pager.arn
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.service.dashboard_name
}
