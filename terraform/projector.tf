# The dead-letter queue for records that were not projected before they grew too old: after an outage of 23 hours. What
# cannot be applied is not here; the catalogue lists the streams that the projector has set aside. A message has the shard
# and sequence numbers, not the record itself, which stays in the stream for another hour. The next event of the same book
# repairs its view, and so does make verify REPAIR=1.
resource "aws_sqs_queue" "projector_failures" {
  name                      = "${local.name}-projector-failures"
  message_retention_seconds = 1209600 # 14 days, the maximum
  sqs_managed_sse_enabled   = true
}
