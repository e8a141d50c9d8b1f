Feature: GitHub's roles have only the permissions they need

  @noskip
  Scenario: No role's policy allows actions by wildcard
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must not match the ".*\*" regex

  @noskip
  Scenario: No managed policy allows actions by wildcard
    Given I have aws_iam_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must not match the ".*\*" regex

  @noskip
  Scenario: A plan reads configuration, and no data
    Given I have aws_iam_policy defined
    When its address is "aws_iam_policy\.read.*" regex
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must match the "^(apigateway:GET|s3:(GetObject|ListBucket)|(?!dynamodb:Get|s3:|logs:Get|sqs:Receive|ecr:|secretsmanager:|ssm:)[a-z0-9]+:(Describe|Get|List)[A-Za-z]+)$" regex

  @noskip
  Scenario: Of objects, a plan reads states only
    Given I have aws_iam_policy defined
    When its address is "aws_iam_policy\.read.*" regex
    Then it must have policy
    And it must have Statement
    When its Sid is ReadState
    Then it must have Resource
    And its value must match the ".*\.tfstate$" regex

  @noskip
  Scenario: A plan writes only the state's lock and images
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.plan.*" regex
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must match the "^(ecr|s3):.+" regex

  @noskip
  Scenario: The state's lock is all of the bucket that a plan writes
    Given I have aws_iam_role_policy defined
    When its address is "aws_iam_role_policy\.plan.*" regex
    Then it must have policy
    And it must have Statement
    When its Sid is LockState
    Then it must have Resource
    And its value must match the ".*\.tfstate\.tflock$" regex

  @noskip
  Scenario: Of identities, an apply has only what functions' roles need
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must match the "^((?!iam:|sts:|organizations:).+|iam:(CreateRole|CreateServiceLinkedRole|DeleteRole|DeleteRolePolicy|PassRole|PutRolePermissionsBoundary|PutRolePolicy|TagRole|UntagRole|UpdateAssumeRolePolicy|UpdateRole))$" regex

  @noskip
  Scenario: An apply creates and changes roles only within a boundary
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is WriteRolesWithinBoundary
    Then it must have Condition
    And it must have StringEquals
    And it must have iam:PermissionsBoundary
    And its value must match the ".*:policy/[a-z0-9-]+-functions$" regex

  @noskip
  Scenario: No other statement lets an apply give permissions
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is "^(?!WriteRolesWithinBoundary$)[^{]" regex
    Then it must have Action
    And its value must not match the "^iam:(CreateRole|PutRole.+|DeleteRolePolicy|Attach.+)$" regex

  @noskip
  Scenario: The roles that an apply writes are those of functions
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is "^(WriteRolesWithinBoundary|ManageRoles|PassRolesToLambda)$" regex
    Then it must have Resource
    And its value must match the ".*:role/(?!github-)[a-z][a-z0-9-]*-(command|query)-[a-z0-9-]+\*$" regex

  @noskip
  Scenario: Roles are passed to Lambda only
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is PassRolesToLambda
    Then it must have Condition
    And it must have StringEquals
    And it must have iam:PassedToService
    And its value must be lambda.amazonaws.com

  @noskip
  Scenario: No other statement lets an apply pass a role
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is "^(?!PassRolesToLambda$)[^{]" regex
    Then it must have Action
    And its value must not match the "^iam:PassRole$" regex

  @noskip
  Scenario: An apply lets nobody but API Gateway invoke a function
    Given I have aws_iam_role_policy defined
    Then it must have policy
    And it must have Statement
    When its Sid is LetApiGatewayInvoke
    Then it must have Condition
    And it must have StringEquals
    And it must have lambda:Principal
    And its value must be apigateway.amazonaws.com

  @noskip
  Scenario: The boundary of functions has no identities, no code and no tables themselves
    Given I have aws_iam_policy defined
    When its address is "aws_iam_policy\.functions.*" regex
    Then it must have policy
    And it must have Statement
    And it must have Action
    And its value must match the "^(dynamodb:(?!.*(Table|Backup|Tag|Import|Export|Policy)).+|events:PutEvents|kms:Decrypt|ssm:GetParameter|logs:(CreateLogStream|PutLogEvents)|sqs:(ChangeMessageVisibility|DeleteMessage|GetQueueAttributes|ReceiveMessage|SendMessage)|xray:Put(TelemetryRecords|TraceSegments))$" regex
