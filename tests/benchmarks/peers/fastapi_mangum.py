"""FastAPI behind Mangum, as its documentation has it (https://pypi.org/project/mangum/).

Functions that block are ``def`` and not ``async def`` (https://fastapi.tiangolo.com/async/).
"""

from typing import Any

from fastapi import FastAPI, HTTPException
from mangum import Mangum

from . import store
from .model import Added, Book, StoredBook

app = FastAPI()


@app.get("/v1/catalog/books/{book_id}", response_model=StoredBook)
def get_book(book_id: str) -> dict[str, Any]:
    """Return a book."""
    book = store.get(book_id)
    if book is None:
        raise HTTPException(404)
    return book


@app.post("/v1/catalog/books", status_code=201)
def add_book(book: Book) -> Added:
    """Store a book."""
    return Added(id=store.put(book.model_dump(exclude_none=True)))


handler = Mangum(app, lifespan="off")
