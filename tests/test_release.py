"""A release has the same bytes wherever and whenever it is made; its source archive builds its wheel. Both are built for real."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scenarios.workshop.bundle import SUMS
from tests import release as maker
from tests.project import PACKAGES, ROOT

FILES = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE", "tests/project.py", ".ci/run")
COMMITTED = "2026-11-30T12:00:00+00:00"
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="a release is that of a commit, and git is not here")


def repository(place: Path) -> Path:
    """One commit with the packages of this tree and a few files beside them."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, place / package, ignore=ignored, copy_function=shutil.copyfile)
    for name in FILES:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / name)
    (place / ".gitignore").write_text("dist/\n")
    (place / ".ci/run").chmod(0o700)
    git(place, "init", "--quiet")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "All of it.")
    return place


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """What the files that somebody writes may not allow."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def git(place: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{part}": "somebody@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": COMMITTED, "GIT_COMMITTER_DATE": COMMITTED, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", place, *arguments], check=True, env={**os.environ, **who, **dates})


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("one") / "source")


@pytest.fixture(scope="module")
def released(source: Path) -> Path:
    maker.release(source, source / "dist/release")
    return source / "dist/release"


def only(place: Path, pattern: str) -> Path:
    (found,) = place.glob(pattern)
    return found


def test_two_releases_of_a_commit_have_equal_bytes(released: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere, longer"
    with umask(0o077):
        maker.release(repository(tmp_path / "another source"), again)
    assert digests(again) == digests(released)
    assert len(digests(again)) == 4


def digests(place: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}


def test_the_source_archive_holds_the_commit_and_builds_the_wheel(released: Path, source: Path, tmp_path: Path) -> None:
    wheel, archive = only(released, "*.whl"), only(released, "*.tar.gz")
    top = archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive) as packed:
        names = {member.name.removeprefix(f"{top}/") for member in packed if (member.uid, member.uname) == (0, "")}
        packed.extractall(tmp_path, filter="data")
    committed = subprocess.run(["git", "-C", source, "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    assert names == {*committed.split("\0")[:-1], "PKG-INFO"}
    assert (tmp_path / top / ".ci/run").stat().st_mode & 0o111
    rebuilt = maker.build_wheel(tmp_path / top, tmp_path / "wheel", int(maker.git(source, "log", "-1", "--format=%ct")))
    assert rebuilt.read_bytes() == wheel.read_bytes()
    with zipfile.ZipFile(wheel) as packed_wheel:
        assert {name.partition("/")[0] for name in packed_wheel.namelist()} == {*PACKAGES, f"{top}.dist-info"}


def test_the_bill_names_what_an_installation_brings_and_who_needs_it(released: Path) -> None:
    bill = json.loads((released / maker.BILL).read_text())
    references = {part["bom-ref"]: part["name"] for part in bill["components"]}
    assert {"pydantic", "pydantic-core", "cffi"} <= set(references.values())
    assert not {"pytest", "duckdb", "tallystick"} & set(references.values())
    needs = {entry["ref"]: set(entry["dependsOn"]) for entry in bill["dependencies"]}
    own = bill["metadata"]["component"]["bom-ref"]
    assert needs.keys() == references.keys() | {own}
    assert set.union(*needs.values()) == references.keys()
    assert "pkg:pypi/pydantic-core@" in str(needs[next(ref for ref, name in references.items() if name == "pydantic")])


def test_every_file_is_listed_with_its_digest(released: Path) -> None:
    found = {name: digest for name, digest in digests(released).items() if name != SUMS}
    assert (released / SUMS).read_text() == "".join(f"{digest}  {name}\n" for name, digest in sorted(found.items()))


def test_what_is_in_no_commit_is_not_released(source: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(source, changed, ignore=shutil.ignore_patterns("dist"))
    (changed / "new.py").write_text("")
    with pytest.raises(SystemExit, match=r"changes that are in none:\n\?\? new\.py"):
        maker.release(changed, tmp_path / "release")
    (changed / "new.py").unlink()
    (changed / "README.md").write_text("Another one.")
    with pytest.raises(SystemExit, match=r"changes that are in none:\n M README\.md"):
        maker.release(changed, tmp_path / "release")
    with pytest.raises(SystemExit, match="git says"):
        maker.release(tmp_path, tmp_path / "release")
    assert not (tmp_path / "release").exists()


def test_a_folder_that_is_no_release_stays(source: Path, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Li,")
    with pytest.raises(SystemExit, match="exists and is no release"):
        maker.release(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_what_is_installed_must_be_what_the_constraints_say(released: Path) -> None:
    constraints = (ROOT / "constraints.txt").read_text()
    with pytest.raises(SystemExit, match=r"another version than constraints\.txt has, or none, of attrs, cbor2"):
        maker.bill(released, "1", constraints.replace("attrs==", "attrs==1").replace("cbor2==", "cbor3=="))
