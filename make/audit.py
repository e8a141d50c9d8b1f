"""``make audit``: pip-audit on the given locks.

Exit status: 1 for vulnerabilities, 2 when nothing could be checked.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


def main(locks: list[str]) -> None:
    """Print a line for each vulnerability, or the reason why there was no check."""
    found = [line for lock in locks for line in vulnerabilities(lock)]
    if found:
        sys.exit("\n".join(found))
    sys.stdout.write(f"No known vulnerabilities in {', '.join(locks)}.\n")


def vulnerabilities(lock: str) -> list[str]:
    """Return a line for each known vulnerability in ``lock``. Exit if none can be looked up."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        # pip-audit's exit code is 1 for vulnerabilities and failures alike; only the report
        # differs.
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", *options, "--requirement", lock),
                *("--format", "json", "--output", str(report)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            sys.stderr.write(
                f"Nothing was checked: the advisory service does not respond ({reason}).\n"
            )
            sys.exit(2)
        packages = json.loads(report.read_text())["dependencies"]
    return [
        f"{lock}: {package['name']} {package.get('version')}: {known['id']}, fixed in "
        f"{', '.join(known['fix_versions']) or 'no version yet'}"
        for package in packages
        for known in package.get("vulns", [])
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
