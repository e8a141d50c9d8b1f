# What a plan reads: the state, and the configuration of resources. No item of a table, no message of a queue, no event of
# a log.

resource "aws_iam_policy" "read" {
  for_each    = var.environments
  name        = "github-${local.project}-${each.key}-read"
  description = "What a plan of ${each.key} reads."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListStates"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = local.bucket_arn
      },
      {
        # Terraform reads the state of the workspace `default` before it selects another.
        Sid      = "ReadState"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [local.arns[each.key].state, "${local.bucket_arn}/${local.project}/service.tfstate", "${local.bucket_arn}/${local.project}/registry.tfstate"]
      },
      {
        Sid      = "ReadFunctions"
        Effect   = "Allow"
        Action   = ["lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:GetProvisionedConcurrencyConfig", "lambda:ListAliases", "lambda:ListVersionsByFunction"]
        Resource = local.arns[each.key].functions
      },
      {
        # Event source mappings have an id for a name; the tags of functions are read by the same action.
        Sid      = "ReadEventSourceMappings"
        Effect   = "Allow"
        Action   = ["lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags"]
        Resource = "*"
      },
      {
        Sid      = "ReadRoles"
        Effect   = "Allow"
        Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:ListRoleTags"]
        Resource = local.arns[each.key].roles
      },
      {
        Sid      = "ReadTables"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
        Resource = local.arns[each.key].tables
      },
      {
        Sid      = "ReadQueuesAndTopics"
        Effect   = "Allow"
        Action   = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
        Resource = [local.arns[each.key].queues, local.arns[each.key].topics]
      },
      {
        Sid      = "ReadEvents"
        Effect   = "Allow"
        Action   = ["events:DescribeArchive", "events:DescribeEventBus", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]
        Resource = [local.arns[each.key].archives, local.arns[each.key].buses, local.arns[each.key].rules]
      },
      {
        Sid      = "ReadAlarmsAndLogs"
        Effect   = "Allow"
        Action   = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource", "logs:ListTagsForResource"]
        Resource = concat([local.arns[each.key].alarms, local.arns[each.key].dashboards], local.arns[each.key].logs)
      },
      {
        Sid      = "ReadApis"
        Effect   = "Allow"
        Action   = ["apigateway:GET"]
        Resource = local.apis
      },
      {
        # AWS does not limit these to named resources, but for DescribeAlarms and DescribeKey: Terraform asks for alarms
        # of any name, and for AWS's own key of DynamoDB.
        Sid      = "ReadWhatHasNoName"
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms", "kms:DescribeKey", "logs:DescribeLogGroups", "sns:GetSubscriptionAttributes"]
        Resource = "*"
      },
    ]
  })
}
