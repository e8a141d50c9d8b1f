# For OFFLINE=1 only: make copies this file beside the stack's files in the build folder, where a plan calls no AWS API.
provider "aws" {
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
