"""The command service: what writes the catalogue."""

from chalice.app import Request, Response

from core import bootstrap
from core.adapters.http.answers import BOOKS, accepted_answer, json_answer
from core.adapters.http.payload import HttpApp
from core.adapters.http.requests import JSON_TYPES, PATCH_TYPES, book_id, command_request, json_body
from core.adapters.http.service import protect

app = HttpApp(app_name="books-command")
answering = protect(app, bootstrap.logger("command"), bootstrap.verifier_for)
writers = bootstrap.authorizer().with_scopes(["books:write"])
ANY_CONTENT: list[
    str
] = []  # Chalice's own check of the content type would answer in its own words.


@app.route(BOOKS, methods=["POST"], authorizer=writers, content_types=ANY_CONTENT)
@answering
def add_book(request: Request) -> Response:
    """Add a book."""
    body = json_body(request, JSON_TYPES)
    about = command_request(request, "AddBook", body)
    return accepted_answer(bootstrap.command_handler().add_book(body, about), 201)


@app.route(BOOKS + "/{id}", methods=["PATCH"], authorizer=writers, content_types=ANY_CONTENT)
@answering
def revise_book(request: Request, id: str) -> Response:
    """Change a book by a JSON Merge Patch (RFC 7396)."""
    patch = json_body(request, PATCH_TYPES)
    about = command_request(request, "ReviseBook", patch)
    return accepted_answer(bootstrap.command_handler().revise_book(book_id(id), patch, about), 200)


@app.route(BOOKS + "/{id}", methods=["DELETE"], authorizer=writers, content_types=ANY_CONTENT)
@answering
def remove_book(request: Request, id: str) -> Response:
    """Take a book out of the catalogue."""
    about = command_request(request, "RemoveBook")
    return accepted_answer(bootstrap.command_handler().remove_book(book_id(id), about), 200)


@app.route("/v1/catalog/health/command", methods=["GET"], content_types=ANY_CONTENT)
@answering
def health(_: Request) -> Response:
    """Tell whether the store of events answers."""
    bootstrap.stores().events.check()
    return json_answer(200, {"status": "ok"}, {"Cache-Control": "no-store"})
