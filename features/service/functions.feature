Feature: Functions run the images that we delivered

  @noskip
  Scenario: Every function is a container image
    Given I have aws_lambda_function defined
    Then it must have package_type
    And its value must be Image

  @noskip
  Scenario: Every image is named by its digest, in one of our repositories
    Given I have aws_lambda_function defined
    Then it must have image_uri
    And its value must match the "^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z][a-z0-9-]+/(command|query)@sha256:[0-9a-f]{64}$" regex

  @noskip
  Scenario: Every function is traced by X-Ray
    Given I have aws_lambda_function defined
    Then it must have tracing_config
    And it must have mode
    And its value must be Active

  @noskip
  Scenario: No function has a key, a token or a password in its environment
    Given I have aws_lambda_function defined
    Then it must have environment
    And it must have variables
    And its value must not match the ".*(AKIA|ASIA|eyJ|BEGIN |secret|password|[^\s/]+:[^\s/]+@)" regex

  @noskip
  Scenario: Every function stores its data in DynamoDB
    Given I have aws_lambda_function defined
    Then it must have environment
    And it must have variables
    And it must have STORE
    And its value must be dynamodb
