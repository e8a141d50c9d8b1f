Feature: Only jobs of the repository assume the roles

  @noskip
  Scenario: A role is for one environment of the repository, or for its pull requests
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Condition
    And it must have StringEquals
    And it must have token.actions.githubusercontent.com:sub
    And its value must match the "^repo:[A-Za-z0-9@-]+/[A-Za-z0-9._@-]+:(pull_request|environment:[a-z0-9-]+)$" regex

  @noskip
  Scenario: No trust policy compares by pattern
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Condition
    And it must not have StringLike

  @noskip
  Scenario: Tokens were issued for AWS
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Condition
    And it must have StringEquals
    And it must have token.actions.githubusercontent.com:aud
    And its value must be sts.amazonaws.com

  @noskip
  Scenario: Tokens were issued by GitHub
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Principal
    And it must have Federated
    And its value must match the ".*:oidc-provider/token\.actions\.githubusercontent\.com$" regex

  @noskip
  Scenario: Roles are assumed with a token only
    Given I have aws_iam_role defined
    Then it must have assume_role_policy
    And it must have Statement
    And it must have Action
    And its value must be sts:AssumeRoleWithWebIdentity
