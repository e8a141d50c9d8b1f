"""The parts of ``make bootstrap`` around Terraform: where its state is, and who uses the bucket.

``bootstrap.py begin`` finds the state of terraform/bootstrap/ and prints the settings of Terraform.
``bootstrap.py end COMMAND`` follows the apply: it names the bucket in each root's backend, and
moves states of this machine there; COMMAND is Terraform in terraform/.

The state of terraform/bootstrap/ begins as a file of this machine, named by the account, and moves
into the bucket. Each step looks at what is there, so a run that was stopped is continued by the
next one, on any machine once the state is in the bucket. No state and no file of a user's own is
ever overwritten.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TERRAFORM: Final = Path("terraform")
ROOT: Final = TERRAFORM / "bootstrap"
ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"

_BACKEND: Final = """\
# Written by `make bootstrap`.
terraform {{
  backend "s3" {{
    bucket       = "{bucket}"
    key          = "{project}/{root}.tfstate"
    region       = "{region}"
    encrypt      = true
    use_lockfile = true
  }}
}}
"""
_LOCAL: Final = """\
# Written by `make bootstrap`, until the state is in the bucket.
terraform {{
  backend "local" {{
    path = "{account}.tfstate"
  }}
}}
"""
_BOUNDARY: Final = """\
# Written by `make bootstrap`: the functions' roles have their environment's permissions boundary.
permissions_boundary = true
"""

State = Mapping[str, Any]


class Refused(Exception):
    """What prevents the bootstrap; ``str()`` is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account, clients of its services, and what is set on make's command line."""

    id: str
    region: str
    project: str
    s3: Any
    iam: Any
    given: Mapping[str, str]

    @property
    def bucket(self) -> str:
        """Return the name of the bucket for states."""
        default = f"{self.project}-state-{self.id}-{self.region}"
        return self.given.get("STATE_BUCKET") or default

    @property
    def data(self) -> str:
        """Return Terraform's own folder in terraform/bootstrap/, which no two accounts share."""
        return f".terraform/{self.id}"

    def backend(self, root: str) -> str:
        """Return the backend of a root whose state is in the bucket."""
        return _BACKEND.format(
            bucket=self.bucket, project=self.project, root=root, region=self.region
        )

    def state(self, key: str) -> State | None:
        """Return a state in the bucket, None without it or the bucket. Raises Refused."""
        from botocore.exceptions import ClientError

        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey"):
                return None
            raise Refused(f"s3://{self.bucket}/{key} cannot be read: {error}") from error
        return dict(json.load(found["Body"]))

    def key(self, root: str, workspace: str = "default") -> str:
        """Return the key of a state, as Terraform's S3 backend composes it."""
        key = f"{self.project}/{root}.tfstate"
        return key if workspace == "default" else f"env:/{workspace}/{key}"


def begin(account: Account) -> list[str]:
    """Write the backend of terraform/bootstrap/; return Terraform's settings. Raises Refused."""
    kept = account.state(account.key("bootstrap"))
    local = ROOT / f"{account.id}.tfstate"
    here = _read_state(local)
    if kept and here and kept["lineage"] != here["lineage"]:
        raise Refused(
            f"{local} and s3://{account.bucket}/{account.key('bootstrap')} are different states: "
            "remove the one that does not describe this account."
        )
    backend = account.backend("bootstrap") if kept else _LOCAL.format(account=account.id)
    (ROOT / "backend.tf").write_text(backend)
    settings = {
        "TF_DATA_DIR": account.data,
        "TF_VAR_repository": _repository(account.given.get("REPOSITORY", "")),
        "TF_VAR_state_bucket": account.bucket,
        "TF_VAR_create_oidc_provider": str(_creates_provider(account, kept or here)).lower(),
    }
    if environments := account.given.get("ENVIRONMENTS", "").split():
        settings["TF_VAR_environments"] = json.dumps(environments, separators=(",", ":"))
    return [" ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())]


def _repository(given: str) -> str:
    """Return the repository, and remember the first one given."""
    remembered = ROOT / "terraform.tfvars"
    found = re.search(
        r'^repository *= *"(.+)"',
        remembered.read_text() if remembered.exists() else "",
        re.MULTILINE,
    )
    if found and given not in ("", found[1]):
        raise Refused(f"{remembered} names the repository {found[1]}: change it there.")
    if not found and not given:
        raise Refused(
            "REPOSITORY is not set: make bootstrap REPOSITORY=OWNER/REPO or, for a repository that "
            "was created or renamed after July 15, 2026, OWNER@ID/REPO@ID, which is printed by "
            "gh api repos/OWNER/REPO --jq '\"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)\"'"
        )
    if not found and not remembered.exists():
        remembered.write_text(f'# Written by `make bootstrap`.\nrepository = "{given}"\n')
    return found[1] if found else given


def _creates_provider(account: Account, state: State | None) -> bool:
    """Return whether GitHub's OIDC provider is ours: an account has only one."""
    resources = (state or {}).get("resources", [])
    if any(each["type"] == "aws_iam_openid_connect_provider" for each in resources):
        return True
    listed = account.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    arns = [each["Arn"] for each in listed if each["Arn"].endswith(f"/{ISSUER}")]
    if not arns:
        return True
    known = account.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arns[0])
    if AUDIENCE not in known["ClientIDList"]:
        raise Refused(
            f"The account's provider {ISSUER} lacks the audience {AUDIENCE}: "
            "aws iam add-client-id-to-open-id-connect-provider "
            f"--open-id-connect-provider-arn {arns[0]} --client-id {AUDIENCE}"
        )
    return False


