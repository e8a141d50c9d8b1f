"""What readers find books by: the declaration of filters, sorts and searched words.

A filter is a line here, and so is a sort. Then the read model is rebuilt.
"""

from core.domain.details import BookDetails
from core.domain.isbn import ISBN_SCHEMA, to_isbn13
from core.domain.limits import MAX_AUTHOR_CHARACTERS
from core.domain.published import published_key
from core.ports.folding import fold
from core.ports.listing import Filter, ListingDeclaration, Sort, at_most
from core.ports.text import instant_key

_text = at_most(MAX_AUTHOR_CHARACTERS)
_TEXT_SCHEMA = {"maxLength": MAX_AUTHOR_CHARACTERS}

LISTING: ListingDeclaration[BookDetails] = ListingDeclaration(
    details=BookDetails,
    filters=(
        Filter(
            "isbn",
            lambda book: (book.details.isbn,),
            check=to_isbn13,
            schema=ISBN_SCHEMA,
            unique=True,
        ),
        Filter("author", lambda book: book.details.authors, check=_text, schema=_TEXT_SCHEMA),
        Filter("subject", lambda book: book.details.subjects, check=_text, schema=_TEXT_SCHEMA),
        Filter("language", lambda book: (book.details.language,), check=_text, schema=_TEXT_SCHEMA),
    ),
    sorts=(
        Sort("title", lambda book: fold(book.details.title)),
        Sort("published", lambda book: published_key(book.details.published)),
        Sort("added", lambda book: instant_key(book.added_at)),
    ),
    search_texts=lambda book: (book.details.title, *book.details.authors),
    unlisted=frozenset({"description"}),
)
