"""Notes: each concerns the apps that use its feature, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge_and_report
from chalice_terraform.merging.notes import NOTES
from harness.mutations import changed, unpacked
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
    others = {"new-host", "payload-format", "routes-quota", "authorizers-quota"}
    assert {*CONCERNED, *others} == {note.name for note in NOTES}
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


def test_payload_format_2_names_the_app_that_reads_it() -> None:
    sources = [PLAIN, source("events", NO_API)]
    report = merge_and_report(sources, Options(payload_format="2.0")).report
    (note,) = [it for it in report.notes if it.note.name == "payload-format"]
    assert note.apps == ("plain",)
    assert "chalice_terraform.runtime.HTTPApp" in note.note.text
    assert "payload-format" not in notes(*sources)


@pytest.mark.parametrize("api", ["http", "rest"])
@pytest.mark.parametrize(("count", "is_over"), [(300, False), (301, True)])
def test_routes_over_the_quota_of_an_api_are_noted(api: Any, count: int, is_over: bool) -> None:
    routes = tuple(RandomRoute("GET", f"/{number}", "public", ()) for number in range(count))
    many = source("many", RandomApp(routes, {}, {}))
    found = merge_and_report([many], Options(api=api)).report.notes
    assert ("routes-quota" in {it.note.name for it in found}) is is_over


def test_the_routes_of_all_apps_of_an_http_api_count() -> None:
    sources = [
        source(name, RandomApp(tuple(routes), {}, {}))
        for name, routes in {
            of: [RandomRoute("GET", f"/{of}/{number}", "public", ()) for number in range(151)]
            for of in ("one", "two")
        }.items()
    ]
    assert notes(*sources)["routes-quota"] == ("one", "two")
    alone = merge_and_report(sources, Options(api="http-per-app")).report.notes
    assert "routes-quota" not in {it.note.name for it in alone}


@pytest.mark.parametrize("api", ["http", "rest"])
@pytest.mark.parametrize(("count", "is_over"), [(10, False), (11, True)])
def test_authorizers_over_the_quota_of_an_api_are_noted(
    api: Any, count: int, is_over: bool
) -> None:
    plain = source("keys", app(authorizer="custom"))
    definitions = ["locals", "chalice_api_swagger", "securityDefinitions"]
    custom = unpacked(plain.template)["locals"]["chalice_api_swagger"]["securityDefinitions"]
    many = {f"custom{number}": custom["custom"] for number in range(count - 1)}
    template = changed(plain.template, *definitions, to={**custom, **many})
    found = merge_and_report([Source("keys", template)], Options(api=api)).report.notes
    assert ("authorizers-quota" in {it.note.name for it in found}) is is_over


def test_a_timeout_that_is_a_reference_is_not_compared() -> None:
    timeout = ["resource", "aws_lambda_function", "api_handler", "timeout"]
    referred = Source("plain", changed(PLAIN.template, *timeout, to="${var.timeout}"))
    assert "integration-timeout" not in notes(referred)
