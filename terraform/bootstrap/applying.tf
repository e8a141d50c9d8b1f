# What a plan writes (the state's lock and images), and what an apply does.

locals {
  lock = {
    for env, arns in local.arns : env => [{
      Sid      = "LockState"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = ["${arns.state}.tflock"]
    }]
  }

  push = [
    {
      Sid      = "PushImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
      Resource = ["${local.arn}:ecr:${local.scope}:repository/${local.project}/*"]
    },
    {
      Sid      = "LogInToRegistry"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = "*"
    },
  ]

  apply = {
    for env, arns in local.arns : env => concat(
      [
        {
          Sid      = "WriteState"
          Effect   = "Allow"
          Action   = ["s3:PutObject"]
          Resource = [arns.state]
        },
        {
          Sid      = "WriteFunctions"
          Effect   = "Allow"
          Action   = ["lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:DeleteProvisionedConcurrencyConfig", "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:PutProvisionedConcurrencyConfig", "lambda:RemovePermission", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"]
          Resource = arns.functions
        },
        {
          Sid       = "LetApiGatewayInvoke"
          Effect    = "Allow"
          Action    = ["lambda:AddPermission"]
          Resource  = arns.functions
          Condition = { StringEquals = { "lambda:Principal" = "apigateway.amazonaws.com" } }
        },
        {
          Sid       = "MapEvents"
          Effect    = "Allow"
          Action    = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
          Resource  = "*"
          Condition = { ArnLike = { "lambda:FunctionArn" = arns.functions } }
        },
        {
          Sid      = "TagFunctions"
          Effect   = "Allow"
          Action   = ["lambda:TagResource", "lambda:UntagResource"]
          Resource = concat(arns.functions, ["${local.arn}:lambda:${local.scope}:event-source-mapping:*"])
        },
        {
          # Lambda reads the image as the one who creates the function.
          Sid      = "ReadImages"
          Effect   = "Allow"
          Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy"]
          Resource = ["${local.arn}:ecr:${local.scope}:repository/${local.project}/*"]
        },
        {
          # A role of its making never has more than the boundary: without this condition, whoever applies could make a
          # function an administrator.
          Sid       = "WriteRolesWithinBoundary"
          Effect    = "Allow"
          Action    = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
          Resource  = arns.roles
          Condition = { StringEquals = { "iam:PermissionsBoundary" = arns.boundary } }
        },
        {
          Sid      = "ManageRoles"
          Effect   = "Allow"
          Action   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"]
          Resource = arns.roles
        },
        {
          Sid       = "PassRolesToLambda"
          Effect    = "Allow"
          Action    = ["iam:PassRole"]
          Resource  = arns.roles
          Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
        },
        {
          # For custom domain names. AWS makes it once in an account.
          Sid       = "LetApiGatewayHaveItsRole"
          Effect    = "Allow"
          Action    = ["iam:CreateServiceLinkedRole"]
          Resource  = ["${local.arn}:iam::${local.account_id}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"]
          Condition = { StringEquals = { "iam:AWSServiceName" = "ops.apigateway.amazonaws.com" } }
        },
        {
          Sid      = "WriteTables"
          Effect   = "Allow"
          Action   = ["dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive"]
          Resource = arns.tables
        },
        {
          Sid      = "WriteQueuesAndTopics"
          Effect   = "Allow"
          Action   = ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource", "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
          Resource = [arns.queues, arns.topics]
        },
        {
          # AWS does not limit these to a topic.
          Sid      = "WriteSubscriptions"
          Effect   = "Allow"
          Action   = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
          Resource = "*"
        },
        {
          Sid      = "WriteEvents"
          Effect   = "Allow"
          Action   = ["events:CreateArchive", "events:CreateEventBus", "events:DeleteArchive", "events:DeleteEventBus", "events:DeleteRule", "events:DisableRule", "events:EnableRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource", "events:UpdateArchive", "events:UpdateEventBus"]
          Resource = [arns.archives, arns.buses, arns.rules]
        },
        {
          Sid      = "WriteAlarms"
          Effect   = "Allow"
          Action   = ["cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutCompositeAlarm", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
          Resource = [arns.alarms, arns.dashboards]
        },
        {
          Sid      = "WriteLogGroups"
          Effect   = "Allow"
          Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteMetricFilter", "logs:DeleteRetentionPolicy", "logs:DescribeMetricFilters", "logs:DisassociateKmsKey", "logs:PutMetricFilter", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
          Resource = arns.logs
        },
        {
          # API Gateway delivers the access log as the one who sets it, and AWS limits these to no log group.
          Sid      = "DeliverAccessLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"]
          Resource = "*"
        },
        {
          Sid      = "WriteApis"
          Effect   = "Allow"
          Action   = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
          Resource = local.apis
        },
      ],
      [for zones in [lookup(var.zone_ids, env, [])] : {
        Sid      = "WriteRecords"
        Effect   = "Allow"
        Action   = ["route53:ChangeResourceRecordSets", "route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"]
        Resource = concat([for zone in zones : "${local.arn}:route53:::hostedzone/${zone}"], ["${local.arn}:route53:::change/*"])
      } if length(zones) > 0],
    )
  }
}
