"""``make rebuild``: a new read model from the log while the old one serves.

Safe to stop and to start again.

Runs on a laptop and against AWS alike: STORE and the tables' names say where (core/config.py).
"""

import os
import sys

from apps.counting import counted
from apps.local.credentials import missing_credentials
from core.bootstrap import operations, process
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside


def main() -> None:
    """Rebuild, showing progress. Exit with 1 and the cause, or a list of what was set aside."""
    left: list[Aside] = []
    try:
        os.environ.update(missing_credentials(process.settings(), os.environ))  # boto3 reads it
        count = operations.rebuild_read_model(
            lambda aside, _: left.append(aside), lambda n: print(f"{n:,} events read", flush=True)
        )
    except ConfigurationError as error:
        sys.exit(f"rebuild: {error}")
    except StoreUnavailable as error:
        reason = str(error).rstrip(".")
        sys.exit(f"rebuild: {reason}. The old read model still serves; run it again to continue.")
    except KeyboardInterrupt:
        sys.exit("\nrebuild: stopped. The old read model still serves; run it again to continue.")
    if left:
        sys.exit(_without(left))
    print(f"The new read model serves: {counted(count, 'event')}.")


def _without(left: list[Aside]) -> str:
    head = "The new read model serves. What could not be applied was set aside:"
    lines = [f"  {stream}, version {version}: {reason}" for stream, version, reason in left]
    tail = "Run the projector, or a rebuild, of a version of the code that can apply it."
    return "\n".join([head, *lines, tail])


if __name__ == "__main__":
    main()
