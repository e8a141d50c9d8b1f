locals {
  jwt_audience = coalesce(var.jwt_audience, local.project)

  # The route keys of the page that documents the API, and of what it loads.
  docs_page = "^[A-Z]+ /v1/catalog/docs(/|$)"

  # The routes of both apps, by route key.
  routes = merge(aws_apigatewayv2_route.command, aws_apigatewayv2_route.query)

  # The route keys of reads and audits. Every GET has a HEAD.
  reading = "^(GET|HEAD) "

  # The limits of writes and audits, by route key. Reads have the default limits.
  route_limits = merge(
    { for key, route in local.routes : key => var.throttling.writes if !can(regex(local.reading, key)) },
    { for key, route in local.routes : key => var.throttling.audits if can(regex(local.reading, key)) && route.authorization_type != "NONE" },
  )
}

# The prefix /aws/vendedlogs/ keeps the resource policy of CloudWatch Logs within its size limit: it covers all groups.
resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/apigateway/${local.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.kms_key_arn
}
