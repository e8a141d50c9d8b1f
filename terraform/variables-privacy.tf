variable "actor" {
  description = "What the log keeps of whoever sent a command: `subject`, the subject of the token as it is; `digest`, a keyed digest of it, whose key must be in the parameter store before the first command (docs/explanation/privacy.md); or `none`. A change is for new events and breaks no idempotency key."
  type        = string
  default     = "subject"
  nullable    = false

  validation {
    condition     = contains(["subject", "digest", "none"], var.actor)
    error_message = "actor must be subject, digest or none."
  }
}
