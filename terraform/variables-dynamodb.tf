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
