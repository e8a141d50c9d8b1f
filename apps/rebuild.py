"""``make rebuild``: a new read model from the log while the old one serves.

Safe to stop and to start again.

Runs on a laptop and against AWS alike: STORE and the tables' names say where (core/config.py).
"""

import os
import sys
from typing import Any

from apps.local.credentials import missing_credentials
from core import bootstrap
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope


def main() -> None:
    """Rebuild, showing progress. Exit with 1 and the cause, or with what was skipped."""
    left_out = 0

    def report(event: Envelope[Any], error: Exception) -> None:
        nonlocal left_out
        left_out += 1
        print(f"left out: version {event.version} of {event.stream}: {error}", file=sys.stderr)

    try:
        os.environ.update(missing_credentials(bootstrap.settings(), os.environ))  # boto3 reads it
        count = bootstrap.rebuild_read_model(
            report, lambda n: print(f"{n:,} events read", flush=True)
        )
    except (ConfigurationError, StoreUnavailable) as error:
        reason = str(error).rstrip(".")
        sys.exit(f"rebuild: {reason}. The old read model still serves; run it again to continue.")
    except KeyboardInterrupt:
        sys.exit("\nrebuild: stopped. The old read model still serves; run it again to continue.")
    if left_out:
        sys.exit(f"The new read model serves, without {left_out:,} of {count:,} events.")
    print(f"The new read model serves: {count:,} events.")


if __name__ == "__main__":
    main()
