# The most that a function of an environment can ever do, whatever its role's policy says: read and write the items of its
# environment's tables, send to its queues and buses, read its parameters, and write its logs, metrics and traces. It cannot touch roles or
# policies, another environment, or tables themselves.

resource "aws_iam_policy" "functions" {
  for_each    = var.environments
  name        = "${local.project}-${each.key}-functions"
  description = "The permissions boundary of the functions of ${each.key}."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "UseTables"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"]
        Resource = flatten([for table in local.arns[each.key].tables : [table, "${table}/index/*"]])
      },
      {
        Sid      = "FollowStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
        Resource = [for table in local.arns[each.key].tables : "${table}/stream/*"]
      },
      {
        Sid      = "UseQueues"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
        Resource = local.arns[each.key].queues
      },
      {
        Sid      = "PublishEvents"
        Effect   = "Allow"
        Action   = ["events:PutEvents"]
        Resource = local.arns[each.key].buses
      },
      {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = "${local.arn}:ssm:${local.scope}:parameter/${local.project}-${each.key}/*"
      },
      {
        # Parameters may be encrypted with a key of the account's own.
        Sid       = "DecryptParameters"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "ssm.${var.aws_region}.amazonaws.com" } }
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for app in local.apps : "${local.arn}:logs:${local.scope}:log-group:/aws/lambda/${app}-${each.key}*"]
      },
      {
        # X-Ray does not support resource-level permissions.
        Sid      = "SendTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
    ]
  })
}
