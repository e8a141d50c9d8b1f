Feature: Terraform's state is protected

  @noskip
  Scenario: What a state held before is kept
    Given I have aws_s3_bucket_versioning defined
    Then it must have versioning_configuration
    And it must have status
    And its value must match the "^Enabled$" regex

  @noskip
  Scenario: Old versions of a state expire
    Given I have aws_s3_bucket_lifecycle_configuration defined
    Then it must have rule
    And it must have noncurrent_version_expiration
    And it must have noncurrent_days

  @noskip
  Scenario: States are encrypted
    Given I have aws_s3_bucket_server_side_encryption_configuration defined
    Then it must have rule
    And it must have apply_server_side_encryption_by_default
    And it must have sse_algorithm
    And its value must match the "^(AES256|aws:kms)$" regex

  @noskip
  Scenario Outline: The bucket of states is never public: <setting>
    Given I have aws_s3_bucket_public_access_block defined
    Then it must have <setting>
    And its value must be True

    Examples:
      | setting                 |
      | block_public_acls       |
      | block_public_policy     |
      | ignore_public_acls      |
      | restrict_public_buckets |

  @noskip
  Scenario: States travel over TLS only
    Given I have aws_s3_bucket_policy defined
    Then it must have policy
    And it must have Statement
    When its Effect is Deny
    Then it must have Condition
    And it must have aws:SecureTransport
    And its value must be false
