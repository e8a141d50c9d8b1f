"""Runs features on many plans: terraform-compliance reads them once, and forks for each plan.

A program for the environment of terraform-compliance: ``runner.py FEATURES PLAN REPORTS``. It reads
the path of a plan from each line of standard input and prints a line of JSON for it: from the title
of each scenario to whether it passes. An outline passes if all its rows do. PLAN is any of the
plans, which terraform-compliance checks before it starts; REPORTS is a folder to write to.
"""

import functools
import gc
import json
import os
import re
import sys
from pathlib import Path

import terraform_compliance.main as compliance  # type: ignore[import-not-found]
from radish import before, world  # type: ignore[import-not-found]
from terraform_compliance.common.defaults import Defaults  # type: ignore[import-not-found]
from terraform_compliance.extensions import terraform  # type: ignore[import-not-found]

ROW = re.compile(r" - row \d+$")


def main(features: str, plan: str, reports: str) -> None:
    """Read the features, and fork when radish is about to run them."""
    results = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    # It would read the plan again for every feature, which takes longer than to check it.
    terraform.TerraformParser = functools.cache(terraform.TerraformParser)

    def fork_for_each_plan(_features: object, **_: object) -> None:
        gc.disable()  # a child ends before it has much to collect
        for number, line in enumerate(sys.stdin):
            report = Path(reports, f"{number}.json")
            child = os.fork()
            if child == 0:
                world.config.user_data["plan_file"] = line.strip()
                world.config.cucumber_json = str(report)
                Defaults.cache_dir = f"{reports}/cache-{number}"
                return  # let radish run the features
            os.waitpid(child, 0)
            print(json.dumps(outcomes(report)), file=results, flush=True)
        os._exit(0)

    before.all(fork_for_each_plan)
    sys.argv = ["terraform-compliance", "-f", features, "-p", plan, "--no-ansi"]
    sys.argv += [f"--cucumber-json={reports}/report.json"]
    compliance.cli()
    os._exit(0)


def outcomes(report: Path) -> dict[str, bool]:
    """Return whether each scenario passes, by title; nothing if there is no report."""
    if not report.exists():
        return {}
    found: dict[str, bool] = {}
    for feature in json.loads(report.read_text()):
        for scenario in feature["elements"]:
            title = ROW.sub("", scenario["name"])
            passes = all(step["result"]["status"] == "passed" for step in scenario["steps"])
            found[title] = found.get(title, True) and passes
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
