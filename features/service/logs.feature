Feature: Logs are kept for a limited time

  @noskip
  Scenario: Every log group has a retention period
    Given I have aws_cloudwatch_log_group defined
    Then it must have retention_in_days
    And its value must be greater than 0

  @noskip
  Scenario: The command function has a log group in the stack
    Given I have aws_cloudwatch_log_group defined
    When its name is "^/aws/lambda/[a-z][a-z0-9-]*-command-[a-z0-9-]+$" regex
    Then it must have retention_in_days

  @noskip
  Scenario: The query function has a log group in the stack
    Given I have aws_cloudwatch_log_group defined
    When its name is "^/aws/lambda/[a-z][a-z0-9-]*-query-(?!.*-(?:project|publish)$)[a-z0-9-]+$" regex
    Then it must have retention_in_days

  @noskip
  Scenario: The projector has a log group in the stack
    Given I have aws_cloudwatch_log_group defined
    When its name is "^/aws/lambda/[a-z][a-z0-9-]*-query-[a-z0-9-]+-project$" regex
    Then it must have retention_in_days

  @noskip
  Scenario: The API has a log group in the stack
    Given I have aws_cloudwatch_log_group defined
    When its name is "^/aws/vendedlogs/apigateway/[a-z][a-z0-9-]+$" regex
    Then it must have retention_in_days
