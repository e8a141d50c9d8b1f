"""A Chalice app on this machine, as ``chalice local`` runs it, behind a server with bounds.

``python -m apps.local.service command --port 8000`` loads apps/command/app.py with its
configuration, by Chalice's own code. Chalice's server is not used: 1,023 idle connections end it,
it reads any body that it is sent, and its responses are slow (``http_server``).
"""

import argparse
import logging
import os
import sys
from base64 import b64decode
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from pathlib import Path
from socket import socket
from typing import Final

from chalice.app import Chalice
from chalice.cli.factory import CLIFactory
from chalice.config import Config
from chalice.deploy.validate import validate_routes
from chalice.local import LocalGateway, LocalGatewayException, create_local_server

from apps.local.endpoints import HOST
from apps.local.http_messages import Request, Response, for_this_machine, handled_as_messages
from apps.local.http_server import BoundedServer, Bounds, listen
from core.adapters.http.requests import MAX_BODY_BYTES

APPS: Final = Path(__file__).resolve().parents[1]


def service_server(app: Chalice, config: Config, listener: socket) -> BoundedServer:
    """Return a server of ``app``, to be started with ``serve``."""
    # It makes the app safe to use in several threads; its server is not used.
    create_local_server(app, config, HOST, 0).server.server_close()
    handler = for_this_machine(partial(_respond, LocalGateway(app, config)))
    return BoundedServer(listener, handled_as_messages(handler), Bounds(body_bytes=MAX_BODY_BYTES))


def _respond(gateway: LocalGateway, request: Request) -> Response:
    date = ("Date", formatdate(usegmt=True))
    try:
        result = gateway.handle_request(
            request.method, request.target, dict(request.headers), request.body or None
        )
    except LocalGatewayException as refused:
        return Response(refused.CODE, [date, *refused.headers.items()], refused.body or b"")
    several = result["multiValueHeaders"]
    headers = [
        *((name, value) for name, value in result["headers"].items() if name not in several),
        *((name, value) for name, values in several.items() for value in values),
    ]
    body = result["body"] or ""
    octets = b64decode(body) if result.get("isBase64Encoded") else body.encode()
    return Response(result["statusCode"], [date, *headers], octets)


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
