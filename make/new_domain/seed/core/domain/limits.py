"""How much a book may have of everything. A limit may be raised."""

from typing import Final

MAX_TITLE_CHARACTERS: Final = 200
MAX_LABEL_CHARACTERS: Final = 100
MAX_REFERENCE_CHARACTERS: Final = 100
