"""What the images have of their base: Python, its libraries, and nothing that nobody runs."""

import sys
from pathlib import Path

from make.images.essentials import bring, essentials


def below(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def test_what_this_python_needs_is_found_with_the_loader_and_the_c_library() -> None:
    needed = list(essentials())

    assert all(path.exists() for path in needed)
    assert Path(sys.executable) in needed
    names = {path.name for path in needed}
    assert {"os.py", "lib-dynload", "libc.so.6", "libgcc_s.so.1"} <= names
    assert any(name.startswith("ld-linux") for name in names)
    assert not {"sh", "bash", "apt", "pip"} & names


def test_a_file_is_brought_with_the_links_that_lead_to_it(tmp_path: Path) -> None:
    base, root = tmp_path / "base", tmp_path / "root"
    (base / "usr" / "lib").mkdir(parents=True)
    (base / "usr" / "lib" / "z.so.1.2").write_text("z")
    (base / "usr" / "lib" / "other.so").write_text("other")
    (base / "usr" / "lib" / "z.so").symlink_to("../lib/z.so.1.2")
    (base / "lib").symlink_to("usr/lib")

    bring(base / "lib" / "z.so", root)
    bring(base / "lib" / "z.so", root)

    brought = root / base.relative_to("/")
    assert below(brought) == {"usr/lib/z.so", "usr/lib/z.so.1.2"}
    assert (brought / "lib").readlink() == Path("usr/lib")
    assert (brought / "lib" / "z.so").read_text() == "z"


def test_a_folder_is_brought_with_what_its_links_lead_to_and_its_modes(tmp_path: Path) -> None:
    base, root = tmp_path / "base", tmp_path / "root"
    (base / "certs").mkdir(parents=True)
    (base / "shared").mkdir()
    (base / "shared" / "ca.crt").write_text("ca")
    (base / "shared" / "ca.crt").chmod(0o600)
    (base / "certs" / "0a1b.0").symlink_to("../shared/ca.crt")

    bring(base / "certs", root)

    brought = root / base.relative_to("/")
    assert below(brought) == {"certs/0a1b.0", "shared/ca.crt"}
    assert (brought / "certs" / "0a1b.0").read_text() == "ca"
    assert (brought / "shared" / "ca.crt").stat().st_mode & 0o777 == 0o600
