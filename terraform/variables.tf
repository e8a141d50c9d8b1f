# General settings. variables-*.tf has more, and the merge adds command_image, query_image and log_retention_in_days.

variable "environment" {
  description = "Name of the environment, which is also the Chalice stage. It is part of resource names and the value of the tag Environment. `make` sets it to ENV."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.environment))
    error_message = "environment must have 1 to 20 lowercase letters, digits and hyphens, beginning with a letter."
  }
}

variable "aws_region" {
  description = "AWS region of the stack, such as eu-central-1. `make` sets it to AWS_REGION."
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

variable "architecture" {
  description = "Instruction set architecture of the functions: x86_64 or arm64, which costs a fifth less. The images must be built for it, with PLATFORM=linux/amd64 or linux/arm64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "tags" {
  description = "Additional tags for all resources. Environment, ManagedBy and Project are always set."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) > 0 && length(key) <= 128 && !startswith(key, "aws:")])
    error_message = "A tag key must have 1 to 128 characters and must not begin with aws:."
  }
}

variable "permissions_boundary" {
  description = "Whether the roles of the functions have the permissions boundary of their environment, which terraform/bootstrap creates. GitHub's roles can apply no other. `make bootstrap` sets it, in bootstrap.auto.tfvars."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of a customer managed KMS key for the log groups and the alarm topic; its policy must allow logs.<region>.amazonaws.com and cloudwatch.amazonaws.com to use it. Without one, CloudWatch Logs uses its own encryption and the topic is not encrypted, because alarms cannot use the AWS managed key of SNS."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not of an alias."
  }
}

variable "tracing" {
  description = "What a trace in X-Ray shows of a function: `xray`, also each call of DynamoDB with its table, time, retries and status; or `off`, the function alone."
  type        = string
  default     = "xray"
  nullable    = false

  validation {
    condition     = contains(["xray", "off"], var.tracing)
    error_message = "tracing must be xray or off."
  }
}
