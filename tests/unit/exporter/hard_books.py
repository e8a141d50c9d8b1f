"""Books that a careless file format would change."""

from typing import Any

BOOKS: list[dict[str, Any]] = [
    {"title": 'A, "B"; C', "authors": ["Le Guin, Ursula K."]},
    {"title": '"Quoted"', "authors": ["O'Dell", "Müller"], "subjects": ["a,b", "c"]},
    {"title": "=1+1", "authors": ["-"], "isbn": "9780141439587", "published": "0000"},
    {"title": "0012", "authors": ["1"], "published": "-0750", "language": "zh-Hant"},
    {"title": "Lines", "authors": ["A"], "description": 'one\ntwo\r\n\r"three"\t\n4;5'},
    {"title": "U+2028\u2028here \U0001f4d6", "authors": ["\u5433\u627f\u6069"]},
    {"title": "NULL", "authors": ["None"], "published": "1999-05-17", "description": "#"},
]

NOT_IN_CSV: list[tuple[dict[str, Any], str]] = [
    ({"title": "A", "authors": ["B; C"]}, "authors"),
    ({"title": "A", "authors": ["B"], "subjects": ["c;d"]}, "subjects"),
    ({"title": "A", "authors": ["B"], "language": "iw"}, "language"),
    ({"title": "A", "authors": ["B"], "language": "abcdefgh"}, "language"),
    ({"title": "A", "authors": ["B"], "pages": "7"}, "pages"),
]
