"""The README's examples, run as they stand against the running services."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.services import PORTS, ROOT, RUNNER, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

EXAMPLES = re.findall(
    r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE
)


def test_the_examples_of_the_readme_work(environment: dict[str, str], tmp_path: Path) -> None:
    script = "set -eu\n" + "\n".join(EXAMPLES)
    for variable, default in zip(PORTS, ("8000", "8001", "8002", "8004"), strict=True):
        script = script.replace(f"127.0.0.1:{default}", f"127.0.0.1:{environment[variable]}")
    script = script.replace("make -s token", f"make -sC {ROOT} token")
    issuer = f"http://127.0.0.1:{environment['IDENTITY_PORT']}"
    with running(RUNNER, environment):
        shown = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**environment, "JWT_ISSUER": issuer},
            capture_output=True,
            text=True,
            check=False,
        )
    assert shown.returncode == 0, shown.stderr
    responses = shown.stdout
    assert len(EXAMPLES) >= 7
    assert responses.count('"title":"The Sea, the Sea"') >= 5  # read, three listings, history
    assert '"version":2' in responses
    assert '"type":"BookRevised"' in responses
    assert '"title":"No such book"' in responses
