variable "events_table_name" {
  description = "Name of the table of events, by default PROJECT-events: 3 to 255 letters, digits, dots, underscores and hyphens."
  type        = string
  default     = null

  validation {
    condition     = var.events_table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.events_table_name))
    error_message = "events_table_name must have 3 to 255 letters, digits, dots, underscores and hyphens."
  }
}

variable "catalogue_table_name" {
  description = "Name of the table of the catalogue, by default PROJECT-catalogue: 3 to 255 letters, digits, dots, underscores and hyphens."
  type        = string
  default     = null

  validation {
    condition     = var.catalogue_table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.catalogue_table_name))
    error_message = "catalogue_table_name must have 3 to 255 letters, digits, dots, underscores and hyphens."
  }
}

variable "table_deletion_protection" {
  description = "Whether AWS refuses to delete the tables. Set it to false, and apply, before a destroy."
  type        = bool
  default     = true
  nullable    = false
}
