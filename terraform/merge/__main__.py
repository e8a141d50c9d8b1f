"""The entry point of ``python -m terraform.merge``."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
