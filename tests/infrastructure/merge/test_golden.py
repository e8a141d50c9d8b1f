"""The merged stack of our own two apps, byte for byte.

After an intended change, run ``python -m pytest tests/infrastructure/merge --update-golden`` and
review the difference.
"""

from pathlib import Path

import pytest

from chalice_terraform.command_line.files import as_text
from chalice_terraform.merging import Options, Source, merge
from harness.packaging import package_copy
from harness.reference_checker import dangling

REPOSITORY = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden" / "chalice.tf.json"
# What a deployment sets for packaging; core/config.py names the variables.
ENVIRONMENT = {
    "EVENTS_STREAM_ARN": "${aws_dynamodb_table.events.stream_arn}",
    "JWT_AUDIENCE": "${var.jwt_audience}",
    "JWT_ISSUER": "${var.jwt_issuer}",
    "PYTHONPATH": str(REPOSITORY),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("ours")
    return merge(
        [
            Source(name, package_copy(REPOSITORY / "apps" / name, folder / name, ENVIRONMENT))
            for name in ("command", "query")
        ],
        Options(package="image"),
    )


def test_our_apps_merge_to_the_golden_file(
    template: dict[str, object], request: pytest.FixtureRequest
) -> None:
    text = as_text(template)
    if request.config.getoption("--update-golden", default=False):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text.splitlines() == GOLDEN.read_text().splitlines(), (
        "the stack has changed: if that is intended, run `python -m pytest "
        "tests/infrastructure/merge --update-golden` and review the difference"
    )


def test_our_apps_refer_outside_the_stack_only_to_hand_written_names(
    template: dict[str, object],
) -> None:
    outside = dangling(template)
    assert {"aws_dynamodb_table.events", "var.jwt_issuer", "var.jwt_audience"} <= outside
    assert not {name for name in outside if name.startswith(("aws_lambda", "aws_apigateway"))}
