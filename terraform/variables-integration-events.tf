variable "integration_events" {
  description = "Public messages of events for other teams, as CloudEvents on an EventBridge bus. Unless null, there is a bus and a function that follows the stream: `{}` will do. `source` is the CloudEvents attribute, a URI reference, by default the path of the collection; subscribers may rely on it, so it does not change. `archive_days` keeps an archive of the bus, from which messages can be sent again. `wait_seconds` is how long an event that the publisher cannot read is waited for, as one of a newer version is during a deployment, before it goes to the dead-letter queue; it holds up others meanwhile. `record_age_seconds` is the age at which a record that could not be sent goes to the dead-letter queue."
  type = object({
    source             = optional(string)
    archive_days       = optional(number)
    wait_seconds       = optional(number, 300)
    record_age_seconds = optional(number, 82800)
  })
  default = null

  validation {
    condition     = can(regex("^[!-~]+$", coalesce(try(var.integration_events.source, null), "/")))
    error_message = "integration_events.source must be a URI reference, without spaces."
  }

  validation {
    condition     = try(var.integration_events.archive_days, null) == null ? true : var.integration_events.archive_days >= 1 && floor(var.integration_events.archive_days) == var.integration_events.archive_days
    error_message = "integration_events.archive_days must be a whole number of 1 or more."
  }

  validation {
    condition     = var.integration_events == null ? true : var.integration_events.wait_seconds >= 0 && floor(var.integration_events.wait_seconds) == var.integration_events.wait_seconds
    error_message = "integration_events.wait_seconds must be a whole number of 0 or more."
  }

  validation {
    condition     = var.integration_events == null ? true : var.integration_events.record_age_seconds >= 60 && var.integration_events.record_age_seconds <= 86400
    error_message = "integration_events.record_age_seconds must be 60 to 86400: the stream keeps records no longer."
  }
}
