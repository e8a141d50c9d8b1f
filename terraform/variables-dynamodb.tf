variable "events_table_name" {
  description = "Name of the events table: 3 to 255 letters, digits, dots, underscores and hyphens. By default PROJECT-events."
  type        = string
  default     = null

  validation {
    condition     = var.events_table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.events_table_name))
    error_message = "events_table_name must have 3 to 255 letters, digits, dots, underscores and hyphens."
  }
}

variable "catalogue_table_name" {
  description = "Name of the catalogue table: 3 to 255 letters, digits, dots, underscores and hyphens. By default PROJECT-catalogue."
  type        = string
  default     = null

  validation {
    condition     = var.catalogue_table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.catalogue_table_name))
    error_message = "catalogue_table_name must have 3 to 255 letters, digits, dots, underscores and hyphens."
  }
}

variable "table_deletion_protection" {
  description = "Whether AWS protects the tables from deletion. To destroy the stack, first set it to false and apply."
  type        = bool
  default     = true
  nullable    = false
}

variable "catalogue_point_in_time_recovery" {
  description = "Whether the catalogue can be restored to any second of the last 35 days, for $0.20 a month and GB (us-east-1). It can be rebuilt from the events (`make rebuild`), so by default it cannot; the events table always can."
  type        = bool
  default     = false
  nullable    = false
}
