Feature: The projector misses no event, and neither an outage nor a bad record stops it for good

  @noskip
  Scenario: It starts with the oldest event in the stream
    Given I have aws_lambda_event_source_mapping defined
    Then it must have starting_position
    And its value must be TRIM_HORIZON

  @noskip
  Scenario: It reports failed records individually
    Given I have aws_lambda_event_source_mapping defined
    Then it must have function_response_types
    And its value must match the "^ReportBatchItemFailures$" regex

  @noskip
  Scenario: It splits a batch whose invocation fails
    Given I have aws_lambda_event_source_mapping defined
    Then it must have bisect_batch_on_function_error
    And its value must be True

  # An outage may last longer than any number of retries. The projector sets aside what cannot be applied.
  @noskip
  Scenario: It retries what failed until it is too old
    Given I have aws_lambda_event_source_mapping defined
    Then it must have maximum_retry_attempts
    And its value must match the "^-1$" regex

  @noskip
  Scenario: It limits the age of a record
    Given I have aws_lambda_event_source_mapping defined
    Then it must have maximum_record_age_in_seconds
    And its value must match the "^[0-9]{2,5}$" regex

  @noskip
  Scenario: It sends discarded records to the dead-letter queue
    Given I have aws_lambda_event_source_mapping defined
    When its address is "aws_lambda_event_source_mapping\.query_project-dynamodb-event-source" regex
    Then it must have "aws_sqs_queue.projector_failures" referenced

  @noskip
  Scenario: It is invoked for events and not for claims
    Given I have aws_lambda_event_source_mapping defined
    Then it must have filter_criteria
    And it must have pattern
    And it must have anything-but
    And its value must match the "^0$" regex

  @noskip
  Scenario: It reads the stream of the events table
    Given I have aws_lambda_event_source_mapping defined
    Then it must have "aws_dynamodb_table.events" referenced

  @noskip
  Scenario: The dead-letter queue is encrypted
    Given I have aws_sqs_queue defined
    Then it must have sqs_managed_sse_enabled
    And its value must be True

  @noskip
  Scenario: The dead-letter queue keeps messages for two weeks
    Given I have aws_sqs_queue defined
    Then it must have message_retention_seconds
    And its value must be equal to 1209600
