"""States of Terraform, as ``terraform show -json`` prints them."""

from collections.abc import Mapping
from typing import Any, Final

Values = Mapping[str, Any]

FUNCTIONS: Final[Mapping[str, Values]] = {
    "aws_lambda_function.command_api_handler": {"image_uri": "registry/command@sha256:1"},
    "aws_lambda_function.query_api_handler": {"image_uri": "registry/query@sha256:2"},
}
LIVE: Final[Mapping[str, Values]] = {
    'aws_lambda_alias.live["command"]': {"function_version": "7"},
    'aws_lambda_alias.live["query"]': {"function_version": "9"},
}


def state(resources: Mapping[str, Values]) -> dict[str, Any]:
    """Return a state with these resources, by address."""
    listed = [{"address": address, "values": values} for address, values in resources.items()]
    return {"values": {"root_module": {"resources": listed}}}
