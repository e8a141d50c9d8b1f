Feature: Pages of other origins may use the API only with tokens of their own

  @noskip
  Scenario: No page of another origin may send cookies
    Given I have any resource defined
    When its type is aws_apigatewayv2_api
    Then its allow_credentials property must not be true
