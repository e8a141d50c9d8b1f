resource "aws_apigatewayv2_domain_name" "api" {
  count       = var.custom_domain == null ? 0 : 1
  domain_name = var.custom_domain.name

  domain_name_configuration {
    certificate_arn = var.custom_domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "api" {
  count       = var.custom_domain == null ? 0 : 1
  api_id      = aws_apigatewayv2_api.api.id
  domain_name = aws_apigatewayv2_domain_name.api[0].id
  stage       = aws_apigatewayv2_stage.api.id
}

resource "aws_route53_record" "api" {
  for_each = try(var.custom_domain.zone_id, null) == null ? [] : toset(["A", "AAAA"])
  zone_id  = var.custom_domain.zone_id
  name     = var.custom_domain.name
  type     = each.key

  alias {
    name                   = aws_apigatewayv2_domain_name.api[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.api[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
