"""Prose is in its width again after a new word has made it longer; nothing else is changed."""

import pytest

from make.new_domain.wrapping import WIDTH, wrapped

FULL = ("word " * 19).strip()
"""94 characters."""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["def f():", f'    """{FULL}"""'],
            ["def f():", f'    """{FULL.removesuffix(" word")}', "    word", '    """'],
        ),
        (
            ['"""Say.', "", f"Now {FULL} more", "and again.", "", "Else.", '"""'],
            ['"""Say.', "", f"Now {FULL}", "more and again.", "", "Else.", '"""'],
        ),
        (
            ['"""Say.', "", f"Now {FULL} more", '"""'],
            ['"""Say.', "", f"Now {FULL}", "more", '"""'],
        ),
        (
            ['"""Say.', "", f"- {FULL} more", "- another", '"""'],
            ['"""Say.', "", f"- {FULL}", "  more", "- another", '"""'],
        ),
        (
            ["if x:", f"    # {FULL} more", "    # and again.", "    y()"],
            ["if x:", f"    # {FULL}", "    # more and again.", "    y()"],
        ),
        ([f"# Now {FULL} more", "x = 1"], [f"# Now {FULL}", "# more", "x = 1"]),
        ([f"# {FULL} more {FULL} more"], [f"# {FULL}", f"# more {FULL[:-5]}", "# word more"]),
    ],
    ids=["summary", "paragraph", "its end", "list", "comment", "comment of a line", "twice"],
)
def test_what_is_too_much_for_a_line_begins_the_next_one(
    lines: list[str], expected: list[str]
) -> None:
    assert wrapped("\n".join([*lines, ""])).splitlines() == expected
    assert max(map(len, expected)) <= WIDTH


@pytest.mark.parametrize(
    "source",
    [
        f'"""{FULL}"""\n\n\ndef f() -> None:\n    # {FULL}\n    return\n',
        f'long = "{FULL} {FULL}"  # {FULL}\n',
        f"# https://example.com/{'x' * WIDTH}\n",
    ],
    ids=["prose that fits", "code", "a link"],
)
def test_what_fits_and_what_is_no_prose_stays_as_it_is(source: str) -> None:
    assert wrapped(source) == source
