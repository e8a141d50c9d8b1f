"""The delivery of both services' images to a registry, and of their digests to Terraform."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from make.images.building import (
    APPS,
    DIGESTS,
    PLATFORMS,
    ROOT,
    Sources,
    build_images,
    read_platform,
    repository_name,
)
from make.images.engine import Engine, NotReady

_ECR: Final = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")

_SUFFIXES: Final = dict(zip(PLATFORMS, ("", "-arm64"), strict=True))
"""What ends the tags of images for each platform: they are built from the same revision."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry of images. ``ecr`` is None unless it is Amazon's: log in to others yourself."""

    host: str
    ecr: Any = None

    def repository(self, app: str) -> str:
        """Return the address of an app's repository, which ``terraform/registry`` creates."""
        return f"{self.host}/{repository_name(app)}"


def find_registry(environment: Mapping[str, str]) -> Registry:
    """Return the registry REGISTRY, by default the account's own in AWS_REGION, ready for a push.

    Raise NotReady, which names what is missing: region, credentials or repositories.
    """
    host = environment.get("REGISTRY")
    known = _ECR.fullmatch(host) if host else None
    if host and not known:
        return Registry(host)
    region = known[2] if known else environment.get("AWS_REGION")
    if not region:
        raise NotReady("AWS_REGION is not set: make docker-delivery AWS_REGION=eu-central-1")
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.session.Session(region_name=region)
    try:
        own = f"{session.client('sts').get_caller_identity()['Account']}.dkr.ecr.{region}"
        host = host or f"{own}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
        client = session.client("ecr")
        missing = [app for app in APPS if not _has_repository(client, app)]
    except (BotoCoreError, ClientError) as error:
        raise NotReady(
            f"There are no credentials that AWS accepts ({error}). Set AWS_PROFILE or the AWS_* "
            "variables, or log in: aws sso login"
        ) from error
    if missing:
        names = ", ".join(map(repository_name, missing))
        raise NotReady(f"{host} has no repository {names}: apply terraform/registry first.")
    return Registry(host, client)


def check_clean(sources: Sources) -> None:
    """Raise NotReady where the clone has changes: a delivery must be traceable to its revision."""
    if sources.dirty:
        raise NotReady("The clone has changes. Commit or stash them: git status")


def deliver_images(
    engine: Engine,
    registry: Registry,
    sources: Sources,
    environment: Mapping[str, str],
    root: Path = ROOT,
) -> dict[str, str]:
    """Build and push both images under version and revision, and return their addresses by digest.

    They are written to the file that Terraform reads by itself. What is in ECR already is neither
    built nor pushed again, for tags of ``terraform/registry`` are immutable. Raise NotReady.
    """
    log_in(engine, registry)
    suffix = _SUFFIXES[read_platform(environment)]
    revision, version = f"{sources.revision}{suffix}", f"{sources.version}{suffix}"
    names = dict.fromkeys((revision, version))
    delivered = {app: _delivered(registry, app, names) for app in APPS}
    if any(revision not in found and version in found for found in delivered.values()):
        raise NotReady(
            f"Another revision was delivered as {sources.version}. Set VERSION to a new one."
        )
    complete = all(len(found) == len(names) for found in delivered.values())
    tags = {} if complete else build_images(engine, sources, environment, root)
    images = {}
    for app, found in delivered.items():
        repository = registry.repository(app)
        for name in names:
            found[name] = found.get(name) or engine.push(tags[app], f"{repository}:{name}")
        images[app] = f"{repository}@{found[revision]}"
    content = {f"{app}_image": image for app, image in images.items()}
    (root / DIGESTS).write_text(json.dumps(content, indent=2) + "\n")
    return images


def log_in(engine: Engine, registry: Registry) -> None:
    """Log the engine in to ECR, for twelve hours; do nothing for any other registry."""
    if registry.ecr is None:
        return
    import base64

    [granted] = registry.ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    engine.log_in(registry.host, user, password)


def _has_repository(client: Any, app: str) -> bool:
    try:
        client.describe_repositories(repositoryNames=[repository_name(app)])
    except client.exceptions.RepositoryNotFoundException:
        return False
    return True


def _delivered(registry: Registry, app: str, tags: Iterable[str]) -> dict[str, str]:
    """Return the digest of each of ``tags`` that ECR has."""
    client, found = registry.ecr, {}
    for tag in tags if client else ():
        try:
            about = client.describe_images(
                repositoryName=repository_name(app), imageIds=[{"imageTag": tag}]
            )
        except client.exceptions.ImageNotFoundException:
            continue
        found[tag] = str(about["imageDetails"][0]["imageDigest"])
    return found
