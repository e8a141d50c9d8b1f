Feature: The API is watched and holds back who asks for too much

  @noskip
  Scenario: Every request is in the access log
    Given I have aws_apigatewayv2_stage defined
    Then it must have access_log_settings
    And it must have format
    And it must have requestId

  @noskip
  Scenario: The access log holds no address, no user agent and no claim of a token
    Given I have aws_apigatewayv2_stage defined
    Then it must have access_log_settings
    And it must have format
    And its value must not match the ".*(sourceIp|userAgent|claims|identity|caller|principalId)" regex

  @noskip
  Scenario: Every route has a limit to its requests in the long run
    Given I have aws_apigatewayv2_stage defined
    Then it must have default_route_settings
    And it must have throttling_rate_limit
    And its value must be greater than 0

  @noskip
  Scenario: Every route has a limit to its requests at once
    Given I have aws_apigatewayv2_stage defined
    Then it must have default_route_settings
    And it must have throttling_burst_limit
    And its value must be greater than 0

  @noskip
  Scenario Outline: The route <method> <path> has a limit of its own
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
