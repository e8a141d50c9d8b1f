variable "alarm_emails" {
  description = "Email addresses that alarms are sent to. Each recipient must confirm the subscription first."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails must be email addresses."
  }
}

variable "pager_endpoints" {
  description = "HTTPS URLs of the pager, such as PagerDuty's integration for CloudWatch. They are sent the composite alarm alone: users get errors, or reads are out of date."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.pager_endpoints : startswith(url, "https://")])
    error_message = "pager_endpoints must be https URLs."
  }
}

variable "runbook_url" {
  description = "URL of docs/how-to/runbook.md, which every alarm links to. `make` derives it from the Git remote `origin`; without one, alarms name the file."
  type        = string
  default     = null

  validation {
    condition     = var.runbook_url == null || can(regex("^https://[^ #]+$", var.runbook_url))
    error_message = "runbook_url must be an https URL without a fragment."
  }
}

variable "alarm_thresholds" {
  description = "Thresholds above which alarms go off: `api_errors`, the number of 5xx responses in five minutes; `duration_ms`, the p99 duration of each function behind the API; `projection_ms`, the p99 duration of the projector; `iterator_age_ms`, the age of the stream's records when the projector gets them; `projection_lag_s`, the time from an event to its view."
  type = object({
    api_errors       = optional(number, 5)
    duration_ms      = optional(number, 5000)
    projection_ms    = optional(number, 45000)
    iterator_age_ms  = optional(number, 60000)
    projection_lag_s = optional(number, 60)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for threshold in values(var.alarm_thresholds) : threshold >= 0])
    error_message = "alarm_thresholds must not be negative."
  }
}
