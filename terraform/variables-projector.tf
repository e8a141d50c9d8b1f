variable "projector" {
  description = "How the projector follows the events: `parallelization` batches of one shard at a time, `retries` of a batch that failed, and `record_age_seconds` after which a record is set aside untried. The stream keeps records for 24 hours, so a smaller age loses none unseen."
  type = object({
    parallelization    = optional(number, 2)
    retries            = optional(number, 10)
    record_age_seconds = optional(number, 82800)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.projector.parallelization >= 1 && var.projector.parallelization <= 10
    error_message = "projector.parallelization must be 1 to 10, which is what Lambda allows."
  }

  validation {
    condition     = var.projector.retries >= 1 && var.projector.retries <= 10000
    error_message = "projector.retries must be 1 to 10000: with no end to them one bad record would stop its shard."
  }

  validation {
    condition     = var.projector.record_age_seconds >= 60 && var.projector.record_age_seconds <= 86400
    error_message = "projector.record_age_seconds must be 60 to 86400: the stream keeps nothing longer."
  }
}
