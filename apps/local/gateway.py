"""The gateway of ``make run``: both services at one origin, and the explorer's pages.

``python -m apps.local.gateway`` serves it on 127.0.0.1 (GATEWAY_PORT, default 8004). The services
and the identity provider are where COMMAND_PORT, QUERY_PORT and IDENTITY_PORT say; they need not
run yet. A request goes to the service that has the route, by the apps' own tables of routes.
"""

import os
import sys

import apps.command.app
import apps.query.app
from apps.local.endpoints import HOST, CannotRun, Endpoints, read_endpoints
from apps.local.forwarding import read_upstream
from apps.local.gateway_routes import by_route
from apps.local.gateway_server import Gateway, gateway_server
from apps.local.http_server import listen, serve_until_signal


def local_gateway(endpoints: Endpoints) -> Gateway:
    """Return the gateway of the services and the identity provider at ``endpoints``."""
    upstream_of = by_route(
        {
            read_upstream(endpoints.command.url): apps.command.app.app,
            read_upstream(endpoints.query.url): apps.query.app.app,
        }
    )
    issuer = endpoints.identity.url
    return Gateway(upstream_of, issuer, read_upstream(f"{issuer}/token"), development=True)


def main() -> None:
    """Serve until a signal. Exit with 1 and the cause when it cannot start."""
    try:
        endpoints = read_endpoints(os.environ)
        listener = listen(HOST, endpoints.gateway.port)
    except CannotRun as problem:
        sys.exit(str(problem))
    except OSError as error:
        where = f"{HOST}:{endpoints.gateway.port} (GATEWAY_PORT names another port)"
        sys.exit(f"The gateway cannot start on {where}: {error}")
    print(f"Serving on {endpoints.gateway.url}", flush=True)
    gateway = local_gateway(endpoints)
    serve_until_signal(gateway_server(gateway, listener))


if __name__ == "__main__":
    main()
