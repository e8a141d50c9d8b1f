"""Chalice's Terraform, made current: see the command ``chalice-terraform`` and its README.

Importing this package loads nothing else, because Lambda functions import it too.
``chalice_terraform.merging`` is the merge, a pure function; ``chalice_terraform.command_line``
reads and writes files around it.
"""

__version__ = "0.1.0"
