variable "reserved_concurrency" {
  description = "Reserved concurrency of each function (`command`, `query`, `projector`, `publisher`): the share of the account's concurrency that it always has and never exceeds, so that readers starve neither writers nor the projector. A function without one shares the rest of the account's concurrency, of which AWS keeps 100 unreserved; an account limited to less, such as a new one with 10, can reserve nothing. The projector uses at most `projector.parallelization` for each shard of the stream."
  type = object({
    command   = optional(number)
    query     = optional(number)
    projector = optional(number)
    publisher = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for count in values(var.reserved_concurrency) : count == null ? true : count >= 1 && floor(count) == count])
    error_message = "reserved_concurrency needs whole numbers of 1 or more: with 0 AWS would never run the function."
  }
}
