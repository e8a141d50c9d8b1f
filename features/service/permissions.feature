Feature: Functions have only the permissions they need

  @noskip
  Scenario: No policy allows actions by wildcard
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must not match the ".*\*" regex

  # AWS names the streams of a table and the log streams of a group.
  @noskip
  Scenario: Policies name their resources, except for traces and for parts of a named resource
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Resource
    And its value must match the "^(\*|[^*]+|[^*]+:table/[^*/]+/stream/\*|[^*]+:log-group:/aws/lambda/[a-z][a-z0-9-]+:\*)$" regex

  # X-Ray does not support resource-level permissions.
  @noskip
  Scenario: Only sending traces is allowed on all resources
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
    When its Sid is "^(?!KeepSnapshots$)[^{]" regex
    When its Resource is "^[^{]*:table/[^/]*events$" regex
    Then it must have Action
    And its value must match the "^dynamodb:(GetItem|Query)$" regex

  @noskip
  Scenario: Snapshots are put, and neither changed nor deleted
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is KeepSnapshots
    Then it must have Action
    And its value must be dynamodb:PutItem

  @noskip
  Scenario: The projector may put only items whose key is that of a snapshot
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is KeepSnapshots
    Then it must have Condition
    And it must have dynamodb:LeadingKeys
    And its value must match the "^snapshot#\*$" regex

  @noskip
  Scenario: The command function may not change or delete events
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    When its Sid is "^(?!ReleaseClaims$)[^{]" regex
    Then it must have Action
    And its value must not match the ".*(Update|Delete|BatchWrite|PartiQL)" regex

  @noskip
  Scenario: The command function may delete only items whose key is that of a claim
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
    And its value must match the "^dynamodb:(BatchGetItem|GetItem|Query|Scan)$" regex

  @noskip
  Scenario: The command function has no access to the catalogue
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.command_api_handler_role$" regex
    Then it must have policy
    And it must have Statement
    And it must have Resource
    And its value must not match the ".*catalogue" regex

  @noskip
  Scenario: Policies have no Deny statements
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Effect
    And its value must be Allow
