variable "repository" {
  description = "Repository on GitHub whose jobs assume the roles, as in the subject of its tokens: OWNER/REPO or, if it was created or renamed after July 15, 2026, OWNER@ID/REPO@ID. `make bootstrap REPOSITORY=` sets it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9](-?[A-Za-z0-9])*(@[0-9]+/[A-Za-z0-9._-]+@[0-9]+|/[A-Za-z0-9._-]+)$", var.repository))
    error_message = "repository must be OWNER/REPO or OWNER@ID/REPO@ID, without wildcards."
  }
}

variable "environments" {
  description = "Environments that are deployed to this account. Each has two roles: ENV-plan and ENV."
  type        = set(string)
  default     = ["production", "staging"]
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9-]{0,19}$", name)) && !endswith(name, "-plan") && name != "pull-request"])
    error_message = "environments must be names of 1 to 20 lowercase letters, digits and hyphens, beginning with a letter; other roles are called pull-request and end with -plan."
  }

  validation {
    condition     = alltrue([for one in var.environments : alltrue([for other in var.environments : one == other || !startswith(other, one)])])
    error_message = "No environment's name may begin that of another, since its roles have permissions by prefix."
  }
}

variable "aws_region" {
  description = "AWS region of the bucket and of what is deployed. `make` sets it to AWS_REGION."
  type        = string
  default     = "eu-central-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be the name of an AWS region, such as eu-central-1."
  }
}

variable "account_id" {
  description = "Id of the AWS account. Without it, a plan looks it up in AWS."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "state_bucket" {
  description = "Name of the bucket for the states. Without it, the name has the project, the account and the region."
  type        = string
  default     = null

  validation {
    condition     = var.state_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must have 3 to 63 lowercase letters, digits and hyphens, and no hyphen at either end."
  }
}

variable "old_state_days" {
  description = "Number of days after which old versions of a state expire. The newest ten stay."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.old_state_days >= 30 && floor(var.old_state_days) == var.old_state_days
    error_message = "old_state_days must be a whole number of 30 or more."
  }
}

variable "create_oidc_provider" {
  description = "Whether to create GitHub's OIDC provider. An account has only one: `make bootstrap` uses one that exists."
  type        = bool
  default     = true
  nullable    = false
}

variable "tables" {
  description = "Names of the tables of an environment, if you have named them; the end may be a wildcard. By default those of production are as terraform/ calls them, and those of others begin with the project and the environment."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for names in values(var.tables) : alltrue([for name in names : can(regex("^[A-Za-z0-9_.-]{3,}[*]?$", name))])])
    error_message = "Each of tables must be a name of 3 characters or more; only its end may be a wildcard."
  }
}

variable "zone_ids" {
  description = "Ids of the Route 53 zones in which an apply may write records, by environment: those of custom_domain."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for zones in values(var.zone_ids) : alltrue([for zone in zones : can(regex("^Z[A-Z0-9]+$", zone))])])
    error_message = "Each of zone_ids must be the id of a hosted zone, such as Z0123456789ABC."
  }
}

variable "tags" {
  description = "Additional tags for all resources. ManagedBy and Project are always set."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) > 0 && length(key) <= 128 && !startswith(key, "aws:")])
    error_message = "A tag key must have 1 to 128 characters and must not begin with aws:."
  }
}
