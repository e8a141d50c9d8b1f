"""What is deployed, as settings for the next plan: ``deployed.py SETTING... <STATE``.

Standard input has the state, as ``terraform show -json`` prints it; standard output gets a file of
variables. ``images``: those that the functions run, so that a plan shows what else would change.
``share=0.1``: a rollout that leaves the API's present versions most requests, and the newest ones a
tenth. With 0 all requests go to the present versions, with 1 all to the newest.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

JsonObject = dict[str, Any]

APPS: Final = ("command", "query")


class Unusable(Exception):
    """The state does not have what is asked for; the message is one line with the remedy."""


def images(state: JsonObject, _: str) -> JsonObject:
    """Return the images that the functions run: none of a function that does not exist yet."""
    functions = {app: _values(state, f"aws_lambda_function.{app}_api_handler") for app in APPS}
    return {f"{app}_image": each["image_uri"] for app, each in functions.items() if each}


def share(state: JsonObject, given: str) -> JsonObject:
    """Return the rollout that gives the newest versions this share. Raises ``Unusable``."""
    try:
        part = float(given)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise Unusable(f"SHARE must be a number from 0 to 1, not {given!r}.")
    aliases = {app: _values(state, f'aws_lambda_alias.live["{app}"]') for app in APPS}
    present = {app: each.get("function_version") for app, each in aliases.items()}
    if not all(present.values()):
        raise Unusable(
            "The API does not call an alias yet: set `rollout = {}` in terraform/environments/, and"
            " `make terraform-apply` once."
        )
    rollout = {} if part == 1 else {"stable_versions": present, "new_share": part}
    return {"rollout": rollout}


SETTINGS: Final[Mapping[str, Callable[[JsonObject, str], JsonObject]]] = {
    "images": images,
    "share": share,
}


def _read(text: str) -> JsonObject:
    try:
        state: JsonObject = json.loads(text)
    except ValueError as error:
        raise Unusable("Terraform cannot show the state: its message is above.") from error
    return state


def _values(state: JsonObject, address: str) -> JsonObject:
    resources = state.get("values", {}).get("root_module", {}).get("resources", [])
    found = (resource["values"] for resource in resources if resource["address"] == address)
    return dict(next(found, {}))


def main(arguments: list[str]) -> None:
    """Print the settings, or exit with 1 and a line."""
    variables: JsonObject = {}
    try:
        state = _read(sys.stdin.read())
        for argument in arguments:
            name, _, value = argument.partition("=")
            variables |= SETTINGS[name](state, value)
    except Unusable as problem:
        sys.exit(str(problem))
    print(json.dumps(variables))


if __name__ == "__main__":
    main(sys.argv[1:])
