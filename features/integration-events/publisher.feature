Feature: Integration events leave by one bus, in the order of each stream, and no failure loses one

  @noskip
  Scenario: Only the publisher sends to an event bus
    Given I have aws_iam_role_policy defined
    When its address is not "aws_iam_role_policy\.query_publish_role" regex
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must not match the "^events:" regex

  @noskip
  Scenario: The publisher may do nothing to a bus but send
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.query_publish_role" regex
    Then it must have policy
    And it must have Statement
    When its Sid is SendMessages
    Then it must have Action
    And its value must be events:PutEvents

  @noskip
  Scenario: The publisher sends to the bus of integration events alone
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.query_publish_role" regex
    Then it must have policy
    And it must have Statement
    When its Sid is SendMessages
    Then it must have Resource
    And its value must match the "^arn:[^:*]+:events:[^:*]+:[0-9]{12}:event-bus/[a-z0-9-]+-integration-events$" regex

  @noskip
  Scenario: The publisher only reads the events table
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.query_publish_role" regex
    Then it must have policy
    And it must have Statement
    When its Resource is "^[^{]*:table/[^/]*events$" regex
    Then it must have Action
    And its value must match the "^dynamodb:Query$" regex

  @noskip
  Scenario: The publisher has no access to the catalogue
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.query_publish_role" regex
    Then it must have policy
    And it must have Statement
    And it must have Resource
    And its value must not match the ".*catalogue" regex

  # An event that is changed later, to erase a person, is no new one.
  @noskip
  Scenario: The publisher is invoked for what is inserted alone
    Given I have aws_lambda_event_source_mapping defined
    When its address is "aws_lambda_event_source_mapping\.query_publish-dynamodb-event-source" regex
    Then it must have filter_criteria
    And it must have pattern
    And it must have eventName
    And its value must match the "^INSERT$" regex

  # Parallel batches of a shard keep the order of each item, and the events of a stream are different items.
  @noskip
  Scenario: The publisher handles one batch of a shard at a time
    Given I have aws_lambda_event_source_mapping defined
    When its address is "aws_lambda_event_source_mapping\.query_publish-dynamodb-event-source" regex
    Then it must have parallelization_factor
    And its value must be equal to 1

  @noskip
  Scenario: The publisher sends discarded records to a dead-letter queue of its own
    Given I have aws_lambda_event_source_mapping defined
    When its address is "aws_lambda_event_source_mapping\.query_publish-dynamodb-event-source" regex
    Then it must have "aws_sqs_queue.publisher_failures" referenced

  @noskip
  Scenario: An alarm goes off when the publisher sets an event aside
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is EventsNotPublished
    Then it must have threshold
    And its value must be equal to 0

  @noskip
  Scenario: The publisher has a log group in the stack
    Given I have aws_cloudwatch_log_group defined
    When its name is "^/aws/lambda/[a-z][a-z0-9-]*-query-[a-z0-9-]+-publish$" regex
    Then it must have retention_in_days
    And its value must be greater than 0
