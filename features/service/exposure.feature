Feature: API Gateway is the only entry point

  @noskip
  Scenario: Only API Gateway may invoke functions
    Given I have aws_lambda_permission defined
    Then it must have principal
    And its value must be apigateway.amazonaws.com

  @noskip
  Scenario: No function has a URL
    Given I have any resource defined
    Then its type property must not be aws_lambda_function_url

  @noskip
  Scenario: Only functions may assume roles
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Principal
    And it must have Service
    And its value must be lambda.amazonaws.com

  @noskip
  Scenario: No role has an attached managed policy
    Given I have any resource defined
    Then its type property must not be aws_iam_role_policy_attachment

  @noskip
  Scenario: There are no access keys
    Given I have any resource defined
    Then its type property must not be aws_iam_access_key

  @noskip
  Scenario: Nothing is stored in buckets
    Given I have any resource defined
    Then its type property must not be aws_s3_bucket
