# The two tables. apps/local/dynamodb_tables.py creates the same ones on DynamoDB Local; a test compares the two.

# The event log, the source of truth: an item for each event (version 1 and up) and for each claim (version 0).
resource "aws_dynamodb_table" "events" {
  name                        = coalesce(var.events_table_name, "${local.project}-events")
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "stream"
  range_key                   = "version"
  deletion_protection_enabled = var.table_deletion_protection

  attribute {
    name = "stream"
    type = "S"
  }

  attribute {
    name = "version"
    type = "N"
  }

  # For the projector. Events never change, so the new image is enough.
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"

  point_in_time_recovery {
    enabled = true
  }

  # With the AWS managed key (aws/dynamodb), whose use CloudTrail records.
  server_side_encryption {
    enabled = true
  }
}

# The read model: views, their places in listings, and the pointer to the current generation. It can be rebuilt from the
# events, so its point-in-time recovery is a choice.
resource "aws_dynamodb_table" "catalogue" {
  name                        = coalesce(var.catalogue_table_name, "${local.project}-catalogue")
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.table_deletion_protection

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.catalogue_point_in_time_recovery
  }

  server_side_encryption {
    enabled = true
  }
}
