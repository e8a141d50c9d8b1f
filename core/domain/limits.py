"""How much a book may have of everything. A limit may be raised."""

from typing import Final

MAX_TITLE_CHARACTERS: Final = 500
MAX_DESCRIPTION_CHARACTERS: Final = 20_000
MAX_AUTHORS: Final = 50
MAX_AUTHOR_CHARACTERS: Final = 200
MAX_SUBJECTS: Final = 50
MAX_SUBJECT_CHARACTERS: Final = 100
