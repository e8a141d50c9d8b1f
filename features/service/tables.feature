Feature: What is written is safe

  @noskip
  Scenario: Every table is encrypted
    Given I have aws_dynamodb_table defined
    Then it must have server_side_encryption
    And it must have enabled
    And its value must be True

  @noskip
  Scenario: Every table can be brought back to any second of the last weeks
    Given I have aws_dynamodb_table defined
    Then it must have point_in_time_recovery
    And it must have enabled
    And its value must be True

  @noskip
  Scenario: No table can be deleted by mistake
    Given I have aws_dynamodb_table defined
    Then it must have deletion_protection_enabled
    And its value must be True

  @noskip
  Scenario: Every table grows with what is asked of it
    Given I have aws_dynamodb_table defined
    Then it must have billing_mode
    And its value must be PAY_PER_REQUEST

  @noskip
  Scenario: The table of events tells of each new event
    Given I have aws_dynamodb_table defined
    When its hash_key is stream
    Then it must have stream_view_type
    And its value must be NEW_IMAGE
