"""`make bundle`: a folder for a USB stick, from which Tallystick is installed and taught without internet.

    make bundle                       # for this system
    make bundle FOR="windows macos"   # for these as well
    make bundle TO=/media/stick/tallystick

In it are the wheel of Tallystick, the wheels of all that it needs for each system and Python, pip, the guide as pages, and one
command a system to install (`install_bundle.py`, started by install.sh or install.bat). The folder appears when it is whole.

pip reads conditions such as `sys_platform == "win32"` for the machine it runs on, whatever `--platform` says. So the wheels'
metadata are read here, for each system, and pip only fetches.
"""

import argparse
import hashlib
import html
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from functools import cache, partial
from pathlib import Path
from typing import NoReturn, cast

from markdown_it import MarkdownIt
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scenarios.workshop import install_bundle
from scenarios.workshop.install_bundle import INSTALLED

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ledger", "nodes", "scenarios")
PLACE = ROOT / "dist" / "tallystick-bundle"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
NO_WHEEL = r"(?:No matching distribution found for|Cannot install) ([\w.-]+)"
"""What pip says: the second, of a package whose version is bound."""
CHINESE_BREAK = r"(?<=[\u3000-\uffef])\n *(?=[\u3000-\uffef])"
"""Between two lines of Chinese; a page would show a space there."""
SUMS, SYSTEMS = "SHA256SUMS", "SYSTEMS.txt"


@dataclass(frozen=True, slots=True)
class System:
    """A kind of machine: its platforms in pip's words, and what conditions of wheels read there; both empty for this one."""

    name: str
    platforms: tuple[str, ...] = ()
    markers: Mapping[str, str] = field(default_factory=dict)


def _system(name: str, machine: str, platforms: tuple[str, ...], sys_platform: str, platform_system: str) -> System:
    os_name = "nt" if sys_platform == "win32" else "posix"
    markers = {"os_name": os_name, "sys_platform": sys_platform, "platform_system": platform_system, "platform_machine": machine}
    return System(name, platforms, markers)


THIS = System(f"{platform.system().replace('Darwin', 'macOS')} {platform.machine()}, such as this one")
OTHERS = {
    "linux": (
        _system(
            "Linux x86_64, glibc 2.28 or newer",
            "x86_64",
            ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
            "linux",
            "Linux",
        ),
    ),
    "windows": (_system("Windows x86_64", "AMD64", ("win_amd64",), "win32", "Windows"),),
    "macos": (
        _system("macOS arm64, 12 or newer", "arm64", ("macosx_12_0_arm64",), "darwin", "Darwin"),
        _system("macOS x86_64, 12 or newer", "x86_64", ("macosx_12_0_x86_64",), "darwin", "Darwin"),
    ),
}

SHELL = """\
#!/bin/sh
# Installs Tallystick from this folder, without internet: sh install.sh [FOLDER]
here=$(cd "$(dirname "$0")" && pwd)
for python in python3 {names}; do
    if "$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "{versions}".split())' 2>/dev/null; then
        exec "$python" "$here/install.py" "$@"
    fi
done
if command -v python3 >/dev/null; then exec python3 "$here/install.py" "$@"; fi
echo 'This machine has no Python. This bundle fits:' >&2
cat "$here/SYSTEMS.txt" >&2
exit 2
"""
BATCH = """\
@echo off
rem Installs Tallystick from this folder, without internet: install.bat [FOLDER]
setlocal
for %%v in ({versions}) do (
    py -%%v -c "" >nul 2>nul && (py -%%v "%~dp0install.py" %* & goto end)
)
python -c "" >nul 2>nul && (python "%~dp0install.py" %* & goto end)
echo This machine has no Python. This bundle fits:
type "%~dp0SYSTEMS.txt"
:end
pause
"""
START = """\
Tallystick without internet
===========================

1. Install (Python must be there; which ones fit, see below):
     Linux, macOS   sh install.sh            in a terminal, in this folder
     Windows        install.bat              by a double click
   Tallystick comes into a folder of its own, "tallystick" in your home folder, or the one you name behind the command.
2. Go on with the command that it prints last: it looks whether this machine is fit for a workshop.
3. Read guide/scenarios/workshop/TEACHING.html in a browser; guide/README.html says what else there is.

不用互联网安装 Tallystick
=========================

1. 安装（须已装有 Python；适用的版本见下）：
     Linux、macOS   sh install.sh            在终端中，进入此文件夹后执行
     Windows        install.bat              双击
   Tallystick 会装到主目录下的 “tallystick” 文件夹，或命令后写明的文件夹。
2. 接着执行它最后打印的命令：检查这台电脑是否适合上课。
3. 用浏览器阅读 guide/scenarios/workshop/TEACHING_zh.html；其他内容见 guide/README.html。

"""
PAGE = """\
<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse }}
th, td {{ border: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top }}
pre {{ overflow-x: auto; background: #8882; padding: .7rem }} code {{ font-size: .92em }} img {{ max-width: 100% }}
</style>
{body}
</html>
"""


