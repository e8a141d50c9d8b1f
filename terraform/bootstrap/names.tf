# The names of an environment's resources, as patterns in ARNs. terraform/ composes the names, and the apps' names in
# apps/*/.chalice/config.json begin those of functions and their roles. A final wildcard also stands for a function's alias,
# a log group's streams and a subscription of a topic; no environment's name begins that of another (variables.tf).

locals {
  apps = [for app in ["command", "query"] : "books-${app}"]

  # The tables of production have no environment in their names; those of others begin as their other resources do.
  tables = {
    for env in var.environments : env => lookup(var.tables, env,
      env == "production" ? ["${local.project}-events*", "${local.project}-catalogue*"] : ["${local.project}-${env}*"],
    )
  }

  arns = {
    for env in var.environments : env => {
      alarms     = "${local.arn}:cloudwatch:${local.scope}:alarm:${local.project}-${env}*"
      dashboards = "${local.arn}:cloudwatch::${local.account_id}:dashboard/${local.project}-${env}*"
      functions  = [for app in local.apps : "${local.arn}:lambda:${local.scope}:function:${app}-${env}*"]
      roles      = [for app in local.apps : "${local.arn}:iam::${local.account_id}:role/${app}-${env}*"]
      logs = concat(
        [for app in local.apps : "${local.arn}:logs:${local.scope}:log-group:/aws/lambda/${app}-${env}*"],
        ["${local.arn}:logs:${local.scope}:log-group:/aws/vendedlogs/*/${local.project}-${env}*"],
      )
      queues   = "${local.arn}:sqs:${local.scope}:${local.project}-${env}*"
      topics   = "${local.arn}:sns:${local.scope}:${local.project}-${env}*"
      tables   = [for table in local.tables[env] : "${local.arn}:dynamodb:${local.scope}:table/${table}"]
      buses    = "${local.arn}:events:${local.scope}:event-bus/${local.project}-${env}*"
      rules    = "${local.arn}:events:${local.scope}:rule/${local.project}-${env}*"
      archives = "${local.arn}:events:${local.scope}:archive/${local.project}-${env}*"
      boundary = "${local.arn}:iam::${local.account_id}:policy/${local.project}-${env}-functions"
      state    = "${local.bucket_arn}/env:/${env}/${local.project}/service.tfstate"
    }
  }

  # API Gateway assigns the ids of APIs, so their ARNs name no environment.
  apis = flatten([for path in ["apis", "tags", "domainnames"] :
    ["${local.arn}:apigateway:${var.aws_region}::/${path}", "${local.arn}:apigateway:${var.aws_region}::/${path}/*"]
  ])
}
