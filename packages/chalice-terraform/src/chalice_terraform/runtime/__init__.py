"""What a Chalice app of yours imports, in Lambda and under ``chalice local``.

``HTTPApp`` is a Chalice app behind HTTP APIs, ``JWTAuthorizer`` their authorizer, ``enforce_jwt``
its check where there is no API Gateway, and ``list_claim`` reads a claim such as
``cognito:groups``, which REST APIs and HTTP APIs write in different ways.

It uses Chalice and Python's standard library. Tokens are verified by joserfc, of the extra
``local``, which is loaded by the first verification: Lambda functions do without.
"""

from .app import HTTPApp
from .authorizer import JWTAuthorizer
from .claims import list_claim
from .enforcement import enforce_jwt

__all__ = ["HTTPApp", "JWTAuthorizer", "enforce_jwt", "list_claim"]
