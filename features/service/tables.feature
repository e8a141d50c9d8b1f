Feature: Stored data is protected

  @noskip
  Scenario: Every table is encrypted
    Given I have aws_dynamodb_table defined
    Then it must have server_side_encryption
    And it must have enabled
    And its value must be True

  @noskip
  Scenario: The events table has point-in-time recovery
    Given I have aws_dynamodb_table defined
    When its hash_key is stream
    Then it must have point_in_time_recovery
    And it must have enabled
    And its value must be True

  @noskip
  Scenario: No table can be deleted accidentally
    Given I have aws_dynamodb_table defined
    Then it must have deletion_protection_enabled
    And its value must be True

  @noskip
  Scenario: Every table has on-demand capacity
    Given I have aws_dynamodb_table defined
    Then it must have billing_mode
    And its value must be PAY_PER_REQUEST

  @noskip
  Scenario: The stream of the events table has the new image of each item
    Given I have aws_dynamodb_table defined
    When its hash_key is stream
    Then it must have stream_view_type
    And its value must be NEW_IMAGE
