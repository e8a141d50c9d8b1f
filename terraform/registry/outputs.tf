output "registry" {
  description = "Host name of the registry, for docker login."
  value       = split("/", aws_ecr_repository.app["command"].repository_url)[0]
}

output "repositories" {
  description = "Repository URLs by app, for docker push."
  value       = { for app, repository in aws_ecr_repository.app : app => repository.repository_url }
}