def main(arguments: list[str] | None = None) -> None:
    """Makes the bundle, then says what is in it."""
    parser = argparse.ArgumentParser(prog="make bundle", description="A folder from which Tallystick installs without internet.")
    parser.add_argument("systems", nargs="*", choices=[[], *OTHERS], metavar="|".join(OTHERS), help="systems beside this one")
    parser.add_argument("--to", type=Path, default=PLACE, help="the folder to make")
    options = parser.parse_args(arguments)
    systems = [THIS, *(system for name in dict.fromkeys(options.systems) for system in OTHERS[name])]
    print(make(options.to.absolute(), systems, sorted({*PYTHONS, "{}.{}".format(*sys.version_info)})))


def make(place: Path, systems: Iterable[System], pythons: Iterable[str]) -> str:
    """The bundle at that place, instead of one that is there; says what it holds."""
    if place.exists() and not (place / SUMS).is_file():
        fail(f"{place} exists and is no bundle. Remove it, or name another folder by TO=.")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=place.parent) as temporary:
        made = Path(temporary) / "bundle"
        wheels = made / "wheels"
        wheels.mkdir(parents=True)
        fetch_pip(wheels)
        build(wheels, Path(temporary) / "source")
        fits, lacks = fetch_all(wheels, systems, pythons)
        write_guide(made / "guide")
        write_installers(made, fits)
        names = [path.relative_to(made).as_posix() for path in sorted(made.rglob("*")) if path.is_file()]
        (made / SUMS).write_text("".join(f"{digest(made / name)}  {name}\n" for name in names), encoding="utf-8")
        if place.exists():
            place.rename(Path(temporary) / "before")
        made.rename(place)
    return contents(place, fits, lacks)


def fetch_pip(wheels: Path) -> None:
    """First, since it fits everywhere: what fails here is the network."""
    run = pip("download", "--no-deps", "--only-binary=:all:", "--retries=1", "--dest", str(wheels), "pip")
    if run.returncode != 0:
        fail(f"The package index does not answer; making the bundle needs the internet, using it does not.\n{run.stderr}")


