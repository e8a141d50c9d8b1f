"""What each peer's handler imports besides Python's standard library, as a requirements.txt has it.

A peer's module has its handler, and its docstring the documentation that it follows.
"""

from typing import Final

RUNTIME: Final = "awslambdaric"
"""Every function in an image has AWS's runtime interface client."""

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "bare_boto3": ("boto3",),
    "bare_signed": (),
    "chalice_boto3": ("boto3", "chalice"),
    "powertools": ("aws-lambda-powertools", "boto3"),
    "powertools_validated": ("aws-lambda-powertools", "boto3", "pydantic"),
    "powertools_logged": ("aws-lambda-powertools", "boto3", "pydantic"),
    "flask_apig_wsgi": ("apig-wsgi", "boto3", "flask"),
    "fastapi_mangum": ("boto3", "fastapi", "mangum"),
}
