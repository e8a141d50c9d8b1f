output "api_url" {
  description = "Where the API is; /v1/catalog comes after it."
  value       = var.custom_domain == null ? aws_apigatewayv2_api.api.api_endpoint : "https://${var.custom_domain.name}"
}

output "functions" {
  description = "Names of the functions."
  value       = local.function_names
}

output "tables" {
  description = "Names of the tables of events and of the catalogue."
  value       = local.table_names
}

output "log_groups" {
  description = "Names of the log groups: the functions' and, as `api`, that of the access log."
  value = {
    api       = aws_cloudwatch_log_group.api.name
    command   = aws_cloudwatch_log_group.command_api_handler.name
    query     = aws_cloudwatch_log_group.query_api_handler.name
    projector = aws_cloudwatch_log_group.query_project.name
  }
}

output "dead_letter_queue_url" {
  description = "The queue of records that the projector could not apply."
  value       = aws_sqs_queue.projector_failures.url
}

output "alarm_topic_arn" {
  description = "The topic that alarms are published to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "Name of the dashboard in CloudWatch."
  value       = aws_cloudwatch_dashboard.service.dashboard_name
}
