variable "aws_region" {
  description = "AWS region of the registry, which must be the functions' own. `make` sets it to AWS_REGION."
  type        = string
  default     = "eu-central-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be the name of an AWS region, such as eu-central-1."
  }
}

variable "account_id" {
  description = "AWS account of the registry. Without it AWS is asked, also by a plan."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "tags" {
  description = "More tags for everything. ManagedBy and Project are set anyway."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) > 0 && length(key) <= 128 && !startswith(key, "aws:")])
    error_message = "A tag's key has 1 to 128 characters and does not start with aws:."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of yours to encrypt images with. Without one, ECR encrypts with AES-256 and a key of its own. A change makes the repositories anew."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (not of an alias)."
  }
}

variable "kept_images" {
  description = "Images of each app to keep; older ones cannot be rolled back to. A function goes on with an image that is gone here only until Lambda has to fetch it again, so keep well more than are in use."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.kept_images >= 10 && floor(var.kept_images) == var.kept_images
    error_message = "kept_images must be a whole number of 10 or more."
  }
}

variable "force_delete" {
  description = "Whether a destroy takes repositories away that still have images."
  type        = bool
  default     = false
  nullable    = false
}
