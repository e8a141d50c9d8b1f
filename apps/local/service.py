"""A Chalice app on this machine, as ``chalice local`` runs it, behind a server with bounds.

``python -m apps.local.service command --port 8000`` loads apps/command/app.py with its
configuration, by Chalice's own code. Chalice's server is not used: 1,023 idle connections end it,
and it reads any body that it is sent.
"""

import argparse
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from socket import socket
from typing import Final

from chalice.app import Chalice
from chalice.cli.factory import CLIFactory
from chalice.config import Config
from chalice.deploy.validate import validate_routes
from chalice.local import create_local_server

from apps.local.endpoints import HOST
from apps.local.http_server import BoundedServer, Bounds, handled_by, listen
from core.adapters.http.requests import MAX_BODY_BYTES

APPS: Final = Path(__file__).resolve().parents[1]


def service_server(app: Chalice, config: Config, listener: socket) -> BoundedServer:
    """Return a server of ``app``, to be started with ``serve``."""
    # It makes the app safe to use in several threads; of the server itself, the handler is used.
    local = create_local_server(app, config, HOST, 0)
    local.server.server_close()
    respond = handled_by(local.server.RequestHandlerClass)
    return BoundedServer(listener, respond, Bounds(body_bytes=MAX_BODY_BYTES))


def main() -> None:
    """Serve until a signal. Exit with 1 and the cause when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m apps.local.service", description=__doc__)
    parser.add_argument("name", help="a folder of apps/ with an app.py")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    # As `chalice local` does: apps may ask for the mode; their logs go to standard output.
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    config = CLIFactory(str(APPS / options.name), environ=os.environ).create_config_obj()
    validate_routes(config.chalice_app.routes)
    try:
        listener = listen(HOST, options.port)
    except OSError as error:
        sys.exit(f"The {options.name} service cannot start on {HOST}:{options.port}: {error}")
    print(f"Serving on http://{HOST}:{options.port}", flush=True)
    with suppress(KeyboardInterrupt):
        service_server(config.chalice_app, config, listener).serve()


if __name__ == "__main__":
    main()
