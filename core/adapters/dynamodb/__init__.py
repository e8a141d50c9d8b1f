"""The ports in Amazon DynamoDB.

``terraform/dynamodb.tf`` defines the two tables. A table of events may hold the streams of several
domains. A table of the catalogue holds one domain's read model: its indexes are those of that
domain's sorts.
"""
