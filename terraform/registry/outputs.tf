output "registry" {
  description = "Host of the registry, to log in to."
  value       = split("/", aws_ecr_repository.app["command"].repository_url)[0]
}

output "repositories" {
  description = "From app to its repository's address, to push to."
  value       = { for app, repository in aws_ecr_repository.app : app => repository.repository_url }
}
