variable "rollout" {
  description = "Unless null, every change of the functions behind the API publishes a version, and the API calls the alias `live`: the newest version, or for an app (command, query) among `stable_versions` that one, and the newest for the share `new_share` (0 to 1) of the requests."
  type = object({
    stable_versions = optional(map(string), {})
    new_share       = optional(number, 0)
  })
  default = null

  validation {
    condition     = var.rollout == null || alltrue([for app, version in try(var.rollout.stable_versions, {}) : contains(["command", "query"], app) && can(regex("^[1-9][0-9]*$", version))])
    error_message = "rollout.stable_versions takes command and query, each with the number of a version."
  }

  validation {
    condition     = var.rollout == null || try(var.rollout.new_share >= 0 && var.rollout.new_share < 1, false)
    error_message = "rollout.new_share must be 0 or more and less than 1; for all requests, take the app out of stable_versions."
  }
}

variable "provisioned_concurrency" {
  description = "Instances to keep warm of each app behind the API (command, query); an app that is not named has none. AWS does not allow it while a rollout shares an app's requests out over two versions."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for app, count in var.provisioned_concurrency : contains(["command", "query"], app) && count >= 1 && floor(count) == count])
    error_message = "provisioned_concurrency takes command and query, each with a whole number of 1 or more."
  }
}
