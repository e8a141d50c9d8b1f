"""``make new-domain``: reads NAME, AGGREGATE, DIR and PLURAL from the environment."""

import os
import sys

from make.new_domain.building import generate
from make.new_domain.names import Refused


def main() -> None:
    """Make the project. Exit with 1 and one line when it cannot be made."""
    try:
        folder = generate(os.environ)
    except Refused as problem:
        sys.exit(f"new-domain: {problem}")
    print(f"A new project is in {folder}. Next: cd {folder} && make lint test && make run")


if __name__ == "__main__":
    main()
