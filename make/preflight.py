"""Checks before anything is done, with a clear line for each problem: ``preflight.py CHECK...``.

``stage=NAME``: both apps have this stage. ``credentials``: AWS accepts our credentials.
``images=FILE``: the file names an image of each app by its digest. ``terraform show -json`` writes
to standard input what the others look at. ``unprotected``: no table in the state is protected
against deletion. ``only=ADDRESS+ADDRESS``: the plan changes nothing but what these stand for.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

APPS = ("command", "query")
_DIGEST = re.compile(r"[^@ ]+@sha256:[0-9a-f]{64}")
_TIMEOUT_SECONDS = 5


def stage_problems(stage: str) -> Iterator[str]:
    """Yield what prevents packaging the apps for this stage; Chalice itself would not report it."""
    for app in APPS:
        config = Path("apps", app, ".chalice", "config.json")
        stages = json.loads(config.read_text(encoding="utf-8"))["stages"]
        deployed = [name for name, settings in stages.items() if "lambda_functions" in settings]
        if stage not in deployed:
            known = ", ".join(deployed)
            yield f"{config} has no stage {stage} to deploy: set ENV to one of {known}."
    settings = Path("terraform", "environments", f"{stage}.tfvars")
    if not settings.is_file():
        yield f"{settings} is missing: create it, with what is special about {stage}, if anything."


def credentials_problems(_: str) -> Iterator[str]:
    """Yield why AWS refuses us."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    limits = Config(
        connect_timeout=_TIMEOUT_SECONDS,
        read_timeout=_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 2},
    )
    try:
        boto3.session.Session().client("sts", config=limits).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        reason = " ".join(str(error).split())
        yield (
            f"No AWS credentials that work ({reason}). Set them, or run "
            "`aws-vault exec PROFILE -- make ...`; OFFLINE=1 plans without any."
        )


def images_problems(file: str) -> Iterator[str]:
    """Yield which app's image is not named by its digest."""
    try:
        images = json.loads(Path(file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        images = {}
    except ValueError:
        yield f"{file} is not JSON: write it again with `make docker-delivery`."
        return
    missing = [app for app in APPS if not _DIGEST.fullmatch(str(images.get(f"{app}_image")))]
    if missing:
        yield (
            f"{file} names no image of {' and '.join(missing)}: deliver them with "
            "`make docker-delivery`, or all with `make deploy`."
        )


def unprotected_problems(_: str) -> Iterator[str]:
    """Yield which tables AWS will not delete, before the rest is deleted."""
    state = json.load(sys.stdin)
    resources = state.get("values", {}).get("root_module", {}).get("resources", [])
    protected = [
        resource["values"]["name"]
        for resource in resources
        if resource["values"].get("deletion_protection_enabled")
    ]
    if protected:
        yield (
            f"{' and '.join(protected)} are protected, since deleting them deletes all data: set "
            "table_deletion_protection = false, `make terraform-apply`, then destroy."
        )


def only_problems(addresses: str) -> Iterator[str]:
    """Yield what else the plan would change."""
    at_or_below = re.compile(rf"({'|'.join(map(re.escape, addresses.split('+')))})[.[].+")
    changes = json.load(sys.stdin).get("resource_changes", [])
    others = [
        each["address"]
        for each in changes
        if each["change"]["actions"] not in (["no-op"], ["read"])
        and not at_or_below.fullmatch(each["address"])
    ]
    if others:
        yield (
            f"This would also change {', '.join(others)}: the checkout, or what was changed by"
            " hand, differs from what is deployed. Check out the commit that is, or `make"
            " terraform-apply` first."
        )


CHECKS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "stage": stage_problems,
    "credentials": credentials_problems,
    "images": images_problems,
    "unprotected": unprotected_problems,
    "only": only_problems,
}


def main(arguments: list[str]) -> int:
    """Run the checks, print a line for each problem, and return how many there are."""
    problems = [
        problem
        for argument in arguments
        for problem in CHECKS[argument.partition("=")[0]](argument.partition("=")[2])
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return len(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
