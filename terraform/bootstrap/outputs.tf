output "state_bucket" {
  description = "Name of the bucket of Terraform's states."
  value       = aws_s3_bucket.state.bucket
}

output "roles" {
  description = "ARNs of the roles that GitHub's jobs assume: by environment on GitHub, and that of pull requests."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}

output "boundaries" {
  description = "ARNs of the permissions boundaries of the functions, by environment."
  value       = { for name, policy in aws_iam_policy.functions : name => policy.arn }
}

output "backend" {
  description = "The backend of the service's states, as terraform/backend.tf has it."
  value       = <<-EOT
    terraform {
      backend "s3" {
        bucket       = "${aws_s3_bucket.state.bucket}"
        key          = "${local.project}/service.tfstate"
        region       = "${var.aws_region}"
        encrypt      = true
        use_lockfile = true
      }
    }
  EOT
}
