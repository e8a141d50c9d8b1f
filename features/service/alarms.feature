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
  Scenario: An alarm goes off when a record is in the dead-letter queue
    Given I have aws_cloudwatch_metric_alarm defined
    When its metric_name is ApproximateNumberOfMessagesVisible
    Then it must have threshold
    And its value must be equal to 0

  @noskip
  Scenario: Alarms are published to the topic
    Given I have aws_cloudwatch_metric_alarm defined
    Then it must have "aws_sns_topic.alarms" referenced

  @noskip
  Scenario: There is a dashboard
    Given I have aws_cloudwatch_dashboard defined
    Then it must have dashboard_name