def end(account: Account, command: list[str]) -> Iterator[str]:
    """Move states into the bucket and yield what to do next. Raises Refused."""
    roles = _move_own_state(account, command)
    environments = [name for name in roles if f"{name}-plan" in roles]
    written = _write_files(account, environments)
    for root in ("registry", "service"):
        yield from _move_states(account, command, root)
    for environment in environments:
        _make_workspace(account, environment)
    yield from _next_steps(account, roles, written)


def _move_own_state(account: Account, command: list[str]) -> dict[str, str]:
    """Move the state of terraform/bootstrap/ if it is not in the bucket; return the roles."""
    terraform = ["env", f"TF_DATA_DIR={account.data}", *command[:-1], f"{command[-1]}/bootstrap"]
    if account.state(account.key("bootstrap")) is None:
        (ROOT / "backend.tf").write_text(account.backend("bootstrap"))
        _move(account, terraform)
    _set_aside(ROOT / f"{account.id}.tfstate")
    return dict(json.loads(_run([*terraform, "output", "-json", "roles"])))


def _write_files(account: Account, environments: list[str]) -> dict[Path, bool]:
    """Write the files that are missing; return all, and whether each is as this would write it."""
    files = {
        TERRAFORM / "backend.tf": account.backend("service"),
        TERRAFORM / "registry" / "backend.tf": account.backend("registry"),
        TERRAFORM / "bootstrap.auto.tfvars": _BOUNDARY,
    }
    service = TERRAFORM / "backend.tf"
    if service.exists() and f'"{account.bucket}"' not in service.read_text():
        bucket = f'bucket = "{account.bucket}"\nregion = "{account.region}"\n'
        files |= {TERRAFORM / "environments" / f"{e}.s3.tfbackend": bucket for e in environments}
    for path, text in files.items():
        if not path.exists():
            path.write_text(text)
    same = {path: path.read_text() == text for path, text in files.items()}
    return {ROOT / "terraform.tfvars": True, **same}


def _move_states(account: Account, command: list[str], root: str) -> Iterator[str]:
    """Move the states that a root has on this machine into the bucket."""
    folder = TERRAFORM if root == "service" else TERRAFORM / root
    if f'"{account.bucket}"' not in (folder / "backend.tf").read_text():
        return
    files = {"default": folder / "terraform.tfstate"}
    files |= {path.parent.name: path for path in folder.glob("terraform.tfstate.d/*/*.tfstate")}
    local = {name: state for name, path in files.items() if (state := _read_state(path))}
    there = {name: account.state(account.key(root, name)) for name in local}
    for name, kept in there.items():
        if kept and kept["resources"] and kept["lineage"] != local[name]["lineage"]:
            raise Refused(
                f"{files[name]} and s3://{account.bucket}/{account.key(root, name)} are different "
                "states: remove the one that does not describe what is deployed."
            )
    if any(not (kept and kept["resources"]) for kept in there.values()):
        terraform = command if root == "service" else [*command[:-1], f"{command[-1]}/{root}"]
        _move(account, terraform)
        yield f"Moved the state of terraform/{'' if root == 'service' else root} into the bucket."
    for path in files.values():
        _set_aside(path)


def _make_workspace(account: Account, environment: str) -> None:
    """Give an environment an empty state, which roles that only plan could not write."""
    from botocore.exceptions import ClientError

    empty = {
        "version": 4,
        "terraform_version": "1.10.0",
        "serial": 1,
        "lineage": str(uuid.uuid4()),
        "outputs": {},
        "resources": [],
    }
    try:
        account.s3.put_object(
            Bucket=account.bucket,
            Key=account.key("service", environment),
            Body=json.dumps(empty).encode(),
            ContentType="application/json",
            ServerSideEncryption="AES256",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
            raise


def _next_steps(
    account: Account, roles: Mapping[str, str], files: Mapping[Path, bool]
) -> Iterator[str]:
    for path in (path for path, same in files.items() if not same):
        yield f"{path} is yours, and stays as it is."
    yield "On GitHub, once its environments exist (docs/how-to/deploy.md):"
    for name, arn in roles.items():
        where = "" if name == "pull-request" else f" --env {name}"
        variable = "AWS_REVIEW_ROLE" if name == "pull-request" else "AWS_ROLE"
        yield f"  gh variable set {variable}{where} --body {arn}"
    yield f"  gh variable set AWS_REGION --body {account.region}"
    yield "Then commit what was written:"
    yield f"  git add {' '.join(map(str, files))} && git commit -m 'Use the bucket of states'"


def _read_state(path: Path) -> dict[str, Any] | None:
    """Return the state in a file, or None if there is none, or an empty one."""
    text = path.read_text() if path.exists() else ""
    state = dict(json.loads(text)) if text.strip() else {}
    return state if state.get("resources") else None


def _set_aside(path: Path) -> None:
    """Rename a state that is in the bucket, so that no one takes it for the state again."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.moved"))


def _move(account: Account, terraform: list[str]) -> None:
    plugins = account.given.get("TF_PLUGIN_DIR")
    options = ["-input=false", "-migrate-state", "-force-copy"]
    _run([*terraform, "init", *options, *([f"-plugin-dir={plugins}"] if plugins else [])])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{shlex.join(command)}:\n{done.stdout}{done.stderr}".strip())
    return done.stdout


def _account(given: Mapping[str, str]) -> Account:
    import boto3

    region = given["AWS_REGION"]
    session = boto3.session.Session(region_name=region)
    return Account(
        session.client("sts").get_caller_identity()["Account"],
        region,
        given["PROJECT"],
        session.client("s3"),
        session.client("iam"),
        given,
    )


def main(arguments: list[str]) -> int:
    """Carry out ``begin`` or ``end COMMAND...``; print a problem in one line, and return 1."""
    step, *command = arguments
    try:
        account = _account(os.environ)
        for line in begin(account) if step == "begin" else end(account, command):
            print(line)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
