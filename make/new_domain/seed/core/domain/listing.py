"""What readers find books by: the declaration of filters, sorts and searched words.

A filter is a line here, and so is a sort. Then the read model is rebuilt.
"""

from core.domain.details import BookDetails
from core.domain.limits import MAX_LABEL_CHARACTERS
from core.ports.folding import fold
from core.ports.listing import Filter, ListingDeclaration, Sort, at_most

LISTING: ListingDeclaration[BookDetails] = ListingDeclaration(
    details=BookDetails,
    filters=(
        Filter(
            "label",
            lambda book: (book.details.label,),
            check=at_most(MAX_LABEL_CHARACTERS),
            schema={"maxLength": MAX_LABEL_CHARACTERS},
        ),
    ),
    sorts=(Sort("title", lambda book: fold(book.details.title)),),
    search_texts=lambda book: (book.details.title,),
)
