"""The page that a problem's type leads to: what the problem means, and what a client does about it.

Only the route of these pages imports it, so that no other request pays for it.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from chalice_terraform.runtime.claims import IdentityUnavailable
from core.adapters.http.problems import INTERNAL, KINDS, Kind, Words, words_of
from core.adapters.http.requests import (
    MAX_BODY_BYTES,
    BadRequest,
    BodyTooLarge,
    NoSuchPage,
    UnsupportedMediaType,
)
from core.application.errors import AlreadyClaimed, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import WAIT_SECONDS, Degraded, NoSuchVersion, NotYetVisible
from core.ports.catalogue import UnreadableView
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.refusals import InvalidInput, NotFound, NotPossible

AnyDomain = Domain[Any, Any, Any, Any]


class Explanation(NamedTuple):
    """A kind of problem in sentences, which may need ``Words``.

    ``repeat`` answers whether the same request is worth repeating.
    """

    meaning: str
    remedy: str
    repeat: str


_SAME_AGAIN: Final = "No. The same request gets the same response."
_LATER: Final = (
    "Yes, unchanged, after the seconds in the header Retry-After. Give a command an"
    " Idempotency-Key: it is then carried out once, however often it is repeated."
)

EXPLANATIONS: Final[Mapping[type[Exception], Explanation]] = {
    BadRequest: Explanation(
        "The request cannot be understood: its body is not JSON, or a header, a parameter or a"
        " cursor is unknown, repeated or malformed. The member detail says which.",
        "Correct what detail names.",
        _SAME_AGAIN,
    ),
    NotFound: Explanation(
        "No {noun} has this id: there never was one, or it has been removed.",
        "Check the id. To read a {noun} right after a command, send the version that the command"
        " returned as min_version.",
        "Only if the {noun} was written a moment ago.",
    ),
    NoSuchVersion: Explanation(
        "min_version is higher than any version of the {noun}, so waiting for it is useless.",
        "Send a version that a command has returned, or leave min_version out.",
        _SAME_AGAIN,
    ),
    NoSuchPage: Explanation(
        "The path ends with a name that no page has.",
        "Follow a link to the page, or check the name.",
        _SAME_AGAIN,
    ),
    AlreadyClaimed: Explanation(
        "Another {noun} has this {label}, which only one {noun} can have. The member {noun}_id"
        " names that other {noun}.",
        "Change the other {noun} instead, or send the right {label}.",
        "Only after the other {noun} has been removed, or has another {label}.",
    ),
    NotPossible: Explanation(
        "The command is valid, but the {noun} is in a state that does not allow it. The member"
        " detail says why.",
        "Read the {noun}, and decide again.",
        "Only after the {noun} has changed.",
    ),
    LastingConflict: Explanation(
        "Other requests changed the {noun} at each of the service's attempts. Nothing was written.",
        "Send the request again after a pause, and make each further pause longer.",
        "Yes, unchanged.",
    ),
    PreconditionFailed: Explanation(
        "If-Match does not name the present version of the {noun}, or If-None-Match does. That"
        " version is in the header ETag and in the member version. Nothing was written.",
        "Read the {noun}, make the change again, and send it with the new ETag in If-Match.",
        _SAME_AGAIN,
    ),
    BodyTooLarge: Explanation(
        f"The body is over {MAX_BODY_BYTES:,} bytes.",
        "Send a smaller body.",
        _SAME_AGAIN,
    ),
    UnsupportedMediaType: Explanation(
        "The header Content-Type does not declare JSON in UTF-8. The header Accept of the response"
        " lists the types that are accepted.",
        "Send JSON in UTF-8, with one of these types as its Content-Type.",
        _SAME_AGAIN,
    ),
    InvalidInput: Explanation(
        "The body is JSON but breaks rules of a {noun}. The member errors has every bad field: a"
        " pointer to it (RFC 6901) and a message.",
        "Correct all fields that errors names.",
        _SAME_AGAIN,
    ),
    KeyReused: Explanation(
        "The same caller has sent this Idempotency-Key before, with another request. Nothing was"
        " written.",
        "Use a new key for a new request. A repeat must equal the first request.",
        _SAME_AGAIN,
    ),
    NotYetVisible: Explanation(
        "The {noun} has the version that min_version asks for, but readers do not see it yet, after"
        f" a wait of up to {WAIT_SECONDS:g} seconds.",
        "Send the request again, or leave min_version out to read an older version.",
        "Yes, unchanged, after the seconds in the header Retry-After.",
    ),
    Degraded: Explanation(
        "What readers see is further behind what was written than usual. Commands and queries"
        " still work.",
        "Nothing, as a client of the API. As its operator, look at the projector.",
        "Yes. It succeeds as soon as the read model has caught up.",
    ),
    StoreUnavailable: Explanation(
        "The database is throttled or unavailable. It is unknown whether a command was carried"
        " out.",
        "Send the request again later.",
        _LATER,
    ),
    UnknownEvent: Explanation(
        "The history of the {noun} has an event that a newer version of the service has written,"
        " while an older one still serves some requests.",
        "Send the request again later. As the operator, finish the deployment.",
        _LATER,
    ),
    UnreadableView: Explanation(
        "Another version of the service has stored what readers see, in a form that this version"
        " cannot read.",
        "Send the request again later. As the operator, rebuild the read model.",
        _LATER,
    ),
    IdentityUnavailable: Explanation(
        "The signing keys of the identity provider cannot be fetched, so tokens cannot be verified."
        " Nothing was written.",
        "Send the request again later.",
        _LATER,
    ),
}
INTERNAL_EXPLANATION: Final = Explanation(
    "The service has a fault. It is unknown whether a command was carried out.",
    "Report the member instance, which is the id of the request in the logs.",
    "Once or twice, after a pause. Give a command an Idempotency-Key: it is then carried out once,"
    " however often it is repeated.",
)

_STYLE: Final = """
:root { color-scheme: light dark; background: Canvas; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 42rem; padding: 0 1rem }
dt { font-weight: 600; margin-top: 1rem }
dd { margin: 0 }
ul { padding-left: 1.2rem }
"""
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()

POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""The pages' Content-Security-Policy: no script, and no style but their own."""


