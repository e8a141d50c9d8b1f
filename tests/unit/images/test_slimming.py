"""What the build leaves out of an image."""

import gzip
import os
from pathlib import Path
from shutil import copy, copytree, rmtree
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader

from make.images.slimming import AWS_SERVICES, compile_tree, settle, slim_botocore, slim_packages

KEPT = {
    "boto3/data/dynamodb/2012-08-10/resources-1.json",
    "botocore/data/dynamodb/2012-08-10/paginators-1.json",
    "botocore/data/endpoints.json",
    "botocore/data/events/2015-10-07/paginators-1.json",
    "botocore/data/sqs/2012-11-05/paginators-1.json",
    "botocore/docs/docstring.py",  # is code
    "chalice/__init__.py",
    "chalice/app.py",
    "flask_swagger_ui/dist/LICENSE",
    "six-1.0.dist-info/METADATA",
    "six.py",
    "stdnum/isbn.py",
}
PACKED = {
    "botocore/data/dynamodb/2012-08-10/service-2.json",
    "botocore/data/events/2015-10-07/service-2.json",
    "botocore/data/sqs/2012-11-05/service-2.json",
    "flask_swagger_ui/dist/swagger-ui-bundle.js.gz",
    "flask_swagger_ui/dist/swagger-ui.css.gz",
}
LEFT_OUT = {
    "bin/chalice",
    "boto3/data/ec2/2016-11-15/resources-1.json",
    "boto3/examples/s3.rst",
    "botocore/data/dynamodb/2011-12-05/examples-1.json",
    "botocore/data/dynamodb/2012-08-10/examples-1.json",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "botocore/data/events/2014-02-03/service-2.json.gz",
    "botocore/data/events/2015-10-07/service-2.json.gz",
    "botocore/data/sqs/2012-11-05/service-2.json.gz",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "chalice/cli/__init__.py",
    "flask_swagger_ui/__init__.py",
    "flask_swagger_ui/dist/swagger-ui-bundle.js",
    "flask_swagger_ui/dist/swagger-ui.css",
    "flask_swagger_ui/dist/swagger-ui.js",
    "flask_swagger_ui/templates/index.template.html",
    "pip-1.0.dist-info/METADATA",
    "pip/__init__.py",
    "simplejson/tests/test_it.py",
    "six-1.0.dist-info/RECORD",
    "six.pyi",
    "stdnum/iban.py",
}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    root = tmp_path / "task"
    for name in KEPT | LEFT_OUT:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    data = root / "botocore" / "data"
    for service in ("dynamodb/2012-08-10", "events/2015-10-07", "sqs/2012-11-05"):
        (data / service / "service-2.json.gz").write_bytes(gzip.compress(b"{}"))
    (data / "endpoints.json").write_text('{"partitions": []}')
    for name in ("pip", "six"):
        (root / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    record = "pip/__init__.py,,\npip-1.0.dist-info/METADATA,,\n../../bin/pip,,\n"
    (root / "pip-1.0.dist-info" / "RECORD").write_text(record)
    return root


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_only_files_that_functions_need_are_kept(packages: Path) -> None:
    beside = packages.parent / "beside"
    beside.write_text("")

    slim_packages(packages)

    assert files(packages) == KEPT | PACKED
    assert beside.exists()


def test_an_image_without_a_page_has_no_swagger_ui(packages: Path) -> None:
    rmtree(packages / "flask_swagger_ui")

    slim_packages(packages)

    assert not [name for name in files(packages) if "swagger" in name]


def test_a_packed_file_is_the_packages_own_and_the_same_at_any_time(packages: Path) -> None:
    dist = packages / "flask_swagger_ui" / "dist"
    (dist / "swagger-ui.css").write_text("a { color: red }")

    slim_packages(packages)

    packed = (dist / "swagger-ui.css.gz").read_bytes()
    assert gzip.decompress(packed) == b"a { color: red }"
    assert packed[4:8] == bytes(4)  # RFC 1952: without a time


@pytest.fixture(scope="module")
def slimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the installed botocore's data, slimmed."""
    installed = Path(botocore.__file__).parent / "data"
    data = tmp_path_factory.mktemp("botocore") / "data"
    for service in AWS_SERVICES:
        copytree(installed / service, data / service)
    for file in installed.glob("*.json"):
        copy(file, data)
    slim_botocore(data)
    return data


def client(region: str, data: Path | None, service: str = "dynamodb") -> Any:
    """Return a client made of the files in ``data``, or of botocore's own."""
    session = botocore.session.Session()
    if data is not None:
        loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
        session.register_component("data_loader", loader)
    session.set_credentials("key", "secret")
    return session.create_client(service, region_name=region)


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1", "us-gov-west-1", "xx-new-1"])
@pytest.mark.parametrize("service", AWS_SERVICES)
def test_a_client_of_the_slimmed_data_is_that_of_the_whole(
    slimmed: Path, region: str, service: str
) -> None:
    ours, theirs = client(region, slimmed, service), client(region, None, service)

    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.partition == theirs.meta.partition
    assert ours.meta.config.signature_version == theirs.meta.config.signature_version


def test_a_client_of_the_slimmed_data_has_paginators_and_waiters(slimmed: Path) -> None:
    ours = client("eu-central-1", slimmed)
    assert ours.get_paginator("scan")
    assert ours.get_waiter("table_exists")


@pytest.mark.parametrize("service", AWS_SERVICES)
def test_the_slimmed_model_is_the_whole_without_its_documentation(
    slimmed: Path, service: str
) -> None:
    ours, theirs = (
        client("eu-central-1", data, service).meta.service_model for data in (slimmed, None)
    )

    assert ours.operation_names == theirs.operation_names
    for name in theirs.shape_names:
        one, other = ours.shape_for(name), theirs.shape_for(name)
        assert (one.type_name, one.metadata) == (other.type_name, other.metadata)
        assert getattr(one, "members", {}).keys() == getattr(other, "members", {}).keys()
    texts = [ours.operation_model(name).documentation for name in ours.operation_names]
    assert not any([ours.documentation, *texts])


def test_bytecode_does_not_depend_on_the_time_and_is_not_validated(tmp_path: Path) -> None:
    compiled = []
    for time in (1_000, 2_000):
        root = tmp_path / "task"
        root.mkdir(exist_ok=True)
        (root / "app.py").write_text("app = {'a', 'b'}")
        os.utime(root / "app.py", (time, time))
        compile_tree(root)
        [code] = (root / "__pycache__").iterdir()
        compiled.append(code.read_bytes())
        code.unlink()

    assert compiled[0] == compiled[1]
    assert compiled[0][4:8] == b"\x01\0\0\0"  # PEP 552: by hash, unchecked


def test_files_are_readable_by_all_and_have_one_time(packages: Path) -> None:
    (packages / "six.py").chmod(0o600)
    (packages / "link").symlink_to("six.py")

    settle(packages, 1_700_000_000)

    modes = {path.stat().st_mode & 0o777 for path in packages.rglob("*") if path.is_file()}
    assert modes == {0o644}
    assert {path.lstat().st_mtime for path in [packages, *packages.rglob("*")]} == {1_700_000_000.0}
