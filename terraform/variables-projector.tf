variable "projector" {
  description = "How the projector reads the stream: `parallelization`, the number of concurrent batches of each shard; `retries` of a failed batch, -1 for no limit; and `record_age_seconds`, the age at which a record goes to the dead-letter queue instead. It must be less than the 24 hours that the stream keeps records, or they could be lost unnoticed. Only an outage makes a batch fail, and it may last: with a limit of retries, an outage of minutes would lose views. A record that cannot be applied is no reason for a limit, because the projector sets its stream aside and never asks for it again."
  type = object({
    parallelization    = optional(number, 2)
    retries            = optional(number, -1)
    record_age_seconds = optional(number, 82800)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.projector.parallelization >= 1 && var.projector.parallelization <= 10
    error_message = "projector.parallelization must be 1 to 10, the range that Lambda supports."
  }

  validation {
    condition     = var.projector.retries == -1 || (var.projector.retries >= 1 && var.projector.retries <= 10000)
    error_message = "projector.retries must be -1 (retry until the record is too old) or 1 to 10000."
  }

  validation {
    condition     = var.projector.record_age_seconds >= 60 && var.projector.record_age_seconds <= 86400
    error_message = "projector.record_age_seconds must be 60 to 86400: the stream keeps records no longer."
  }
}
