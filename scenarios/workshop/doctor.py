"""Whether this machine is fit for a workshop: each check says what it found and what to do.

What is looked at: Python and what it brings, ports, memory, disk, a browser, the address for others, and the machine's pace.
"""

import shutil
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal

import psutil

from ledger.keys import PrivateKey
from nodes.http.addresses import room_addresses
from nodes.words import Language, Words

PYTHON = (3, 11)
NEEDED = ("aiohttp", "cryptography", "fastapi", "jinja2", "pydantic", "rich", "typer", "uvicorn")
FOR_CONTRACTS = "hypothesis"
GROUP_BYTES = 120_000_000
"""What one group's four nodes take in one process, measured on Linux after the exercises."""
BASE_BYTES = 300_000_000
DISK_BYTES = 200_000_000
SIGNATURES, SIGN_SECONDS_MAX = 500, 0.5
"""Twenty times what a laptop of ten years ago takes; past it blocks come slowly."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "microsoft-edge", "msedge", "chrome", "safari")
Level = Literal["good", "warning", "bad"]


WORDS = Words.of("scenarios.workshop")["doctor"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check: its name, what it found and what to do, by their keys among the words."""

    check: str
    level: Level
    found: str
    advice: str = ""
    """Empty where there is nothing to do."""
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: Language) -> tuple[str, str, str]:
        """Name, finding and advice."""
        advice = WORDS[self.advice].text(language) if self.advice else ""
        return WORDS[self.check].text(language), WORDS[self.found].text(language, **self.values), advice


def examine(groups: int, first_port: int, place: Path) -> Iterator[Diagnosis]:
    """Every check for a room of that many groups, whose directories are made in `place`."""
    yield _python()
    yield _packages()
    yield _ports([first_port, *(first_port + 10 * group + n for group in range(1, groups + 1) for n in range(1, 5))])
    yield _memory(BASE_BYTES + groups * GROUP_BYTES)
    yield _disk(place)
    yield _browser()
    yield _address()
    yield _pace()


def _python() -> Diagnosis:
    values = {"version": ".".join(map(str, sys.version_info[:3])), "platform": sys.platform}
    if sys.version_info < PYTHON:
        return Diagnosis("python", "bad", "python-found", "python-old", values)
    return _judged("python", sys.platform.startswith("linux"), "warning", "python-elsewhere", values)


def _packages() -> Diagnosis:
    if missing := [package for package in NEEDED if not _is_there(package)]:
        return Diagnosis("packages", "bad", "packages-missing", "packages-install", {"packages": ", ".join(missing)})
    if not _is_there(FOR_CONTRACTS):
        return Diagnosis("packages", "warning", "packages-all-but", "packages-extra", {"package": FOR_CONTRACTS})
    return Diagnosis("packages", "good", "packages-all")


def _is_there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True


def _ports(ports: list[int]) -> Diagnosis:
    if taken := [port for port in ports if not _is_free(port)]:
        return Diagnosis("ports", "warning", "ports-taken", "ports-others", {"ports": ", ".join(map(str, taken[:5]))})
    return Diagnosis("ports", "good", "ports-free", values={"own": ports[0], "first": ports[1], "last": ports[-1]})


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _memory(needed: int) -> Diagnosis:
    free = psutil.virtual_memory().available
    values = {"free": f"{free / 1e9:.1f}", "needed": f"{needed / 1e9:.1f}"}
    return _judged("memory", free >= needed, "bad", "memory-low", values)


def _disk(place: Path) -> Diagnosis:
    there = next(folder for folder in (place, *place.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    return _judged("disk", free >= DISK_BYTES, "bad", "disk-full", {"free": f"{free / 1e9:.1f}"})


def _browser() -> Diagnosis:
    found = [browser for browser in BROWSERS if shutil.which(browser)]
    if not found and not _has_default_browser():
        return Diagnosis("browser", "warning", "browser-none", "browser-any")
    return Diagnosis("browser", "good", "browser-found", values={"browsers": ", ".join(found) or "default"})


def _has_default_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _address() -> Diagnosis:
    addresses = room_addresses()
    if not addresses:
        return Diagnosis("address", "warning", "address-none", "address-join")
    return Diagnosis("address", "good", "address-found", "address-blocked", {"addresses": ", ".join(addresses)})


def _pace() -> Diagnosis:
    key = PrivateKey(bytes(32))
    started = time.perf_counter()
    for _ in range(SIGNATURES):
        key.sign("doctor", b"pace")
    seconds = time.perf_counter() - started
    return _judged("pace", seconds <= SIGN_SECONDS_MAX, "warning", "pace-slow", {"each": round(seconds / SIGNATURES * 1e6)})


def _judged(check: str, is_good: bool, otherwise: Level, advice: str, values: Mapping[str, object]) -> Diagnosis:
    """Of a check that finds a figure, whatever it is."""
    return Diagnosis(check, "good" if is_good else otherwise, f"{check}-found", "" if is_good else advice, values)
