# Refines the HTTP API that chalice-terraform generates.

resource "aws_apigatewayv2_api" "api" {
  name                         = local.name
  disable_execute_api_endpoint = var.custom_domain != null

  # The lists are those of core/adapters/http/cors.py, which is for a laptop.
  dynamic "cors_configuration" {
    for_each = length(var.cors_origins) == 0 ? [] : [var.cors_origins]

    content {
      allow_origins  = cors_configuration.value
      allow_methods  = ["*"]
      allow_headers  = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Correlation-Id"]
      expose_headers = ["ETag", "Idempotent-Replayed", "Link", "Location", "Retry-After", "X-Correlation-Id"]
      max_age        = 3600
    }
  }
}

resource "aws_apigatewayv2_route" "query" {
  for_each = { for key, route in local.query_routes : key => route if var.docs || !can(regex(local.docs_page, key)) }
}

resource "aws_apigatewayv2_stage" "api" {
  default_route_settings {
    throttling_rate_limit  = var.throttling.reads.rate
    throttling_burst_limit = var.throttling.reads.burst
  }

  dynamic "route_settings" {
    for_each = local.route_limits

    content {
      route_key              = route_settings.key
      throttling_rate_limit  = route_settings.value.rate
      throttling_burst_limit = route_settings.value.burst
    }
  }

  # No IP address, user agent or token claim: nothing that identifies a person.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      time               = "$context.requestTime"
      route              = "$context.routeKey"
      protocol           = "$context.protocol"
      status             = "$context.status"
      responseBytes      = "$context.responseLength"
      milliseconds       = "$context.responseLatency"
      lambdaMilliseconds = "$context.integrationLatency"
      lambdaError        = "$context.integrationErrorMessage"
      authorizerError    = "$context.authorizer.error"
      error              = "$context.error.message"
    })
  }
}
