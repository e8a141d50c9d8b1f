"""The ports in Amazon DynamoDB, by boto3's low-level client. ``terraform/dynamodb.tf`` defines the two tables."""
