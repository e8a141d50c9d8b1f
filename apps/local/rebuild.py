"""``make rebuild``: a new read model from the log while the old one serves. Safe to stop and to start again."""

import os
import sys
from typing import Any

from apps.local.dynamodb import give_credentials
from core import bootstrap
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope


def main() -> None:
    """Rebuild, showing how far it is. Exit status 1 with a line that says why it could not, or what was left out."""
    left_out = 0

    def report(event: Envelope[Any], error: Exception) -> None:
        nonlocal left_out
        left_out += 1
        print(f"left out: version {event.version} of {event.stream}: {error}", file=sys.stderr)

    try:
        give_credentials(bootstrap.settings(), os.environ)
        count = bootstrap.rebuild_read_model(
            report, lambda n: print(f"{n:,} events read", flush=True)
        )
    except (ConfigurationError, StoreUnavailable) as error:
        sys.exit(
            f"rebuild: {str(error).rstrip('.')}. The old read model still serves; run it again to go on."
        )
    except KeyboardInterrupt:
        sys.exit("\nrebuild: stopped. The old read model still serves; run it again to go on.")
    if left_out:
        sys.exit(f"The new read model serves, without {left_out:,} of {count:,} events.")
    print(f"The new read model serves: {count:,} events.")


if __name__ == "__main__":
    main()
