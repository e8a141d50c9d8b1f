"""Notes: each concerns the apps that use its feature, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge_and_report
from chalice_terraform.merging.notes import NOTES
from harness.random_apps import RandomApp, RandomRoute, package_in_process

DOMAIN = {
    "domain_name": "shop.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/0",
}
NO_API = RandomApp((), {"nightly": "schedule"}, {})


def app(
    method: str = "GET", path: str = "/a", authorizer: str = "public", **settings: Any
) -> RandomApp:
    return RandomApp((RandomRoute(method, path, authorizer, ()),), {}, {}, settings)


def source(name: str, of: RandomApp) -> Source:
    return Source(name, package_in_process(name, of))


def notes(*sources: Source, prefix: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the apps that each note concerns, by the note's name."""
    pools = any("cognito_user_pools" in str(source.template) for source in sources)
    options = Options(audiences={"cognito": ["web"]} if pools else {}, stage_prefix=prefix)
    return {it.note.name: it.apps for it in merge_and_report(sources, options).report.notes}


PLAIN = source("plain", app())
CONCERNED = {
    "new-url": PLAIN,
    "array-claims": source("pool", app(authorizer="cognito")),
    "access-tokens": source("pool", app(authorizer="cognito")),
    "authorizer-timeout": source("lambda", app(authorizer="builtin")),
    "iam-stage": source("signed", app(authorizer="iam")),
    "decoded-parameters": source("item", app(path="/items/{id}")),
    "any-method": source("any", app("ANY")),
    "any-preflight": source("any", app("ANY", authorizer="iam")),
    "integration-timeout": source("slow", app(lambda_timeout=45)),
    "shared-domain": source("domain", app(api_gateway_custom_domain=DOMAIN)),
}


def test_every_note_is_tested_and_names_its_source() -> None:
    assert {*CONCERNED, "new-host"} == {note.name for note in NOTES}
    assert all(note.source.startswith("https://") for note in NOTES)


@pytest.mark.parametrize("name", CONCERNED)
def test_a_note_concerns_the_apps_that_use_its_feature(name: str) -> None:
    found = notes(CONCERNED[name], source("other", app(path="/b")), source("events", NO_API))
    assert found[name] == tuple(
        sorted({CONCERNED[name].name, *({"other"} if name == "new-url" else set())})
    )


def test_an_app_without_an_api_has_no_notes() -> None:
    assert not notes(source("events", NO_API))


def test_an_app_alone_may_have_a_domain_to_itself() -> None:
    assert "shared-domain" not in notes(CONCERNED["shared-domain"])


def test_urls_with_a_prefix_keep_their_paths_and_policies_their_stage() -> None:
    found = notes(CONCERNED["iam-stage"], prefix="api")
    assert "new-host" in found
    assert not {"new-url", "iam-stage"} & set(found)


def test_two_apps_are_in_one_note() -> None:
    assert notes(PLAIN, source("other", app(path="/b")))["new-url"] == ("other", "plain")


def test_a_rest_api_that_is_kept_has_no_notes() -> None:
    assert not merge_and_report([CONCERNED["iam-stage"]], Options(api="rest")).report.notes
