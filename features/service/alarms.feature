Feature: Failures raise alarms

  @noskip
  Scenario: An alarm goes off when the API returns 5xx
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is 5xx
    Then it must have namespace
    And its value must be AWS/ApiGateway

  @noskip
  Scenario: An alarm goes off when a function fails
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is Errors
    Then it must have namespace
    And its value must be AWS/Lambda

  @noskip
  Scenario: An alarm goes off when a function is throttled
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is Throttles
    Then it must have namespace
    And its value must be AWS/Lambda

  @noskip
  Scenario: An alarm goes off when a function is slow
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is Duration
    Then it must have namespace
    And its value must be AWS/Lambda

  @noskip
  Scenario: An alarm goes off when the projector gets records late
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is IteratorAge
    Then it must have namespace
    And its value must be AWS/Lambda

  @noskip
  Scenario: An alarm goes off when the catalogue lags behind the events
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is ProjectionLag
    Then it must have dimensions
    And it must have service
    And its value must be projector

  @noskip
  Scenario: An alarm goes off when an event is set aside
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is EventsSetAside
    Then it must have threshold
    And its value must be equal to 0

  @noskip
  Scenario: An alarm goes off when events are written and the projector is not invoked
    Given I have aws_cloudwatch_metric_alarm defined
    When its alarm_name is "^[a-z0-9-]+-projector-stopped$" regex
    Then it must have metric_query
    And it must have expression
    And its value must match the "^IF\(.* > 0 AND FILL\(invocations, 0\) == 0, 1, 0\)$" regex

  @noskip
  Scenario: An alarm goes off when a record arrives in the dead-letter queue
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is NumberOfMessagesSent
    Then it must have threshold
    And its value must be equal to 0

  @noskip
  Scenario: An alarm on the dead-letter queue ends, so that it goes off at the next record
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is NumberOfMessagesSent
    Then it must have evaluation_periods
    And its value must be less and equal to 4

  @noskip
  Scenario: An alarm goes off when records stay in the dead-letter queue
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is ApproximateAgeOfOldestMessage
    Then it must have threshold
    And its value must be less and equal to 86400

  @noskip
  Scenario: An alarm goes off when a record cannot be put into the dead-letter queue
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is DestinationDeliveryFailures
    Then it must have threshold
    And its value must be equal to 0

  @noskip
  Scenario: An alarm goes off when a table throttles reads
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is ReadThrottleEvents
    Then it must have namespace
    And its value must be AWS/DynamoDB

  @noskip
  Scenario: An alarm goes off when a table throttles writes
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is WriteThrottleEvents
    Then it must have namespace
    And its value must be AWS/DynamoDB

  @noskip
  Scenario: Every alarm goes back to OK when there is nothing to measure
    Given I have aws_cloudwatch_metric_alarm defined
    Then it must have treat_missing_data
    And its value must be notBreaching

  @noskip
  Scenario: Every alarm links to the runbook
    Given I have aws_cloudwatch_metric_alarm defined
    Then it must have alarm_description
    And its value must match the ".*docs/how-to/runbook.md#[a-z0-9-]+$" regex

  @noskip
  Scenario: Alarms are published to the topic
    Given I have aws_cloudwatch_metric_alarm defined
    Then it must have "aws_sns_topic.alarms" referenced

  @noskip
  Scenario: The pager is alerted when users get errors
    Given I have aws_cloudwatch_composite_alarm defined
    Then it must have alarm_rule
    And its value must match the ".*ALARM\(.[a-z0-9-]+-api-5xx.\)" regex

  @noskip
  Scenario: The pager is alerted when reads are out of date
    Given I have aws_cloudwatch_composite_alarm defined
    Then it must have alarm_rule
    And its value must match the ".*ALARM\(.[a-z0-9-]+-projection-lag.\)" regex

  @noskip
  Scenario: The pager is alerted when the projector gets records late
    Given I have aws_cloudwatch_composite_alarm defined
    Then it must have alarm_rule
    And its value must match the ".*ALARM\(.[a-z0-9-]+-projector-iterator-age.\)" regex

  @noskip
  Scenario: The pager is alerted when the projector is not invoked
    Given I have aws_cloudwatch_composite_alarm defined
    Then it must have alarm_rule
    And its value must match the ".*ALARM\(.[a-z0-9-]+-projector-stopped.\)" regex

  @noskip
  Scenario: The alarm for the pager is published to its topic
    Given I have aws_cloudwatch_composite_alarm defined
    Then it must have "aws_sns_topic.pager" referenced

  @noskip
  Scenario: There is a dashboard
    Given I have aws_cloudwatch_dashboard defined
    Then it must have dashboard_name
