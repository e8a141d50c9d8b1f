Feature: Only callers with a token that names the scope may write or audit

  @noskip
  Scenario: Every route that writes asks for a token
    Given I have aws_apigatewayv2_route defined
    When its route_key is not "^GET /" regex
    Then it must have authorization_type
    And its value must be JWT

  @noskip
  Scenario: Every route that writes asks for the scope books:write
    Given I have aws_apigatewayv2_route defined
    When its route_key is not "^GET /" regex
    Then it must have authorization_scopes
    And its value must match the "^books:write$" regex

  @noskip
  Scenario: The history of a book asks for a token
    Given I have aws_apigatewayv2_route defined
    When its route_key is "^GET /v1/catalog/books/\{id\}/history$" regex
    Then it must have authorization_type
    And its value must be JWT

  @noskip
  Scenario: The history of a book asks for the scope books:audit
    Given I have aws_apigatewayv2_route defined
    When its route_key is "^GET /v1/catalog/books/\{id\}/history$" regex
    Then it must have authorization_scopes
    And its value must match the "^books:audit$" regex

  # A new public route is added to this list on purpose, or not at all.
  @noskip
  Scenario: Only books, health and the documentation are public
    Given I have aws_apigatewayv2_route defined
    When its authorization_type is not JWT
    Then it must have route_key
    And its value must match the "^GET /v1/catalog/(books|books/\{id\}|health/(command|query)|openapi\.json|docs)$" regex

  @noskip
  Scenario: Tokens are checked by a JWT authorizer
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have authorizer_type
    And its value must be JWT

  @noskip
  Scenario: Tokens come from an issuer behind https
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
  Scenario: The token is read from the header Authorization
    Given I have aws_apigatewayv2_authorizer defined
    Then it must have identity_sources
    And its value must match the "^\$request\.header\.Authorization$" regex
