"""The release of the last commit: wheel, source archive, bill of materials, SHA256SUMS. Nothing is published.

    make release    # into dist/release

Two releases of one commit have equal bytes, wherever and whenever they are made with the versions of `constraints.txt`: what is
built is the commit and no other file, its date stands for every other, modes and order are fixed. The source archive is the
commit with its metadata (PKG-INFO); the wheel that it builds is the wheel that lies beside it.
"""

import argparse
import gzip
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from scenarios.workshop.bundle import OTHERS, PYTHONS, SUMS, digest, environment_of, fail, needed
from tests.project import ROOT

PLACE = ROOT / "dist" / "release"
NAME = "tallystick"
BILL = "bom.cdx.json"
ENVIRONMENT = environment_of(OTHERS["linux"][0], PYTHONS[0])
"""What the bill of materials is for: conditions such as `sys_platform == "win32"` are read there, not on this machine."""


def main(arguments: list[str] | None = None) -> None:
    """Makes the release, then names its files."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--to", type=Path, default=PLACE, help="the folder to make")
    place = parser.parse_args(arguments).to.absolute()
    release(ROOT, place)
    print((place / SUMS).read_text(), end="")


def release(root: Path, place: Path) -> None:
    """Builds the last commit of a repository into a folder, in place of an earlier release that may be there."""
    if changed := git(root, "status", "--porcelain").decode():
        fail(f"The release is that of a commit, and this tree has changes that are in none:\n{changed}")
    if place.exists() and not (place / BILL).is_file():
        fail(f"{place} exists and is no release. Remove it, or name another folder by --to.")
    epoch = int(git(root, "log", "-1", "--format=%ct"))
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=place.parent) as temporary:
        tree, made = Path(temporary) / "tree", Path(temporary) / "made"
        files = dict(committed(root))
        write_tree(tree, files)
        wheel = build_wheel(tree, made, epoch)
        metadata, version = read_metadata(wheel)
        write_source(made / f"{NAME}-{version}.tar.gz", {"PKG-INFO": (metadata, 0o644), **files}, epoch)
        constraints = files["constraints.txt"][0].decode()
        (made / BILL).write_text(json.dumps(bill(made, version, constraints), indent=1) + "\n", encoding="utf-8", newline="\n")
        names = sorted(path.name for path in made.iterdir())
        (made / SUMS).write_text("".join(f"{digest(made / name)}  {name}\n" for name in names), newline="\n")
        if place.exists():
            place.rename(Path(temporary) / "before")
        made.rename(place)


def git(root: Path, *arguments: str) -> bytes:
    """What git prints."""
    run = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    if run.returncode != 0:
        fail(f"The release is that of a commit, and git says: {run.stderr.decode().strip()}")
    return run.stdout


def committed(root: Path) -> Iterator[tuple[str, tuple[bytes, int]]]:
    """Files of the last commit in order of their names, each with its mode."""
    with tarfile.open(fileobj=io.BytesIO(git(root, "archive", "--format=tar", "HEAD"))) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            if (file := archive.extractfile(member)) is not None:
                yield member.name, (file.read(), 0o755 if member.mode & 0o100 else 0o644)


def write_tree(tree: Path, files: dict[str, tuple[bytes, int]]) -> None:
    """The files on the disk, to be built."""
    for name, (data, mode) in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)


def build_wheel(tree: Path, made: Path, epoch: int) -> Path:
    """The wheel of a tree; `build` and `setuptools` are those of this environment."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(made), str(tree)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, umask=0o022)
    if run.returncode != 0:
        fail(f"The wheel could not be built.\n{run.stdout}{run.stderr}")
    (wheel,) = made.glob("*.whl")
    return wheel


def read_metadata(wheel: Path) -> tuple[bytes, str]:
    """The wheel's METADATA, and the version."""
    version = wheel.name.split("-")[1]
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{NAME}-{version}.dist-info/METADATA"), version


def write_source(target: Path, files: dict[str, tuple[bytes, int]], epoch: int) -> None:
    """The archive, which says nothing of who made it."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, (data, mode) in files.items():
            entry = tarfile.TarInfo(f"{target.name.removesuffix('.tar.gz')}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), mode, epoch
            archive.addfile(entry, io.BytesIO(data))


def bill(made: Path, version: str, constraints: str) -> dict[str, Any]:
    """CycloneDX 1.6: what an installation without extras brings, in the versions it is tested with, and who needs what.

    Without serial number and time, in which two releases of one commit would differ.
    """
    pins = (line.partition("==") for line in constraints.splitlines())
    pinned: dict[str, str] = {canonicalize_name(name): pin for name, sign, pin in pins if sign}
    direct = needed(made, ENVIRONMENT, NAME)
    names = sorted(direct.keys() - {NAME})
    if strange := [name for name in names if importlib.metadata.version(name) != pinned.get(name)]:
        fail(f"Installed here is another version than constraints.txt has, or none, of {', '.join(strange)}.")
    references = {name: f"pkg:pypi/{name}@{pinned[name]}" for name in names} | {NAME: f"pkg:pypi/{NAME}@{version}"}
    own = {"type": "application", "bom-ref": references[NAME], "name": NAME, "version": version, "purl": references[NAME]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {**own, "licenses": [{"expression": "Apache-2.0"}]},
            "properties": [
                {"name": f"tallystick:{name}", "value": ENVIRONMENT[name]}
                for name in ("python_version", "sys_platform", "platform_machine")
            ],
        },
        "components": [
            {
                "type": "library",
                "bom-ref": references[name],
                "name": name,
                "version": pinned[name],
                "licenses": licences(name),
                "purl": references[name],
            }
            for name in names
        ],
        "dependencies": [
            {"ref": references[name], "dependsOn": [references[other] for other in sorted(direct[name])]}
            for name in (NAME, *names)
        ],
    }


def licences(name: str) -> list[dict[str, Any]]:
    """As the package states them: an SPDX expression, else its classifiers, else the first line of its field."""
    metadata = importlib.metadata.metadata(name)
    if "License-Expression" in metadata:
        return [{"expression": metadata["License-Expression"]}]
    classified = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    stated = metadata["License"].strip().partition("\n")[0] if "License" in metadata else ""
    return [{"license": {"name": text}} for text in classified or filter(None, [stated])]


if __name__ == "__main__":
    main()
