"""Writes provider_6.json: what version 6 of the AWS provider knows of the types in ``TYPES``.

    pip download --no-deps --dest WHEELS cdktf-cdktf-provider-aws==21.22.1 pulumi-aws==7.51.1
    python -m harness.provider_table WHEELS/*.whl

Both packages are generated from the provider's schema. CDKTF's has all names, Pulumi's says which
of them are deprecated, and why.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("provider_6.json")
TYPES = {
    "data": ("aws_caller_identity", "aws_partition", "aws_region", "aws_service"),
    "resource": (
        "aws_api_gateway_base_path_mapping",
        "aws_api_gateway_deployment",
        "aws_api_gateway_domain_name",
        "aws_api_gateway_rest_api",
        "aws_api_gateway_stage",
        "aws_apigatewayv2_api",
        "aws_apigatewayv2_api_mapping",
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_deployment",
        "aws_apigatewayv2_domain_name",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_stage",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_event_archive",
        "aws_cloudwatch_event_bus",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_metric_alarm",
        "aws_cognito_user_pool",
        "aws_cognito_user_pool_client",
        "aws_dynamodb_table",
        "aws_ecr_lifecycle_policy",
        "aws_ecr_repository",
        "aws_ecr_repository_policy",
        "aws_iam_openid_connect_provider",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_lambda_alias",
        "aws_lambda_event_source_mapping",
        "aws_lambda_function",
        "aws_lambda_layer_version",
        "aws_lambda_permission",
        "aws_lambda_provisioned_concurrency_config",
        "aws_route53_record",
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_notification",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_sns_topic",
        "aws_sns_topic_subscription",
        "aws_sqs_queue",
    ),
}
# Pulumi's folders, where they are not named like the first word of the type.
_FOLDERS = {"api_gateway": "apigateway", "lambda": "lambda_"}
# Its modules, where they are not named like the rest of the type.
_MODULES = {"openid_connect_provider": "open_id_connect_provider"}
# Of Terraform, and not of the provider.
_OF_TERRAFORM = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider"}
_OF_TERRAFORM |= {"provisioners"}

Classes = Mapping[str, ast.ClassDef]


def main(wheels: Sequence[str]) -> None:
    """Write the table from CDKTF's wheel and Pulumi's, which are given in this order."""
    cdktf, pulumi = (zipfile.ZipFile(wheel) for wheel in sorted(wheels))
    types = {
        mode: {name: _described(mode, name, cdktf, pulumi) for name in names}
        for mode, names in TYPES.items()
    }
    versions = " and ".join("-".join(Path(wheel).name.split("-")[:2]) for wheel in sorted(wheels))
    table = {"generated_from": versions, **types}
    TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")


def _described(
    mode: str, name: str, cdktf: zipfile.ZipFile, pulumi: zipfile.ZipFile
) -> dict[str, Any]:
    plain = name[len("aws_") :]
    module = f"data_aws_{plain}" if mode == "data" else plain
    classes = _classes(cdktf, f"cdktf_cdktf_provider_aws/{module}/__init__.py")
    [root] = [
        found
        for found, each in classes.items()
        if re.search(r"TerraformResource|TerraformDataSource", "".join(map(ast.dump, each.bases)))
    ]
    arguments = _arguments(classes, f"{root}Config")
    return {
        "arguments": {key: arguments[key] for key in arguments if key not in _OF_TERRAFORM},
        "attributes": sorted(key for key in _getters(classes[root]) if not key.endswith("_input")),
        "deprecated": dict(_deprecated(mode, plain, pulumi, arguments)),
    }


def _classes(wheel: zipfile.ZipFile, module: str) -> Classes:
    body = ast.parse(wheel.read(module)).body
    return {each.name: each for each in body if isinstance(each, ast.ClassDef)}


def _getters(owner: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {
        each.name: each
        for each in owner.body
        if isinstance(each, ast.FunctionDef)
        and any("property" in ast.dump(decorator) for decorator in each.decorator_list)
    }


def _arguments(classes: Classes, name: str) -> dict[str, Any]:
    """Return the arguments of a class of CDKTF's; those of a block are an object in turn."""
    [init] = [
        each
        for each in classes[name].body
        if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    ]
    return {
        argument.arg.rstrip("_"): _argument(classes, argument.annotation)
        for argument in init.args.kwonlyargs
    }


def _argument(classes: Classes, annotation: ast.AST | None) -> dict[str, Any]:
    [*blocks] = _named(annotation) & set(classes)
    return _arguments(classes, blocks[0]) if blocks else {}


def _named(annotation: ast.AST | None) -> set[str]:
    """Return the names of classes in an annotation, quoted or not."""
    if annotation is None:
        return set()
    nodes = list(ast.walk(annotation))
    quoted = {each.value for each in nodes if isinstance(each, ast.Constant)}
    return {str(each) for each in quoted} | {n.id for n in nodes if isinstance(n, ast.Name)}


def _deprecated(
    mode: str, name: str, pulumi: zipfile.ZipFile, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the path of each deprecated name, such as ``a_block.an_argument``, and the reason."""
    if mode == "data":
        classes = _classes(pulumi, f"pulumi_aws/get_{name}.py")
        [root] = [each for each in classes if re.fullmatch(r"Get\w+Result", each)]
    else:
        service = next((each for each in _FOLDERS if name.startswith(each)), name.partition("_")[0])
        folder = f"pulumi_aws/{_FOLDERS.get(service, service)}"
        rest = name[len(service) + 1 :]
        module = f"{folder}/{_MODULES.get(rest, rest)}.py"
        classes = {**_classes(pulumi, f"{folder}/_inputs.py"), **_classes(pulumi, module)}
        [root] = [each for each in classes if re.fullmatch(r"_\w+State", each)]
    yield from _deprecated_of(classes, root, arguments)


def _deprecated_of(
    classes: Classes, name: str, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for getter in _getters(classes[name]).values():
        own = next(filter(arguments.__contains__, _singulars(getter.name)), getter.name)
        for decorator in getter.decorator_list:
            if isinstance(decorator, ast.Call) and "deprecated" in ast.dump(decorator.func):
                yield own, ast.literal_eval(decorator.args[0])
        for block in _named(getter.returns) & set(classes):
            for path, reason in _deprecated_of(classes, block, arguments.get(own, {})):
                yield f"{own}.{path}", reason


def _singulars(name: str) -> Iterator[str]:
    """Yield what Terraform may call a list that Pulumi calls by its plural."""
    yield name
    for plural, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if name.endswith(plural):
            yield name[: -len(plural)] + singular


if __name__ == "__main__":
    main(sys.argv[1:])
