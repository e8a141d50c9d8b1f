"""A Chalice app that knows nothing of this project, as its user would write it.

``HTTP_APP`` has a JWT authorizer, and ``REST_APP``, for REST APIs, which have none, one of its own.
"""

from __future__ import annotations

import json

_APP = """
from chalice import AuthResponse, Chalice, NotFoundError, Rate
from chalicelib.stock import PRICES
{imports}
app = Chalice(app_name="shop")
{authorizer}

@app.route("/items/{{name}}", cors=True)
def item(name):
    if name not in PRICES:
        raise NotFoundError(f"there is no {{name}}")
    return {{"name": name, "price": PRICES[name]}}


@app.route("/items/{{name}}", methods=["PUT"], authorizer=staff, cors=True)
def change(name):
    caller = app.current_request.context["authorizer"]
    return {{"name": name, "by": caller{subject}, "price": app.current_request.json_body["price"]}}


@app.schedule(Rate(1, unit=Rate.HOURS))
def count(event):
    return {{"items": len(PRICES)}}
"""
_JWT = _APP.format(
    imports="from chalice_terraform.runtime import JWTAuthorizer\n",
    authorizer='staff = JWTAuthorizer("staff", "${var.issuer}", ["shop"]).with_scopes(["write"])\n',
    subject='["claims"]["sub"]',
)
_OWN = _APP.format(
    imports="",
    authorizer="""

@app.authorizer()
def staff(request):
    routes = ["*"] if request.token == "open sesame" else []
    return AuthResponse(routes=routes, principal_id="ann")
""",
    subject='["principalId"]',
)
_CONFIG = {
    "version": "2.0",
    "app_name": "shop",
    "lambda_timeout": 10,
    "stages": {"zip": {}, "image": {}, "rest": {}},
}
_FILES = {
    "requirements.txt": "",
    "chalicelib/__init__.py": "",
    "chalicelib/stock.py": 'PRICES = {"tea": 3, "café": 4}\n',
    ".chalice/config.json": json.dumps(_CONFIG),
}
HTTP_APP = {**_FILES, "app.py": _JWT}
REST_APP = {**_FILES, "app.py": _OWN}
