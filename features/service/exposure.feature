Feature: There is one door

  @noskip
  Scenario: Functions are called by API Gateway alone
    Given I have aws_lambda_permission defined
    Then it must have principal
    And its value must be apigateway.amazonaws.com

  @noskip
  Scenario: No function has an address of its own
    Given I have any resource defined
    Then its type property must not be aws_lambda_function_url

  @noskip
  Scenario: Roles are for functions alone
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Principal
    And it must have Service
    And its value must be lambda.amazonaws.com

  @noskip
  Scenario: No role has a policy that is not ours
    Given I have any resource defined
    Then its type property must not be aws_iam_role_policy_attachment

  @noskip
  Scenario: There is no user with keys
    Given I have any resource defined
    Then its type property must not be aws_iam_access_key

  @noskip
  Scenario: Nothing is stored in buckets
    Given I have any resource defined
    Then its type property must not be aws_s3_bucket
