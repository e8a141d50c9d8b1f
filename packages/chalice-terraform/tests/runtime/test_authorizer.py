"""The declaration of a ``JWTAuthorizer``, and what ``chalice package`` writes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice_terraform.runtime.authorizer import JWTAuthorizer
from harness.packaging import ChaliceApp, package

ISSUER = "https://issuer.test"
AUDIENCE = "orders-api"
JWT = JWTAuthorizer("jwt", ISSUER, [AUDIENCE])


def test_a_string_in_place_of_a_list_raises_type_error() -> None:
    with pytest.raises(TypeError):
        JWTAuthorizer("jwt", ISSUER, AUDIENCE)
    with pytest.raises(TypeError):
        JWT.with_scopes("orders:write")  # type: ignore[arg-type]


def test_with_scopes_does_not_change_the_original() -> None:
    assert JWT.with_scopes(["a"]).scopes == ["a"]
    assert JWT.scopes == []


PACKAGED = """
from chalice import Chalice
from chalice_terraform.runtime import JWTAuthorizer
app = Chalice(app_name="small")
jwt = JWTAuthorizer("jwt", "${var.jwt_issuer}", ["${var.jwt_audience}", "second"])
@app.route("/orders", methods=["POST"], authorizer=jwt.with_scopes(["orders:write"]))
def add(): return {}
@app.route("/history", methods=["GET"], authorizer=jwt.with_scopes(["audit", "admin"]))
def history(): return {}
@app.route("/orders", methods=["GET"])
def listing(): return {}
"""


def test_chalice_package_writes_issuer_audience_and_the_scopes_of_each_route(
    tmp_path: Path,
) -> None:
    template = package("small", ChaliceApp(PACKAGED), tmp_path)

    swagger = json.loads(template["locals"]["chalice_api_swagger"])
    scheme = swagger["securityDefinitions"]["jwt"]
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "jwt",
        "jwtConfiguration": {
            "issuer": "${var.jwt_issuer}",
            "audience": ["${var.jwt_audience}", "second"],
        },
        "identitySource": "$request.header.Authorization",
    }
    paths = swagger["paths"]
    assert paths["/orders"]["post"]["security"] == [{"jwt": ["orders:write"]}]
    assert paths["/history"]["get"]["security"] == [{"jwt": ["audit", "admin"]}]
    assert "security" not in paths["/orders"]["get"]
