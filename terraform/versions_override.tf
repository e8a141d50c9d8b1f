# The merge asks for version 5 or newer. What is written by hand here was made for 5 and 6; a newer one is to be tried first.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}
