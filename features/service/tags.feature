Feature: Resources have tags that show where they belong

  @noskip
  Scenario Outline: Everything that can have tags has the tag <tag>
    Given I have resource that supports tags_all defined
    Then it must have tags_all
    And it must have <tag>
    And its value must match the "<value>" regex

    Examples:
      | tag         | value             |
      | Environment | ^[a-z][a-z0-9-]+$ |
      | ManagedBy   | ^terraform$       |
      | Project     | ^[a-z][a-z0-9-]+$ |
