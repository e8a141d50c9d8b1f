Feature: The API logs and throttles requests

  @noskip
  Scenario: Every request is in the access log
    Given I have aws_apigatewayv2_stage defined
    Then it must have access_log_settings
    And it must have format
    And it must have requestId

  @noskip
  Scenario: The access log has no IP address, user agent or token claim
    Given I have aws_apigatewayv2_stage defined
    Then it must have access_log_settings
    And it must have format
    And its value must not match the ".*(sourceIp|userAgent|claims|identity|caller|principalId)" regex

  @noskip
  Scenario: Every route has a rate limit
    Given I have aws_apigatewayv2_stage defined
    Then it must have default_route_settings
    And it must have throttling_rate_limit
    And its value must be greater than 0

  @noskip
  Scenario: Every route has a burst limit
    Given I have aws_apigatewayv2_stage defined
    Then it must have default_route_settings
    And it must have throttling_burst_limit
    And its value must be greater than 0

  @noskip
  Scenario Outline: The route <method> <path> has its own limits
    Given I have aws_apigatewayv2_stage defined
    Then it must have route_settings
    And it must have route_key
    And any of its values must match the "^<method> /v1/catalog/<path>$" regex

    Examples:
      | method | path                   |
      | POST   | books                  |
      | PATCH  | books/{id}             |
      | DELETE | books/{id}             |
      | GET    | books/{id}/history     |
      | HEAD   | books/{id}/history     |
