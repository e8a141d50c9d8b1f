Feature: Every function may do what it needs, and nothing else

  @noskip
  Scenario: No policy allows a kind of action as a whole
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must not match the ".*\*" regex

  # A table's streams and indexes and a group's log streams are named by AWS or come and go with their owner.
  @noskip
  Scenario: Resources are named, but for traces and for what belongs to a resource that is named
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Resource
    And its value must match the "^(\*|[^*]+|[^*]+:table/[^*/]+/(stream|index)/\*|[^*]+:log-group:/aws/lambda/[a-z][a-z0-9-]+:\*)$" regex

  # X-Ray knows no resources.
  @noskip
  Scenario: All resources are allowed for sending traces alone
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Resource is "^\*$" regex
    Then it must have Action
    And its value must match the "^xray:Put(TelemetryRecords|TraceSegments)$" regex

  @noskip
  Scenario: Only the command function writes events
    Given I have aws_iam_role_policy defined
    When its address is not "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    When its Resource is "^[^{]*:table/[^/]*events$" regex
    Then it must have Action
    And its value must match the "^dynamodb:(GetItem|Query)$" regex

  @noskip
  Scenario: Nobody changes an event, and only claims are taken back
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    When its Sid is "^(?!ReleaseClaims$)[^{]" regex
    Then it must have Action
    And its value must not match the ".*(Update|Delete|BatchWrite|PartiQL)" regex

  @noskip
  Scenario: Claims are taken back where the key says that they are claims
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    When its Sid is ReleaseClaims
    Then it must have Condition
    And it must have dynamodb:LeadingKeys
    And its value must match the "^claim#\*$" regex

  @noskip
  Scenario: Only the projector writes the catalogue
    Given I have aws_iam_role_policy defined
    When its address is not "aws_iam_role_policy\.query_project_role$" regex
    Then it must have policy
    And it must have Statement
    When its Resource is "^[^{]*:table/[^/]*catalogue" regex
    Then it must have Action
    And its value must match the "^dynamodb:(GetItem|Query)$" regex

  @noskip
  Scenario: The command function does not see the catalogue
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    And it must have Resource
    And its value must not match the ".*catalogue" regex

  @noskip
  Scenario: Policies only allow
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Effect
    And its value must be Allow
