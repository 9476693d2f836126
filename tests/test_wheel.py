"""The wheel, installed into an empty environment, runs a demo from another folder.

Real: the build from the files of this tree, the metadata, the files packed, the installation by pip, the `tallystick`
command, its processes, and that nothing is imported from this tree. Not real, so that the test needs no network: the
dependencies are those of the environment that runs the test, reached by a path file, and the build is not isolated.
"""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.project import PACKAGES, copy_project


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that no build folder appears in the tree."""
    copy = tmp_path_factory.mktemp("source")
    copy_project(copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one file that is built."""
    target = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)], source)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    commands = home / "bin"
    python = str(commands / "python")
    _run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], home)
    (installed,) = home.glob("lib/*/site-packages")
    (installed / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return commands


def test_the_wheel_holds_code_and_data_of_the_packages_and_no_tests(source: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {name for name in names if not name.startswith("tallystick-")}
    expected = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == expected
    page = {"page.html", "page.css", "icon.svg", "modules/page.js", "modules/shell.js"}
    assert {f"nodes/page/{name}" for name in page} | {"nodes/picture/picture.css"} <= packed
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_installed_command_runs_a_demo_from_another_folder(environment: Path, tmp_path: Path, no_process_left: str) -> None:
    where = _run([str(environment / "python"), "-c", "import ledger, nodes, scenarios; print(scenarios.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(environment.parent)
    told = _run([str(environment / "tallystick"), "demo", "energy"], tmp_path)  # the shortest story
    assert "report.html" in told
    assert "<html" in (tmp_path / "report.html").read_text()


def _run(command: list[str], folder: Path) -> str:
    """Runs a command with nothing of this tree on its path; its output is the message if it fails."""
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
    return run.stdout
