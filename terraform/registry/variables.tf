variable "aws_region" {
  description = "AWS region of the registry, which must be that of the functions. `make` sets it to AWS_REGION."
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

variable "kms_key_arn" {
  description = "ARN of a customer managed KMS key that encrypts the images. Without one, ECR encrypts them with AES-256 and its own key. Changing it replaces the repositories."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not of an alias."
  }
}

variable "kept_images" {
  description = "Number of images to keep of each app, for all environments together. A function whose image has expired fails, because Lambda fetches it again from time to time: keep many more than are delivered between two deployments of any environment. Images share their layers, so many cost little."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.kept_images >= 10 && floor(var.kept_images) == var.kept_images
    error_message = "kept_images must be a whole number of 10 or more."
  }
}

variable "force_delete" {
  description = "Whether a destroy deletes repositories that still contain images."
  type        = bool
  default     = false
  nullable    = false
}
