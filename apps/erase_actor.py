"""``make erase-actor``: the log forgets a person who has sent commands.

Replaces the actor of every event of SUBJECT (and, with ACTOR_KEY, of its pseudonym) by a fixed
word; docs/explanation/privacy.md says what stays. Safe beside live services, safe to stop and to
start again.

STORE and the tables' names say where; ISSUER, or JWT_ISSUER, is that of the person's tokens.
"""

import os
import sys

from apps.local.credentials import missing_credentials
from core.bootstrap import operations, process
from core.config import ConfigurationError
from core.ports.erasure import Erased
from core.ports.errors import StoreUnavailable

NO_SUBJECT = "SUBJECT must be the subject of the person's tokens, such as SUBJECT='auth0|5f7c'"
NO_ISSUER = "ISSUER must be the issuer of the person's tokens: the digest is of both"
NO_KEY = "Without ACTOR_KEY, events that keep its digest (ACTOR=digest) were not looked for."


def main() -> None:
    """Erase, showing progress. Exit with 1 and the cause."""
    done = Erased(0, 0)
    try:
        settings = process.settings()
        has_key = bool(settings.actor_key or settings.actor_key_parameter)
        os.environ.update(missing_credentials(settings, os.environ))  # boto3 reads it
        subject = os.environ.get("SUBJECT", "")
        issuer = os.environ.get("ISSUER") or os.environ.get("JWT_ISSUER") or ""
        if not subject:
            raise ConfigurationError(NO_SUBJECT)
        if has_key and not issuer:
            raise ConfigurationError(NO_ISSUER)
        for done in operations.erase_actor(subject, issuer):
            print(f"{done.seen:,} read, {done.changed:,} changed", flush=True)
    except ConfigurationError as error:
        sys.exit(f"erase-actor: {error}.")
    except StoreUnavailable as error:
        sys.exit(f"erase-actor: {str(error).rstrip('.')}. Run it again to continue.")
    except KeyboardInterrupt:
        sys.exit("\nerase-actor: stopped. Run it again to continue.")
    print(f"Events whose actor was erased: {done.changed:,}.")
    if not has_key:
        print(NO_KEY)


if __name__ == "__main__":
    main()
