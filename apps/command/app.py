"""The command service: writes the catalogue."""

from chalice.app import Request, Response

from core.adapters.http.app import ServiceApp
from core.adapters.http.operations import Kind, operation
from core.adapters.http.requests import (
    ANY_CONTENT,
    JSON_TYPES,
    PATCH_TYPES,
    command_request,
    json_body,
    stream_id,
)
from core.adapters.http.responses import accepted_response, created_response, health_response
from core.adapters.http.service import protect
from core.bootstrap import commands, process, stores
from core.config import PROBLEM_TYPES
from core.domain.commands import AddBook, RemoveBook, ReviseBook
from core.domain.manifest import BOOKS
from core.domain.rules import BookInput

app = ServiceApp(app_name="books-command")
app.allow_origins(process.settings().cors_origins)
responding = protect(
    app,
    process.logger("command"),
    process.verifier_for,
    PROBLEM_TYPES,
    commands.outcomes(),
)
writers = process.authorizer().with_scopes(["books:write"])

ALL = BOOKS.collection
ONE = f"{ALL}/{{id}}"


@app.route(ALL, methods=["POST"], authorizer=writers, content_types=ANY_CONTENT)
@responding
@operation(Kind.CREATE, BookInput, JSON_TYPES, AddBook)
def add_book(request: Request) -> Response:
    """Add a book."""
    body = json_body(request, JSON_TYPES)
    about = command_request(request, "AddBook", body)
    return created_response(commands.handler().create(AddBook(body), about), ALL)


@app.route(ONE, methods=["PATCH"], authorizer=writers, content_types=ANY_CONTENT)
@responding
@operation(Kind.CHANGE, BookInput, PATCH_TYPES, ReviseBook)
def revise_book(request: Request, id: str) -> Response:
    """Change a book by a JSON Merge Patch (RFC 7396)."""
    patch = json_body(request, PATCH_TYPES)
    about = command_request(request, "ReviseBook", patch)
    book = stream_id(id, BOOKS.noun)
    return accepted_response(commands.handler().handle(book, ReviseBook(patch), about))


@app.route(ONE, methods=["DELETE"], authorizer=writers, content_types=ANY_CONTENT)
@responding
@operation(Kind.CHANGE)
def remove_book(request: Request, id: str) -> Response:
    """Remove a book from the catalogue."""
    about = command_request(request, "RemoveBook")
    book = stream_id(id, BOOKS.noun)
    return accepted_response(commands.handler().handle(book, RemoveBook(), about))


@app.route("/v1/catalog/health/command", methods=["GET"], content_types=ANY_CONTENT)
@responding
@operation(Kind.HEALTH)
def get_command_health(_: Request) -> Response:
    """Return 200 when the event store responds."""
    stores.event_store().check()
    return health_response()
