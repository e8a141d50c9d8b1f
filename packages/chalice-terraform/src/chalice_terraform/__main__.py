"""The entry point of ``python -m chalice_terraform``."""

from __future__ import annotations

import sys

from chalice_terraform.command_line.program import main

sys.exit(main())
