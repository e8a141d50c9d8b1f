# The two tables. This file defines them; apps/local/dynamodb_tables.py follows it, and a test fails where they differ.

locals {
  # The sorts of the catalogue's listings, as core/domain/listing.py declares them.
  catalogue_sorts = ["title", "published", "added"]
}

# The truth: an item for each event (stream, version 1 and up), and one for each claim (version 0).
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

  # The projector reads it. An event never changes, so its image when it is new is all there is.
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"

  point_in_time_recovery {
    enabled = true
  }

  # With the account's key for DynamoDB (aws/dynamodb), whose use CloudTrail shows.
  server_side_encryption {
    enabled = true
  }
}

# The read model: views, index entries, the pointer to the generation that serves. It can be made anew from the events.
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

  # One index for each sort of a listing; searches by word use the first.
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