def build(wheels: Path, source: Path) -> None:
    """The wheel of Tallystick, from a copy: a build leaves files beside what it builds, and packs those of an earlier one."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source)
    run = pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(source))
    if run.returncode != 0:
        fail(f"The wheel of Tallystick could not be built.\n{run.stderr}")


def fetch_all(wheels: Path, systems: Iterable[System], pythons: Iterable[str]) -> tuple[list[str], list[str]]:
    """The wheels for every system and Python for which all are to be had; for which they are, and for which not, as lines."""
    fits, lacks = list[str](), list[str]()
    for system in systems:
        fitting = []
        for python in pythons:
            print(f"{system.name}, Python {python} ...", flush=True)
            if (missing := fetch(wheels, system, python)) is None:
                fitting.append(python)
            else:
                lacks.append(f"{system.name}: Python {python} (no wheel of {missing})")
        if fitting:
            fits.append(f"{system.name}: Python {', '.join(fitting)}")
    if not fits:
        fail("\n".join(["No system and Python for which every wheel is to be had:", *lacks]))
    return fits, lacks


def fetch(wheels: Path, system: System, python: str) -> str | None:
    """All wheels for one system and Python, or none and the name of the package that has no fitting one."""
    environment = environment_of(system, python)
    before, asked = set(wheels.iterdir()), {"tallystick"}
    while wanted := needed(wheels, environment).keys() - asked:
        options = [f"--platform={one}" for one in system.platforms]
        target = ("--only-binary=:all:", "--python-version", python, *options, "--constraint", str(ROOT / "constraints.txt"))
        run = pip("download", "--no-deps", "--dest", str(wheels), *target, *sorted(wanted))
        if run.returncode != 0:
            missing = re.search(NO_WHEEL, run.stderr)
            if missing is None or "Retrying (" in run.stderr:
                fail(f"pip could not fetch the wheels.\n{run.stderr}")
            for path in set(wheels.iterdir()) - before:
                path.unlink()
            return missing.group(1)
        asked |= wanted
    return None


def needed(wheels: Path, environment: Mapping[str, str], wanted: str = INSTALLED) -> dict[str, set[str]]:
    """All packages needed in an environment, directly or not, by name with what each needs itself, as far as that is known."""
    found, seen, open_ones = dict[str, set[str]](), set[tuple[str, frozenset[str]]](), [Requirement(wanted)]
    while open_ones:
        one = open_ones.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        direct = found.setdefault(key[0], set())
        if key not in seen:
            seen.add(key)
            for inner in map(Requirement, requires(wheels, key[0])):
                if inner.marker is None or any(inner.marker.evaluate({**environment, "extra": e}) for e in {"", *one.extras}):
                    direct.add(canonicalize_name(inner.name))
                    open_ones.append(inner)
    return found


def environment_of(system: System, python: str) -> dict[str, str]:
    """What the conditions of a wheel read there."""
    here = cast(Mapping[str, str], default_environment())
    return {**here, **system.markers, "python_version": python, "python_full_version": f"{python}.0"}


def requires(wheels: Path, name: str) -> list[str]:
    """What a package says that it needs: its wheel, else the one that is installed here; else nothing is known."""
    for path in wheels.glob("*.whl"):
        if canonicalize_name(path.name.split("-")[0]) == name:
            return _requires(path)
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []


@cache
def _requires(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return BytesParser().parsebytes(archive.read(metadata)).get_all("Requires-Dist", [])


def write_guide(guide: Path) -> None:
    """Every document of the project, as pages that open from disk, with what they point to."""
    markdown = MarkdownIt("commonmark").enable("table")
    documents = [*ROOT.glob("*.md"), *(path for folder in (*PACKAGES, "tests") for path in (ROOT / folder).rglob("*.md"))]
    for document in sorted(documents):
        text = re.sub(CHINESE_BREAK, "", document.read_text(encoding="utf-8"))
        body = re.sub(r"<h(\d)>(.*?)</h\1>", _heading, markdown.render(text))
        body = re.sub(r'(href|src)="([^"#:]+)(#[^"]*)?"', partial(_link, document, guide), body)
        title = re.sub("<.*?>", "", body.partition("</h1>")[0]).strip()
        language = "zh" if "zh" in document.stem else "en"
        page = (guide / document.relative_to(ROOT)).with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(language=language, title=title, body=body), encoding="utf-8")


def _heading(found: re.Match[str]) -> str:
    """With the anchor that links use."""
    level, inner = found.groups()
    anchor = re.sub(r"[^\w -]", "", html.unescape(re.sub("<.*?>", "", inner))).lower().replace(" ", "-")
    return f'<h{level} id="{anchor}">{inner}</h{level}>'


def _link(document: Path, guide: Path, found: re.Match[str]) -> str:
    """To a page, or to a file that is copied; a folder is there as far as it has pages."""
    attribute, name, anchor = found.groups()
    source = (document.parent / name).resolve()
    if source.suffix == ".md":
        name = name.removesuffix(".md") + ".html"
    elif source.is_relative_to(ROOT) and source.exists():
        target = guide / source.relative_to(ROOT)
        (target if source.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copyfile(source, target)
    return f'{attribute}="{name}{anchor or ""}"'


def write_installers(made: Path, fits: list[str]) -> None:
    """The commands to install, and what says how to begin."""
    pythons = sorted({python for line in fits for python in re.findall(r"\d+\.\d+", line.partition(":")[2])}, reverse=True)
    systems = "".join(f"    {line}\n" for line in fits)
    shell = SHELL.format(names=" ".join(f"python{one}" for one in pythons), versions=" ".join(pythons))
    shutil.copyfile(install_bundle.__file__, made / "install.py")
    for name, text, newline in (
        ("install.sh", shell, "\n"),
        ("install.bat", BATCH.format(versions=" ".join(pythons)), "\r\n"),
        (SYSTEMS, systems, None),
        ("START_HERE.txt", f"{START}{systems}", None),
    ):
        (made / name).write_text(text, encoding="utf-8", newline=newline)
    (made / "install.sh").chmod(0o755)


def contents(place: Path, fits: list[str], lacks: list[str]) -> str:
    """What is where, how large, and for whom."""
    lines = ["", str(place)]
    for entry in sorted(place.iterdir(), key=lambda path: (path.is_file(), path.name)):
        files = [path for path in entry.rglob("*") if path.is_file()] if entry.is_dir() else [entry]
        lines.append(f"  {sum(path.stat().st_size for path in files) / 1e6:7.1f} MB  {entry.name:14}  {len(files)} files")
    lines += ["", "Fits:", *(f"  {line}" for line in fits)]
    if lacks:
        lines += ["Could not be had:", *(f"  {line}" for line in lacks)]
    return "\n".join([*lines, "", f"{SUMS} lists every file. Copy the folder to a stick; START_HERE.txt says how to go on."])


def pip(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the pip of this environment."""
    line = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603


def digest(path: Path) -> str:
    """SHA-256, as `sha256sum` writes it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fail(sentence: str) -> NoReturn:
    """Ends the command; nothing is half written."""
    raise SystemExit(sentence)


if __name__ == "__main__":
    main()
