# Limits the roles that chalice-terraform generates. See terraform/bootstrap/boundary.tf.

resource "aws_iam_role" "command_api_handler_role" {
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role" "query_api_handler_role" {
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role" "query_project_role" {
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role" "query_publish_role" {
  permissions_boundary = local.boundary_arn
}
