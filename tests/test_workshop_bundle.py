"""The bundle, made from the files of this tree, is installed without an index; what it brings plays a demo from another folder.

Real: the build, the metadata, the files packed, pip's choice among the wheels, the installation by the command of the bundle, the
`tallystick` command and its processes, and that nothing is imported from this tree. Not real, so that the test needs no network:
the wheels are packed again from what is installed here. With --long they come from the package index, for other systems as well.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from scenarios.workshop import bundle as maker
from scenarios.workshop import install_bundle
from tests.project import PACKAGES, ROOT

PYTHON = "{}.{}".format(*sys.version_info)
WHEEL = "wheels/sample-1-py3-none-any.whl"
TOOLS = ("pip", "setuptools")
"""What makes the bundle, beside what is in it."""


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """pip finds what is installed here, and nothing else."""
    wheels = tmp_path_factory.mktemp("wheels")
    for name in {*maker.needed(wheels, maker.environment_of(maker.THIS, PYTHON)), *TOOLS} - {"tallystick"}:
        _pack_again(importlib.metadata.distribution(name), wheels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(wheels))
        yield


@pytest.fixture(scope="module")
def bundle(offline: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For this machine and Python, in a folder with a space."""
    made = tmp_path_factory.mktemp("made") / "a stick"
    assert f"Python {PYTHON}" in maker.make(made, [maker.THIS], [PYTHON])
    return made


@pytest.fixture(scope="module")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which its command installed."""
    folder = tmp_path_factory.mktemp("room") / "our room"
    told = _run(["sh", str(bundle / "install.sh"), str(folder)], bundle)
    assert f"cd '{folder}'\n    .venv/bin/tallystick lab doctor" in told
    return folder


def test_the_wheel_holds_code_and_data_and_no_tests_and_every_file_of_the_bundle_is_listed(bundle: Path) -> None:
    (wheel,) = bundle.glob("wheels/tallystick-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {name for name in names if not name.startswith("tallystick-")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == expected
    page = {"page.html", "page.css", "icon.svg", "modules/page.js", "modules/shell.js"}
    assert {f"nodes/page/{name}" for name in page} | {"nodes/picture/picture.css"} <= packed
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    listed = dict(line.split("  ")[::-1] for line in (bundle / maker.SUMS).read_text().splitlines())
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert files == listed.keys() | {maker.SUMS}
    assert all(maker.digest(bundle / name) == digest for name, digest in listed.items())


@pytest.mark.timeout(900)
def test_what_is_installed_plays_a_demo_and_looks_at_the_machine(installed: Path, no_process_left: str) -> None:
    where = _run([".venv/bin/python", "-c", "import ledger, nodes, scenarios; print(scenarios.__file__)"], installed)
    assert Path(where.strip()).is_relative_to(installed)
    told = _run([".venv/bin/tallystick", "demo", "energy"], installed)  # the shortest story
    assert "report.html" in told
    assert "<html" in (installed / "report.html").read_text()
    looked = subprocess.run(
        [".venv/bin/tallystick", "lab", "doctor", "--groups", "1"], cwd=installed, capture_output=True, text=True
    )
    assert "Packages" in looked.stdout, looked.stderr  # whether this machine is fit is not the bundle's doing


def test_every_link_of_the_guide_leads_somewhere(tmp_path: Path) -> None:
    maker.write_guide(tmp_path)
    pages = {page: _Page(page) for page in tmp_path.rglob("*.html")}
    assert tmp_path / "scenarios/workshop/TEACHING_zh.html" in pages
    assert len([page for page in pages if page.parent.parent.name == "labs"]) == 40
    for page, read in pages.items():
        for name, anchor in read.links:
            target = (page.parent / unquote(name)).resolve() if name else page
            assert target.exists(), f"{page}: {name}"
            if target in pages and anchor and "=" not in anchor:  # `#view=labs` is of the page of a node
                assert anchor in pages[target].anchors, f"{page}: {name}#{anchor}"


def old(stick: Path, folder: Path) -> None:
    """The Python of this machine is older than Tallystick needs."""
    install_bundle.PYTHON = (9, 9)


def cut(stick: Path, folder: Path) -> None:
    """The stick was pulled out too early."""
    (stick / WHEEL).write_bytes(b"the fi")


def unlisted(stick: Path, folder: Path) -> None:
    """The copy stopped before the last file."""
    (stick / maker.SUMS).unlink()


def mixed(stick: Path, folder: Path) -> None:
    """It was copied over another bundle."""
    (stick / "wheels/sample-0-py3-none-any.whl").write_bytes(b"older")


def filled(stick: Path, folder: Path) -> None:
    """Somebody's environment."""
    (folder / ".venv").mkdir(parents=True)


