variable "rollout" {
  description = "Gradual rollout. Unless null, every change to the functions behind the API publishes a version, and the API invokes the alias `live`. For an app (command, query) in `stable_versions`, the alias routes requests to that version, except for the share `new_share` (0 to 1), which the newest version gets. For other apps it is the newest version."
  type = object({
    stable_versions = optional(map(string), {})
    new_share       = optional(number, 0)
  })
  default = null

  validation {
    condition     = var.rollout == null || alltrue([for app, version in try(var.rollout.stable_versions, {}) : contains(["command", "query"], app) && can(regex("^[1-9][0-9]*$", version))])
    error_message = "rollout.stable_versions accepts command and query, each with a version number."
  }

  validation {
    condition     = var.rollout == null || try(var.rollout.new_share >= 0 && var.rollout.new_share < 1, false)
    error_message = "rollout.new_share must be 0 or more and less than 1; to route all requests to the newest version, remove the app from stable_versions."
  }
}

variable "provisioned_concurrency" {
  description = "Provisioned concurrency of each app behind the API (command, query); an app that is not listed has none. AWS does not support it while a rollout routes the app's requests to two versions."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for app, count in var.provisioned_concurrency : contains(["command", "query"], app) && count >= 1 && floor(count) == count])
    error_message = "provisioned_concurrency accepts command and query, each with a whole number of 1 or more."
  }
}
