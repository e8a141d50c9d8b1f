"""Books that a reader of the README may know."""

from typing import Any, Final

import httpx

from core.domain.manifest import BOOKS


def _book(title: str, author: str, published: str, language: str, *subjects: str) -> dict[str, Any]:
    return {
        "title": title,
        "authors": author.split(" & "),
        "published": published,
        "language": language,
        "subjects": list(subjects),
    }


SHELF: Final = (
    _book("Emma", "Jane Austen", "1815", "en", "Fiction", "Comedy of manners"),
    _book("Persuasion", "Jane Austen", "1817", "en", "Fiction"),
    _book("Pride and Prejudice", "Jane Austen", "1813-01-28", "en", "Fiction", "Comedy of manners"),
    _book("Middlemarch", "George Eliot", "1871", "en", "Fiction", "Provincial life"),
    _book("Frankenstein", "Mary Shelley", "1818-01-01", "en", "Fiction", "Horror"),
    _book("Dracula", "Bram Stoker", "1897-05-26", "en", "Fiction", "Horror"),
    _book("The Time Machine", "H. G. Wells", "1895", "en", "Fiction", "Science fiction"),
    _book("Les Misérables", "Victor Hugo", "1862", "fr", "Fiction", "History"),
    _book("Candide", "Voltaire", "1759", "fr", "Fiction", "Satire"),
    _book("Madame Bovary", "Gustave Flaubert", "1856", "fr", "Fiction", "Provincial life"),
    _book("Der Zauberberg", "Thomas Mann", "1924", "de", "Fiction"),
    _book("Die Verwandlung", "Franz Kafka", "1915", "de", "Fiction"),
    _book("吾輩は猫である", "夏目漱石", "1905", "ja", "Fiction", "Satire"),
    _book("De bello Gallico", "Gaius Iulius Caesar", "-0049", "la", "History"),
    _book("Good Omens", "Terry Pratchett & Neil Gaiman", "1990", "en-GB", "Fiction", "Fantasy"),
    _book("Peopleware", "Tom DeMarco & Timothy Lister", "1987", "en", "Software"),
    _book("Domain-Driven Design", "Eric Evans", "2003", "en", "Software"),
    _book("The Mythical Man-Month", "Frederick P. Brooks Jr.", "1975", "en", "Software"),
)


def stock(origin: str) -> None:
    """Add the books to the catalogue; each can be read afterwards."""
    asked = {"grant_type": "client_credentials", "client_id": "shelf", "client_secret": "any"}
    with httpx.Client(base_url=origin, trust_env=False, timeout=30) as client:
        given = client.post("/token", data={**asked, "scope": "books:write"}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {given.json()['access_token']}"
        for book in SHELF:
            added = client.post(BOOKS.collection, json=book).raise_for_status()
            client.get(added.headers["Location"], params={"min_version": 1}).raise_for_status()
