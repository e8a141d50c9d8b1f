"""A book as those peers that validate check it: the fields and limits of ours, by pydantic."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Author = Annotated[str, Field(min_length=1, max_length=200)]
Subject = Annotated[str, Field(min_length=1, max_length=100)]


class Book(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=500)]
    authors: Annotated[list[Author], Field(min_length=1, max_length=50)]
    isbn: Annotated[str, Field(pattern=r"^(97[89])?\d{9}[\dX]$")] | None = None
    description: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    published: Annotated[str, Field(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$")] | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] | None = None
    subjects: Annotated[list[Subject], Field(max_length=50)] = []


class StoredBook(Book):
    """What a client gets."""

    id: str


class Added(BaseModel):
    """The response to a new book."""

    id: str
