"""Requests about a few books, with few values and keys, so that they conflict with each other."""

from hypothesis import strategies as st

from tests.properties.shelf import (
    AUTHORS,
    DATE_ORDER,
    ISBNS,
    LANGUAGES,
    SUBJECTS,
    TITLE_ORDER,
)

titles = st.sampled_from(TITLE_ORDER)
authors = st.lists(st.sampled_from(AUTHORS), min_size=1, max_size=2, unique=True)
isbns = st.sampled_from((None, *ISBNS))
languages = st.sampled_from((None, *LANGUAGES))
subjects = st.none() | st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True)
dates = st.sampled_from(DATE_ORDER)

optional = {
    "isbn": isbns,
    "language": languages,
    "subjects": subjects,
    "published": dates,
    "description": st.sampled_from((None, "About it.", "More about it.")),
}
books = st.fixed_dictionaries({"title": titles, "authors": authors}, optional=optional)
patches = st.fixed_dictionaries(
    {}, optional={"title": st.none() | titles, "authors": authors, **optional}
)
actors = st.sampled_from(("ann", "bob"))
keys = st.sampled_from((None, None, "key-1", "key-2", "key-3"))
conditions = st.none() | st.none() | st.frozensets(st.integers(1, 4), min_size=1, max_size=2)
