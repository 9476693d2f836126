"""Whether this machine is fit for a workshop: each check says what it found and what to do.

What is looked at: Python and what it brings, ports, memory, disk, a browser, the address for others, and the machine's pace.
"""

import shutil
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

import psutil

from ledger.keys import PrivateKey
from nodes.http.addresses import room_addresses
from scenarios.story.story import Words

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


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check."""

    name: Words
    level: Level
    found: Words
    advice: Words
    """What to do; empty where nothing is."""


NOTHING = Words("", "")


def examine(groups: int, first_port: int, place: Path) -> Iterator[Diagnosis]:
    """Every check for a room of so many groups, whose directories are made in `place`."""
    yield _python()
    yield _packages()
    yield _ports(
        [
            *range(first_port, first_port + 1),
            *(first_port + 10 * group + n for group in range(1, groups + 1) for n in range(1, 5)),
        ]
    )
    yield _memory(BASE_BYTES + groups * GROUP_BYTES)
    yield _disk(place)
    yield _browser()
    yield _address()
    yield _pace()


def _python() -> Diagnosis:
    version = ".".join(map(str, sys.version_info[:3]))
    name, found = Words("Python", "Python"), Words(f"{version} on {sys.platform}", f"{version}，{sys.platform}")
    if sys.version_info < PYTHON:
        return Diagnosis(name, "bad", found, Words("Install Python 3.11 or newer.", "请安装 Python 3.11 或更新版本。"))
    if not sys.platform.startswith("linux"):
        advice = Words(
            "Tallystick is tested on Linux; elsewhere try the whole plan once before.",
            "Tallystick 仅在 Linux 上测试过；其他系统请事先完整演练一遍。",
        )
        return Diagnosis(name, "warning", found, advice)
    return Diagnosis(name, "good", found, NOTHING)


def _packages() -> Diagnosis:
    missing = [package for package in NEEDED if not _is_there(package)]
    name = Words("Packages", "软件包")
    if missing:
        listed = ", ".join(missing)
        advice = Words("Install the project again; nothing is downloaded later.", "请重新安装本项目；之后无需再下载任何内容。")
        return Diagnosis(name, "bad", Words(f"missing: {listed}", f"缺少：{listed}"), advice)
    if not _is_there(FOR_CONTRACTS):
        found = Words(f"all but {FOR_CONTRACTS}", f"缺少 {FOR_CONTRACTS}")
        advice = Words(
            "Lab 7 wants it: install the project with the extra `contract`.", "实验 7 需要它：请安装本项目的附加项 `contract`。"
        )
        return Diagnosis(name, "warning", found, advice)
    return Diagnosis(name, "good", Words("all there", "齐全"), NOTHING)


def _is_there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True


def _ports(ports: list[int]) -> Diagnosis:
    taken = [port for port in ports if not _is_free(port)]
    name = Words("Ports", "端口")
    if taken:
        listed = ", ".join(map(str, taken[:5]))
        advice = Words(
            "Other ports are taken by themselves; for known ones give --port.", "会自动改用其他端口；若要固定端口，请用 --port。"
        )
        return Diagnosis(name, "warning", Words(f"in use: {listed}", f"已占用：{listed}"), advice)
    return Diagnosis(
        name,
        "good",
        Words(f"{ports[0]}, {ports[1]} to {ports[-1]} are free", f"{ports[0]}、{ports[1]} 至 {ports[-1]} 空闲"),
        NOTHING,
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _memory(needed: int) -> Diagnosis:
    free = psutil.virtual_memory().available
    name = Words("Memory", "内存")
    found = Words(
        f"{free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB wanted", f"可用 {free / 1e9:.1f} GB，需要 {needed / 1e9:.1f} GB"
    )
    if free < needed:
        return Diagnosis(name, "bad", found, Words("Close programs, or run fewer groups.", "请关闭其他程序，或减少组数。"))
    return Diagnosis(name, "good", found, NOTHING)


def _disk(place: Path) -> Diagnosis:
    there = next(folder for folder in (place, *place.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    name, found = Words("Disk", "磁盘"), Words(f"{free / 1e9:.1f} GB free", f"可用 {free / 1e9:.1f} GB")
    if free < DISK_BYTES:
        return Diagnosis(
            name, "bad", found, Words("Free some space, or give another --dir.", "请清理空间，或用 --dir 指定其他目录。")
        )
    return Diagnosis(name, "good", found, NOTHING)


def _browser() -> Diagnosis:
    found = [browser for browser in BROWSERS if shutil.which(browser)]
    name = Words("Browser", "浏览器")
    if not found and not _has_default_browser():
        advice = Words(
            "Any browser of the last three years will do; the pages need no internet.",
            "近三年的任何浏览器均可；页面不需要互联网。",
        )
        return Diagnosis(name, "warning", Words("none found", "未找到"), advice)
    listed = ", ".join(found) or "default"
    return Diagnosis(name, "good", Words(listed, listed), NOTHING)


def _has_default_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _address() -> Diagnosis:
    addresses = room_addresses()
    name = Words("Address for others", "供他人访问的地址")
    if not addresses:
        advice = Words(
            "Join the room's network, or open a hotspot on this machine; without it only this machine sees the pages.",
            "请接入现场网络，或在本机开启热点；否则只有本机能看到页面。",
        )
        return Diagnosis(name, "warning", Words("none", "无"), advice)
    listed = ", ".join(addresses)
    advice = Words(
        "Others cannot reach it? A firewall of this machine, or a Wi-Fi that keeps guests apart: use a hotspot.",
        "别人打不开？可能是本机防火墙，或 Wi-Fi 隔离了访客：请改用热点。",
    )
    return Diagnosis(name, "good", Words(listed, listed), advice)


def _pace() -> Diagnosis:
    key = PrivateKey(bytes(32))
    started = time.perf_counter()
    for _ in range(SIGNATURES):
        key.sign("doctor", b"pace")
    seconds = time.perf_counter() - started
    each_us = round(seconds / SIGNATURES * 1e6)
    name, found = Words("Pace", "速度"), Words(f"a signature takes {each_us} µs", f"一次签名 {each_us} 微秒")
    if seconds > SIGN_SECONDS_MAX:
        return Diagnosis(name, "warning", found, Words("Plug in the charger; run fewer groups.", "请接通电源，并减少组数。"))
    return Diagnosis(name, "good", found, NOTHING)
