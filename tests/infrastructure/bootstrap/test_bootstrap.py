"""``make/bootstrap.py``: which state it uses, what it moves, and what it never overwrites."""

import io
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from make.bootstrap import AUDIENCE, ISSUER, Account, Refused, begin, end

ID = "111122223333"
BUCKET = f"project-state-{ID}-eu-central-1"
OWN = "project/bootstrap.tfstate"
PROVIDER = f"arn:aws:iam::{ID}:oidc-provider/{ISSUER}"
ROLES = {name: f"arn:{name}" for name in ("pull-request", "staging", "staging-plan")}
ANOTHER = 'terraform { backend "s3" { bucket = "another" } }'

JsonObject = dict[str, Any]


class S3:
    """A bucket, as far as the bootstrap uses it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> JsonObject:  # noqa: N803 - boto3's names
        if Bucket != BUCKET or Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str, **_: str) -> None:  # noqa: N803
        assert IfNoneMatch == "*"
        if Key in self.objects:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.objects[Key] = Body


class Iam:
    """An account's OIDC providers: the audiences of GitHub's, or None."""

    audiences: list[str] | None = None

    def list_open_id_connect_providers(self) -> JsonObject:
        arns = [] if self.audiences is None else [{"Arn": PROVIDER}]
        return {"OpenIDConnectProviderList": [{"Arn": "arn:of:another"}, *arns]}

    def get_open_id_connect_provider(self, *, OpenIDConnectProviderArn: str) -> JsonObject:  # noqa: N803
        assert OpenIDConnectProviderArn == PROVIDER
        return {"ClientIDList": self.audiences}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Return an account, in a repository whose folders are empty."""
    for folder in ("bootstrap", "registry", "environments"):
        (tmp_path / "terraform" / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return Account(ID, "eu-central-1", "project", S3(), Iam(), {"REPOSITORY": "acme/books"})


def given(account: Account, **settings: str) -> Account:
    """Return the account with other settings on make's command line."""
    return replace(account, given=settings)


@pytest.fixture
def terraform(tmp_path: Path) -> list[str]:
    """Return a command that logs its arguments, and prints the roles as an output."""
    program = tmp_path / "terraform.sh"
    program.write_text(f"#!/bin/sh\necho \"$@\" >>{tmp_path}/log\necho '{json.dumps(ROLES)}'\n")
    program.chmod(0o755)
    return [str(program), "-chdir=terraform"]


def moves(tmp_path: Path) -> list[str]:
    """Return the roots whose states Terraform was told to move."""
    lines = (tmp_path / "log").read_text().splitlines()
    return [line.split()[0] for line in lines if "-migrate-state -force-copy" in line]


def state(lineage: str, *kinds: str) -> bytes:
    resources = [{"type": kind} for kind in kinds or ("aws_s3_bucket",)]
    return json.dumps({"lineage": lineage, "resources": resources}).encode()


def settings_of(account: Account) -> dict[str, str]:
    """Return what begin prints as bash, which make hands it to, reads it."""
    [line] = begin(account)
    shell = ["env", "-i", "/bin/bash", "-c", f"export {line}; env"]
    shown = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    return dict(each.split("=", 1) for each in shown.splitlines() if each.startswith("TF_"))


def backend() -> str:
    return Path("terraform/bootstrap/backend.tf").read_text()


def test_the_state_begins_on_this_machine_named_by_the_account(account: Account) -> None:
    settings = settings_of(account)
    assert f'path = "{ID}.tfstate"' in backend()
    assert settings == {
        "TF_DATA_DIR": f".terraform/{ID}",
        "TF_VAR_repository": "acme/books",
        "TF_VAR_state_bucket": BUCKET,
        "TF_VAR_create_oidc_provider": "true",
    }


def test_a_state_in_the_bucket_is_used_on_every_machine(account: Account) -> None:
    account.s3.objects[OWN] = state("one")
    begin(account)
    assert f'bucket       = "{BUCKET}"' in backend()


def test_the_copy_that_a_stopped_run_left_on_this_machine_is_not_used(account: Account) -> None:
    account.s3.objects[OWN] = state("one")
    Path(f"terraform/bootstrap/{ID}.tfstate").write_bytes(state("one"))
    begin(account)
    assert BUCKET in backend()


def test_two_different_states_are_refused(account: Account) -> None:
    account.s3.objects[OWN] = state("one")
    Path(f"terraform/bootstrap/{ID}.tfstate").write_bytes(state("two"))
    with pytest.raises(Refused, match="are different states"):
        begin(account)


def test_a_bucket_that_cannot_be_read_is_reported(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_object(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    monkeypatch.setattr(account.s3, "get_object", get_object)
    with pytest.raises(Refused, match=f"s3://{BUCKET}/{OWN} cannot be read"):
        begin(account)


def test_the_repository_is_remembered(account: Account) -> None:
    begin(account)
    assert settings_of(given(account))["TF_VAR_repository"] == "acme/books"


def test_without_a_repository_it_says_how_to_name_one(account: Account) -> None:
    with pytest.raises(Refused, match=r"REPOSITORY=OWNER/REPO or, .* OWNER@ID/REPO@ID"):
        begin(given(account))


def test_another_repository_than_the_remembered_one_is_refused(account: Account) -> None:
    begin(account)
    with pytest.raises(Refused, match=r"terraform\.tfvars names the repository acme/books"):
        begin(given(account, REPOSITORY="acme/other"))


def test_environments_and_bucket_can_be_named(account: Account) -> None:
    named = {"ENVIRONMENTS": "production demo", "STATE_BUCKET": "mine"}
    settings = settings_of(given(account, REPOSITORY="acme/books", **named))
    assert settings["TF_VAR_environments"] == '["production","demo"]'
    assert settings["TF_VAR_state_bucket"] == "mine"


@pytest.mark.parametrize(
    ("kept", "creates"), [("aws_iam_openid_connect_provider", "true"), ("aws_s3_bucket", "false")]
)
def test_the_account_s_provider_is_used_unless_it_is_ours(
    account: Account, kept: str, creates: str
) -> None:
    account.iam.audiences = [AUDIENCE]
    account.s3.objects[OWN] = state("one", kept)
    assert settings_of(account)["TF_VAR_create_oidc_provider"] == creates


def test_a_provider_without_aws_s_audience_is_refused_with_the_command_that_adds_it(
    account: Account,
) -> None:
    account.iam.audiences = ["other"]
    with pytest.raises(Refused, match=f"--client-id {AUDIENCE}"):
        begin(account)


def test_every_root_s_state_is_in_the_bucket_at_the_end(
    account: Account, terraform: list[str], tmp_path: Path
) -> None:
    Path(f"terraform/bootstrap/{ID}.tfstate").write_bytes(state("own"))
    production = Path("terraform/terraform.tfstate.d/production/terraform.tfstate")
    production.parent.mkdir(parents=True)
    production.write_bytes(state("service"))
    Path("terraform/registry/terraform.tfstate").write_bytes(state("registry"))
    shown = list(end(account, terraform))
    chdir = "-chdir=terraform"
    assert moves(tmp_path) == [f"{chdir}/bootstrap", f"{chdir}/registry", chdir]
    left = [path.name for path in Path("terraform").rglob("*tfstate*") if path.is_file()]
    assert sorted(left) == [f"{ID}.tfstate.moved", *["terraform.tfstate.moved"] * 2]
    for root, key in (("", "service"), ("registry/", "registry"), ("bootstrap/", "bootstrap")):
        text = Path(f"terraform/{root}backend.tf").read_text()
        assert f'key          = "project/{key}.tfstate"' in text
        assert BUCKET in text
    assert Path("terraform/bootstrap.auto.tfvars").read_text().endswith("boundary = true\n")
    assert "  gh variable set AWS_ROLE --env staging-plan --body arn:staging-plan" in shown
    assert "  gh variable set AWS_REVIEW_ROLE --body arn:pull-request" in shown


def test_what_is_in_the_bucket_already_is_not_moved_again(
    account: Account, terraform: list[str], tmp_path: Path
) -> None:
    account.s3.objects |= {OWN: state("own"), "project/registry.tfstate": state("registry")}
    Path("terraform/registry/terraform.tfstate").write_bytes(state("registry"))
    list(end(account, terraform))
    assert moves(tmp_path) == []
    assert Path("terraform/registry/terraform.tfstate.moved").exists()


def test_a_state_of_another_deployment_in_the_bucket_is_not_overwritten(
    account: Account, terraform: list[str], tmp_path: Path
) -> None:
    account.s3.objects |= {OWN: state("own"), "project/registry.tfstate": state("theirs")}
    Path("terraform/registry/terraform.tfstate").write_bytes(state("ours"))
    with pytest.raises(Refused, match="are different states"):
        list(end(account, terraform))
    assert moves(tmp_path) == []


def test_files_of_the_user_s_own_stay(account: Account, terraform: list[str]) -> None:
    account.s3.objects[OWN] = state("own")
    kept = {"terraform/backend.tf": ANOTHER, "terraform/bootstrap.auto.tfvars": "# mine\n"}
    for path, text in kept.items():
        Path(path).write_text(text)
    Path("terraform/terraform.tfstate").write_bytes(state("service"))
    shown = list(end(account, terraform))
    assert {path: Path(path).read_text() for path in kept} == kept
    assert {f"{path} is yours, and stays as it is." for path in kept} <= set(shown)
    assert Path("terraform/terraform.tfstate").exists()


def test_an_environment_in_an_account_of_its_own_has_its_states_there(
    account: Account, terraform: list[str]
) -> None:
    account.s3.objects[OWN] = state("own")
    Path("terraform/backend.tf").write_text(ANOTHER)
    list(end(account, terraform))
    file = Path("terraform/environments/staging.s3.tfbackend")
    assert file.read_text() == f'bucket = "{BUCKET}"\nregion = "eu-central-1"\n'
    assert not Path("terraform/environments/pull-request.s3.tfbackend").exists()


def test_environments_get_an_empty_state_once(account: Account, terraform: list[str]) -> None:
    account.s3.objects[OWN] = state("own")
    list(end(account, terraform))
    key = "env:/staging/project/service.tfstate"
    first = account.s3.objects[key]
    assert json.loads(first)["resources"] == []
    list(end(account, terraform))
    assert account.s3.objects[key] == first


def test_what_terraform_reports_is_shown(account: Account, tmp_path: Path) -> None:
    program = tmp_path / "terraform.sh"
    program.write_text("#!/bin/sh\necho 'no such workspace' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(Refused, match="no such workspace"):
        list(end(account, [str(program), "-chdir=terraform"]))
