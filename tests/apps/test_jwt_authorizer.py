"""The declaration of a ``JwtAuthorizer``, and what ``chalice package`` writes of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.adapters.http.identity.authorizer import JwtAuthorizer
from tests.apps.protected_app import AUDIENCE, ISSUER, JWT


def test_a_string_in_place_of_a_list_raises_type_error() -> None:
    with pytest.raises(TypeError):
        JwtAuthorizer("jwt", ISSUER, AUDIENCE)
    with pytest.raises(TypeError):
        JWT.with_scopes("books:write")  # type: ignore[arg-type]


def test_with_scopes_does_not_change_the_original() -> None:
    assert JWT.with_scopes(["a"]).scopes == ["a"]
    assert JWT.scopes == []


PACKAGED = """
from chalice import Chalice
from core.adapters.http.identity.authorizer import JwtAuthorizer
app = Chalice(app_name="small")
jwt = JwtAuthorizer("jwt", "${var.jwt_issuer}", ["${var.jwt_audience}", "second"])
@app.route("/books", methods=["POST"], authorizer=jwt.with_scopes(["books:write"]))
def add(): return {}
@app.route("/history", methods=["GET"], authorizer=jwt.with_scopes(["books:audit", "books:admin"]))
def history(): return {}
@app.route("/books", methods=["GET"])
def listing(): return {}
"""


def test_chalice_package_writes_issuer_audience_and_the_scopes_of_each_route(
    tmp_path: Path,
) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / "app.py").write_text(PACKAGED)
    (tmp_path / "requirements.txt").write_text("")
    config = {"version": "2.0", "app_name": "small", "stages": {"dev": {}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))

    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    arguments = ["package", "--pkg-format", "terraform", "--stage", "dev", "out"]
    subprocess.run(
        [sys.executable, "-c", chalice, *arguments],
        cwd=tmp_path,
        env={
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PATH": str(Path(sys.executable).parent),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "HOME": str(tmp_path),
        },
        check=True,
        capture_output=True,
    )

    template = json.loads((tmp_path / "out" / "chalice.tf.json").read_text())
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
    assert paths["/books"]["post"]["security"] == [{"jwt": ["books:write"]}]
    assert paths["/history"]["get"]["security"] == [{"jwt": ["books:audit", "books:admin"]}]
    assert "security" not in paths["/books"]["get"]
