"""What the application needs of the world, as protocols.

Adapters keep these promises; the contract tests hold them to it.
"""
