variable "alarm_emails" {
  description = "Addresses that alarms are mailed to. Each is asked by mail to agree first."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails must be mail addresses."
  }
}

variable "alarm_thresholds" {
  description = "What each alarm goes off above: `api_errors` answers of 5xx in five minutes, `duration_ms` of the slowest hundredth of the calls of a function behind the API, `projection_ms` the same of the projector, `iterator_age_ms` that the catalogue is behind the events."
  type = object({
    api_errors      = optional(number, 5)
    duration_ms     = optional(number, 5000)
    projection_ms   = optional(number, 45000)
    iterator_age_ms = optional(number, 60000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for threshold in values(var.alarm_thresholds) : threshold >= 0])
    error_message = "alarm_thresholds must not be negative."
  }
}