def problem_page(name: str, domain: AnyDomain, types: str) -> str | None:
    """Return the HTML page of the problem type ``types + name``, None where there is no such type.

    ``types`` is what the types of all problems begin with.
    """
    described = _described(domain)
    if name not in described:
        return None
    kind, explanation = described[name]
    facts = {
        "Type": f"<code>{escape(types + name)}</code>",
        "Status": f"{kind.status} {HTTPStatus(kind.status).phrase}",
        "What it means": escape(explanation.meaning),
        "What to do": escape(explanation.remedy),
        "Is it worth repeating the request?": escape(explanation.repeat),
    }
    listed = "\n".join(f"<dt>{term}</dt>\n<dd>{text}</dd>" for term, text in facts.items())
    others = "\n".join(
        f'<li><a href="{escape(other)}">{escape(title.title)}</a></li>'
        for other, (title, _) in sorted(described.items())
        if other != name
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(kind.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(kind.title)}</h1>
<dl>
{listed}
</dl>
<h2>All other problems</h2>
<ul>
{others}
</ul>
</main>
</body>
</html>
"""


def _described(domain: AnyDomain) -> dict[str, tuple[Kind, Explanation]]:
    """Return all kinds of problems with their explanations, in the words of a domain, by name."""
    all_kinds = [(kind, EXPLANATIONS[error]) for error, kind in KINDS.items()]
    pairs = [
        (kind.in_words(words), _in_words(explanation, words))
        for kind, explanation in [*all_kinds, (INTERNAL, INTERNAL_EXPLANATION)]
        for words in words_of(kind, domain)
    ]
    return {kind.name: (kind, explanation) for kind, explanation in pairs}


def _in_words(explanation: Explanation, words: Words) -> Explanation:
    return Explanation(*(sentence.format(**words) for sentence in explanation))
