# Where records end that the projector could not apply. A message tells shard and sequence numbers, not the record:
# it can be read from the stream for 24 hours. The next event of the same book heals its view, and so does a rebuild.
resource "aws_sqs_queue" "projector_failures" {
  name                      = "${local.name}-projector-failures"
  message_retention_seconds = 1209600 # 14 days, the most there is
  sqs_managed_sse_enabled   = true
}
