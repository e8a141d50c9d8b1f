locals {
  jwt_audience = coalesce(var.jwt_audience, local.project)

  # From route key to route, of both apps.
  routes = merge(aws_apigatewayv2_route.command, aws_apigatewayv2_route.query)

  # From route key to limits, of the routes that have other ones than reads.
  route_limits = merge(
    { for key, route in local.routes : key => var.throttling.writes if !startswith(key, "GET ") },
    { for key, route in local.routes : key => var.throttling.audits if startswith(key, "GET ") && route.authorization_type != "NONE" },
  )
}

# Named so because API Gateway keeps one resource policy for all groups under /aws/vendedlogs/, which others soon fill.
resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/vendedlogs/apigateway/${local.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.kms_key_arn
}
