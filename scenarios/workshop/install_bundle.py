"""Installs Tallystick from the folder in which this file lies, without internet: `install.sh` and `install.bat` run it.

    python3 install.py [FOLDER]

`make bundle` puts it there as install.py. It needs nothing but Python, and stays readable to any Python 3, so that an old one
can say that it is too old. The environment is made whole or not at all.
"""

import hashlib
import locale
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = (3, 11)
INSTALLED = "tallystick[contract]"
WORDS = {
    "old": (
        "Tallystick needs Python 3.11 or newer; this is {found}.",
        "Tallystick 需要 Python 3.11 或更新的版本；这里是 {found}。",
    ),
    "there": (
        "{place} exists already. Remove it, or name another folder: {command} FOLDER",
        "{place} 已存在。请删除它，或另选文件夹：{command} 文件夹",
    ),
    "damaged": (
        "{place} is damaged or missing in this copy of the bundle. Copy the bundle again.",
        "此安装包副本中的 {place} 损坏或缺失。请重新复制安装包。",
    ),
    "mixed": (
        "{place} is not of this bundle, which was copied over another one. Remove this folder and copy the bundle again.",
        "{place} 不属于此安装包：它被复制到了另一个安装包之上。请删除此文件夹，再重新复制安装包。",
    ),
    "writing": ("{place} cannot be written: {reason}", "无法写入 {place}：{reason}"),
    "begun": ("Installing into {place}; this takes a minute or less ...", "正在安装到 {place}，最多需要一分钟……"),
    "missing": (
        "The bundle has no wheel of {package} for Python {found} on this machine. It was made for:\n\n{systems}\n"
        "Install one of these Pythons, or make the bundle for this system where there is internet (make bundle).",
        "安装包中没有适用于本机 Python {found} 的 {package}。它适用于：\n\n{systems}\n"
        "请安装其中一个版本的 Python，或在有互联网的地方为本系统重新制作安装包（make bundle）。",
    ),
    "failed": ("pip could not install the wheels:\n{reason}", "pip 无法安装：\n{reason}"),
    "done": (
        "Tallystick is installed. Next:\n\n    cd {folder}\n    {command} lab doctor --groups 10\n",
        "Tallystick 已安装。接下来：\n\n    cd {folder}\n    {command} lab doctor --groups 10\n",
    ),
}


def main(folder: str = "~/tallystick") -> int:
    """0 when Tallystick is ready to run; otherwise says why not, and leaves nothing behind."""
    try:
        install(Path(folder).expanduser().absolute())
    except NotInstalledError as error:
        print("\n" + str(error), file=sys.stderr)
        return 2
    return 0


class NotInstalledError(Exception):
    """Nothing was installed; the sentence says why, and what to do."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(said(key, **values))


def install(folder: Path) -> None:
    """Makes `.venv` in the folder."""
    found = "{}.{}".format(*sys.version_info)
    if tuple(sys.version_info) < PYTHON:
        raise NotInstalledError("old", found=found)
    environment = folder / ".venv"
    if environment.exists():
        raise NotInstalledError("there", place=environment, command="install.bat" if os.name == "nt" else "sh install.sh")
    verify_files()
    print(said("begun", place=environment), flush=True)
    try:
        venv.create(str(environment), symlinks=os.name != "nt")
        fill(environment, found)
    except OSError as error:
        shutil.rmtree(str(environment), ignore_errors=True)
        raise NotInstalledError("writing", place=environment, reason=error) from error
    except BaseException:
        shutil.rmtree(str(environment), ignore_errors=True)
        raise
    place = '"' + str(folder) + '"' if os.name == "nt" else shlex.quote(str(folder))
    print("\n" + said("done", folder=place, command=commands(Path(".venv"), "tallystick")))


def verify_files() -> None:
    """A stick may be pulled out too early, a copy stop halfway, or lie over an older bundle, whose wheels pip would see."""
    sums = HERE / "SHA256SUMS"
    if not sums.is_file():
        raise NotInstalledError("damaged", place=sums.name)
    listed = [line.split("  ", 1) for line in sums.read_text(encoding="utf-8").splitlines()]
    names = {name for _, name in listed}
    for path in sorted((HERE / "wheels").glob("[!.]*")):
        if "wheels/" + path.name not in names:
            raise NotInstalledError("mixed", place="wheels/" + path.name)
    for digest, name in listed:
        path = HERE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise NotInstalledError("damaged", place=name)


def fill(environment: Path, found: str) -> None:
    """By the pip of the bundle, since a Python of Linux may come without; no setting of this machine has a say."""
    (pip,) = (HERE / "wheels").glob("pip-*.whl")
    command = [str(commands(environment, "python")), str(pip / "pip"), "install", "--quiet", "--no-index", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-compile", "--find-links", str(HERE / "wheels"), INSTALLED]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    own["PIP_CONFIG_FILE"] = os.devnull
    run = subprocess.run(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, env=own
    )
    missing = re.search(r"No matching distribution found for (\S+)", run.stdout)
    if missing:
        systems = (HERE / "SYSTEMS.txt").read_text(encoding="utf-8")
        raise NotInstalledError("missing", package=missing.group(1), found=found, systems=systems)
    if run.returncode != 0:
        raise NotInstalledError("failed", reason=run.stdout)


def commands(environment: Path, name: str) -> Path:
    """A command of an environment."""
    return environment / "Scripts" / (name + ".exe") if os.name == "nt" else environment / "bin" / name


def said(key: str, **values: object) -> str:
    """The sentence, in the language of this machine."""
    try:
        name = locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:  # a name that this machine does not know
        name = ""
    return WORDS[key][name.lower().startswith(("zh", "chinese"))].format(**values)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
