Feature: Writes and audits require a token with the right scope

  @noskip
  Scenario: Every route that writes requires a token
    Given I have aws_apigatewayv2_route defined
    When its route_key is not "^(GET|HEAD) /" regex
    Then it must have authorization_type
    And its value must be JWT

  @noskip
  Scenario: Every route that writes requires the scope books:write
    Given I have aws_apigatewayv2_route defined
    When its route_key is not "^(GET|HEAD) /" regex
    Then it must have authorization_scopes
    And its value must match the "^books:write$" regex

  @noskip
  Scenario: The history of a book requires a token
    Given I have aws_apigatewayv2_route defined
    When its route_key is "^(GET|HEAD) /v1/catalog/books/\{id\}/history$" regex
    Then it must have authorization_type
    And its value must be JWT

  @noskip
  Scenario: The history of a book requires the scope books:audit
    Given I have aws_apigatewayv2_route defined
    When its route_key is "^(GET|HEAD) /v1/catalog/books/\{id\}/history$" regex
    Then it must have authorization_scopes
    And its value must match the "^books:audit$" regex

  # To make a route public, add it to this list deliberately.
  @noskip
  Scenario: Only books, health and the documentation are public
    Given I have aws_apigatewayv2_route defined
    When its authorization_type is not JWT
    Then it must have route_key
    And its value must match the "^(GET|HEAD) /v1/catalog/(books|books/\{id\}|health/(command|query)|openapi\.json|docs|docs/\{asset\}|problems/\{name\})$" regex

  @noskip
  Scenario: Tokens are checked by a JWT authorizer
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have authorizer_type
    And its value must be JWT

  @noskip
  Scenario: The issuer of tokens uses https
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have jwt_configuration
    And it must have issuer
    And its value must match the "^https://[^/]+" regex

  @noskip
  Scenario: Tokens are for this API
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have jwt_configuration
    And it must have audience
    And its value must match the "^\S+$" regex

  @noskip
  Scenario: The token is read from the Authorization header
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have identity_sources
    And its value must match the "^\$request\.header\.Authorization$" regex
