# The key of the digests that the log keeps of callers (var.actor). It is made and deleted by hand, outside of Terraform
# (docs/explanation/privacy.md): so it is in no state and no plan, and once it is deleted nobody has it.

locals {
  actor_key_parameter = "/${local.name}/actor-key"
}

resource "aws_iam_role_policy" "command_actor_key" {
  count = var.actor == "digest" ? 1 : 0

  name = "ReadActorKey"
  role = aws_iam_role.command_api_handler_role.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadActorKey"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter"]
      Resource = "${local.arn}:ssm:${local.scope}:parameter${local.actor_key_parameter}"
    }]
  })
}
