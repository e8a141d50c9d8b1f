# Optional: versions and the alias `live` of the functions behind the API. See variables-rollout.tf.

locals {
  aliased = var.rollout != null || length(var.provisioned_concurrency) > 0

  stable_versions = try(var.rollout.stable_versions, {})

  api_functions = {
    command = aws_lambda_function.command_api_handler
    query   = aws_lambda_function.query_api_handler
  }
}

resource "aws_lambda_alias" "live" {
  for_each         = local.aliased ? local.api_functions : {}
  name             = "live"
  description      = "The version, or versions, that the API invokes."
  function_name    = each.value.function_name
  function_version = lookup(local.stable_versions, each.key, each.value.version)

  # Lambda rejects an alias that routes requests to the same version twice.
  dynamic "routing_config" {
    for_each = lookup(local.stable_versions, each.key, each.value.version) == each.value.version ? [] : [each.value.version]

    content {
      additional_version_weights = { (routing_config.value) = var.rollout.new_share }
    }
  }
}

resource "aws_lambda_permission" "live" {
  for_each      = aws_lambda_alias.live
  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  qualifier     = each.value.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*"
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  for_each                          = var.provisioned_concurrency
  function_name                     = aws_lambda_alias.live[each.key].function_name
  qualifier                         = aws_lambda_alias.live[each.key].name
  provisioned_concurrent_executions = each.value

  lifecycle {
    precondition {
      condition     = !contains(keys(local.stable_versions), each.key)
      error_message = "AWS does not support provisioned concurrency on an alias with two versions: remove ${each.key} from rollout.stable_versions or from provisioned_concurrency."
    }

    precondition {
      condition     = try(var.reserved_concurrency[each.key] >= each.value, true)
      error_message = "AWS takes provisioned concurrency from the function's reserved concurrency: reserve at least ${each.value} for ${each.key}."
    }
  }
}
