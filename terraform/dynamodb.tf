# The two tables. apps/local/dynamodb_tables.py creates the same ones on DynamoDB Local; a test compares the two.

locals {
  # The sorts of the catalogue's listings, as core/domain/listing.py declares them.
  catalogue_sorts = ["title", "published", "added"]
}

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

# The read model: views, index entries and the pointer to the current generation. It can be rebuilt from the events.
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

  attribute {
    name = "facet"
    type = "S"
  }

  # One index for each sort of the listings; searches use the first.
  dynamic "attribute" {
    for_each = local.catalogue_sorts

    content {
      name = "${attribute.value}_key"
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = local.catalogue_sorts

    content {
      name            = "by_${global_secondary_index.value}"
      hash_key        = "facet"
      range_key       = "${global_secondary_index.value}_key"
      projection_type = "ALL"
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}
