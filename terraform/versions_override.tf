# The merge requires version 5 or newer. The hand-written files were written for 5 and 6; test newer versions first.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}
