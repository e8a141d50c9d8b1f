# The roles of GitHub's jobs. For each environment ENV there are ENV-plan, which reads what a plan reads and pushes images,
# and ENV, which applies. Jobs of pull requests run code that nobody has reviewed: their role only reads.

locals {
  issuer = "token.actions.githubusercontent.com"

  # The subject of the tokens that may assume a role, by role.
  subjects = merge(
    { pull-request = "repo:${var.repository}:pull_request" },
    { for name in local.plan_roles : name => "repo:${var.repository}:environment:${name}" },
    { for name in var.environments : name => "repo:${var.repository}:environment:${name}" },
  )

  plan_roles = toset([for name in var.environments : "${name}-plan"])

  # The environments whose resources and state a role reads, by role.
  reads = merge(
    { pull-request = var.environments },
    { for name in var.environments : name => toset([name]) },
    { for name in var.environments : "${name}-plan" => toset([name]) },
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_oidc_provider ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each    = local.subjects
  name        = "github-${local.project}-${each.key}"
  description = "Assumed by jobs of ${var.repository} on GitHub: ${each.key}."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "${local.arn}:iam::${local.account_id}:oidc-provider/${local.issuer}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = each.value
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each = merge([
    for role, environments in local.reads : { for name in environments : "${role} reads ${name}" => { role = role, environment = name } }
  ]...)
  role       = aws_iam_role.github[each.value.role].name
  policy_arn = aws_iam_policy.read[each.value.environment].arn
}

resource "aws_iam_role_policy" "plan" {
  for_each = var.environments
  name     = "plan"
  role     = aws_iam_role.github["${each.key}-plan"].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = concat(local.lock[each.key], local.push) })
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.environments
  name     = "apply"
  role     = aws_iam_role.github[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = concat(local.lock[each.key], local.apply[each.key]) })
}