def taken(stick: Path, folder: Path) -> None:
    """A file of that name."""
    folder.write_text("here")


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (old, r"needs Python 3\.11 or newer; this is 3\.\d+\."),
        (cut, f"{WHEEL} is damaged or missing"),
        (unlisted, f"{maker.SUMS} is damaged or missing"),
        (mixed, r"wheels/sample-0-py3-none-any\.whl is not of this bundle"),
        (filled, r"\.venv exists already\. Remove it"),
        (taken, r"cannot be written"),
    ],
)
def test_an_installation_that_cannot_be_says_why_and_leaves_nothing(
    hurt: Callable[[Path, Path], None],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, stick = tmp_path / "room", tmp_path / "stick"
    (stick / WHEEL).parent.mkdir(parents=True)
    (stick / WHEEL).write_bytes(b"the first half, and the second")
    (stick / maker.SUMS).write_text(f"{maker.digest(stick / WHEEL)}  {WHEEL}\n")
    monkeypatch.setattr(install_bundle, "HERE", stick)
    monkeypatch.setattr(install_bundle, "PYTHON", install_bundle.PYTHON)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    hurt(stick, folder)
    before = set(tmp_path.rglob("*"))
    assert install_bundle.main(str(folder)) == 2
    assert re.search(said, capsys.readouterr().err)
    assert set(tmp_path.rglob("*")) == before


def test_a_python_for_which_a_wheel_is_missing_is_told_which_ones_the_bundle_fits(bundle: Path, tmp_path: Path) -> None:
    stick, folder = tmp_path / "stick", tmp_path / "room"
    shutil.copytree(bundle, stick, ignore=shutil.ignore_patterns("guide", "rich-*"))
    kept = [line for line in (bundle / maker.SUMS).read_text().splitlines(keepends=True) if "/rich-" not in line]
    (stick / maker.SUMS).write_text("".join(line for line in kept if "  guide/" not in line))
    command = [sys.executable, str(stick / "install.py"), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
    assert run.returncode == 2
    assert re.search(rf"no wheel of .* for Python {PYTHON} .*\n\n    {re.escape(maker.THIS.name)}: Python {PYTHON}\n", run.stderr)
    assert list(folder.iterdir()) == []


def test_without_the_index_nothing_is_made_and_the_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SystemExit, match="The package index does not answer; making the bundle needs the internet"):
        maker.main(["--to", str(tmp_path / "bundle")])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_bundle_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="is no bundle"):
        maker.main(["--to", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_could_not_be_had_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(SystemExit, match=rf"Windows x86_64: Python {PYTHON} \(no wheel of \S+\)"):
        maker.fetch_all(tmp_path, maker.OTHERS["windows"], [PYTHON])


@pytest.mark.parametrize(
    "told",
    [
        "ERROR: No matching distribution found for rpds-py",
        "ERROR: Cannot install rpds-py because these package versions have conflicting dependencies.",
    ],
)
def test_both_ways_of_pip_to_miss_a_wheel_are_read(told: str) -> None:
    assert re.findall(maker.NO_WHEEL, told) == ["rpds-py"]


def test_conditions_are_read_for_the_system_that_is_asked_for(tmp_path: Path) -> None:
    on = {name: set(maker.needed(tmp_path, maker.environment_of(maker.OTHERS[name][0], PYTHON))) for name in maker.OTHERS}
    assert "colorama" in on["windows"] - on["linux"]
    assert on["macos"] == on["linux"]


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_from_the_index_every_wheel_that_a_system_needs_is_there(tmp_path: Path) -> None:
    """Judged apart from pip: by the tags in the wheels' names."""
    probe = maker.pip("download", "--no-deps", "--retries=0", "--dest", str(tmp_path / "probe"), "pip")
    if probe.returncode != 0:
        pytest.skip(f"the package index does not answer: {probe.stderr.strip()[-200:]}")
    told = maker.make(tmp_path / "bundle", [system for group in maker.OTHERS.values() for system in group], maker.PYTHONS)
    print(told)
    wheels = [parse_wheel_filename(path.name) for path in (tmp_path / "bundle" / "wheels").iterdir()]
    fits = dict(re.findall(r"^    (.*): Python (.*)$", (tmp_path / "bundle" / maker.SYSTEMS).read_text(), re.MULTILINE))
    for system in (maker.OTHERS["linux"][0], maker.OTHERS["windows"][0], maker.OTHERS["macos"][0]):
        for python in fits[system.name].split(", "):
            names, tags = (
                maker.needed(tmp_path / "bundle" / "wheels", maker.environment_of(system, python)),
                _tags(system, python),
            )
            assert [name for name in names if not any(one == name and tags & fit for one, _, _, fit in wheels)] == []


def _tags(system: maker.System, python: str) -> set[Tag]:
    """All that pip there would take."""
    version = tuple(int(part) for part in python.split("."))
    if system.markers["sys_platform"] == "darwin":
        platforms = list(mac_platforms((12, 0), system.markers["platform_machine"]))
    elif system.markers["sys_platform"] == "win32":
        platforms = ["win_amd64"]
    else:
        platforms = ["manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64"]
        platforms += [f"manylinux_2_{minor}_x86_64" for minor in range(5, 29)]
    return {*cpython_tags(version, platforms=platforms), *compatible_tags(version, platforms=platforms)}


def _pack_again(installed: importlib.metadata.Distribution, folder: Path) -> None:
    """The wheel that a package was installed from, but for its scripts, which are made anew."""
    files = [path for path in installed.files or () if path.parts[0] != ".." and path.suffix != ".pyc"]
    (about,) = {path.parts[0] for path in files if path.parts[0].endswith(".dist-info")}
    tags = [
        line.removeprefix("Tag: ").split("-") for line in (installed.read_text("WHEEL") or "").splitlines() if "Tag: " in line
    ]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    name = re.sub(r"[-.]+", "_", installed.metadata["Name"])
    with zipfile.ZipFile(folder / f"{name}-{installed.version}-{tag}.whl", "w") as archive:
        kept = [path for path in files if str(path) not in {f"{about}/{one}" for one in ("RECORD", "INSTALLER", "REQUESTED")}]
        for path in kept:
            archive.write(str(installed.locate_file(path)), str(path))
        archive.writestr(f"{about}/RECORD", "".join(f"{path},,\n" for path in (*kept, f"{about}/RECORD")))


def _run(command: list[str], folder: Path) -> str:
    """Runs a command with nothing of this tree on its path; its output is the message if it fails."""
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
    return run.stdout


class _Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links, self.anchors = list[tuple[str, str]](), set[str]()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src") and value and ":" not in value:
                self.links.append((value.partition("#")[0], value.partition("#")[2]))
            elif name == "id" and value:
                self.anchors.add(value)
