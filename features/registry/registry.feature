Feature: Delivered images do not change

  @noskip
  Scenario: Image tags are immutable
    Given I have aws_ecr_repository defined
    Then it must have image_tag_mutability
    And its value must be IMMUTABLE

  @noskip
  Scenario: Every image is scanned on push
    Given I have aws_ecr_repository defined
    Then it must have image_scanning_configuration
    And it must have scan_on_push
    And its value must be True

  @noskip
  Scenario: Images are encrypted
    Given I have aws_ecr_repository defined
    Then it must have encryption_configuration
    And it must have encryption_type
    And its value must match the "^(AES256|KMS)$" regex

  @noskip
  Scenario: No repository with images can be deleted accidentally
    Given I have aws_ecr_repository defined
    Then it must have force_delete
    And its value must be False

  @noskip
  Scenario: Old images expire
    Given I have aws_ecr_lifecycle_policy defined
    Then it must have policy
    And it must have rules
    And it must have countType
    And any of its values must match the "^imageCountMoreThan$" regex

  @noskip
  Scenario: Only Lambda is granted access by a repository policy
    Given I have aws_ecr_repository_policy defined
    Then it must have policy
    And it must have Statement
    And it must have Principal
    And it must have Service
    And its value must be lambda.amazonaws.com

  @noskip
  Scenario Outline: Every repository has the tag <tag>
    Given I have aws_ecr_repository defined
    Then it must have tags_all
    And it must have <tag>
    And its value must match the "<value>" regex

    Examples:
      | tag       | value             |
      | ManagedBy | ^terraform$       |
      | Project   | ^[a-z][a-z0-9-]+$ |
