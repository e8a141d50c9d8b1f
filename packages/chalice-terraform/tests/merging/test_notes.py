"""Notes: each concerns the apps that use its feature, and no others."""

from __future__ import annotations

import pytest

from chalice_terraform.merging import Options, Source, merge_and_report
from chalice_terraform.merging.notes import NOTES
from harness.random_apps import RandomApp, RandomRoute, package_in_process

DOMAIN = {"domain_name": "shop.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:1:c/0"}


def app(method: str = "GET", path: str = "/a", authorizer: str = "public") -> RandomApp:
    return RandomApp((RandomRoute(method, path, authorizer, ()),), {}, {})


def notes(*sources: Source) -> dict[str, tuple[str, ...]]:
    """Return the apps that each note concerns, by the note's name."""
    pools = any("cognito_user_pools" in str(source.template) for source in sources)
    options = Options(package="image", audiences={"cognito": ["web"]} if pools else {})
    return {it.note.name: it.apps for it in merge_and_report(sources, options).report.notes}


def source(name: str, of: RandomApp, timeout: int = 60, **resources: object) -> Source:
    template = package_in_process(name, of)
    template["resource"].update(resources)
    if of.routes:
        template["resource"]["aws_lambda_function"]["api_handler"]["timeout"] = timeout
    return Source(name, template)


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
    "integration-timeout": source("slow", app(), timeout=45),
    "shared-domain": source("domain", app(), aws_api_gateway_domain_name={"domain": DOMAIN}),
}


def test_every_note_is_tested_and_names_its_source() -> None:
    assert set(CONCERNED) == {note.name for note in NOTES}
    assert all(note.source.startswith("https://") for note in NOTES)


@pytest.mark.parametrize("name", CONCERNED)
def test_a_note_concerns_the_apps_that_use_its_feature(name: str) -> None:
    found = notes(CONCERNED[name], source("other", app(path="/b")), source("events", NO_API))
    assert found[name] == tuple(
        sorted({CONCERNED[name].name, *({"other"} if name == "new-url" else set())})
    )


NO_API = RandomApp((), {"nightly": "schedule"}, {})


def test_an_app_without_an_api_has_no_notes() -> None:
    assert not notes(source("events", NO_API))


def test_an_app_alone_may_have_a_domain_to_itself() -> None:
    assert "shared-domain" not in notes(CONCERNED["shared-domain"])


def test_two_apps_are_in_one_note() -> None:
    assert notes(PLAIN, source("other", app(path="/b")))["new-url"] == ("other", "plain")
