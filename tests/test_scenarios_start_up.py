"""What the program loads before it does anything: names and summaries for a list, and for a command what that one needs."""

import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from nodes.commands.command_group import import_command
from scenarios.command_line import COMMANDS, application
from tests.project import PACKAGES, ROOT

LIGHT = {
    "nodes", "nodes.commands", "nodes.commands.application", "nodes.commands.command_group",
    "ledger", "ledger.errors", "scenarios", "scenarios.command_line",
}  # fmt: skip
"""All of the project that a list of commands needs."""
HEAVY = {"aiohttp", "cryptography", "fastapi", "hypothesis", "pydantic", "rich", "uvicorn"}
TABLE = {name: command for of_heading in COMMANDS.values() for name, command in of_heading.items()}
GROUPS = ["", *(name for name, (where, _) in TABLE.items() if where.endswith((":application", ":governance")))]


def loaded(*words: str) -> set[str]:
    """The modules that a command loads."""
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); sys.argv[1:] = {words!r}"
    command = [sys.executable, "-c", f"{program}; from scenarios.command_line import main; main()"]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--help",), ()])
def test_a_list_of_commands_loads_none_of_them(words: tuple[str, ...]) -> None:
    names = loaded(*words)
    assert {name for name in names if name.partition(".")[0] in PACKAGES} == LIGHT
    assert names & HEAVY == set()


@pytest.mark.parametrize("name", TABLE)
def test_a_summary_is_the_first_sentence_of_its_command(name: str) -> None:
    group: Any = get_command(application)
    assert list(group.commands) == list(TABLE)
    where, summary = TABLE[name]
    whole: str = import_command(name, where).get_short_help_str(limit=1_000)
    assert group.commands[name].get_short_help_str(limit=1_000) == summary == whole


@pytest.mark.parametrize("name", GROUPS)
def test_a_list_of_commands_cuts_no_summary_off(name: str) -> None:
    given = CliRunner().invoke(application, [*name.split(), "--help"]).stdout
    assert " ".join(given.split()).count("...") == 1, "that of the usage: COMMAND [ARGS]..."


def test_the_list_of_all_commands_begins_with_what_to_try_first() -> None:
    given = CliRunner().invoke(application, ["--help"]).stdout.splitlines()
    assert [line.rstrip(":") for line in given if line in {f"{heading}:" for heading in COMMANDS}] == list(COMMANDS)
    assert given[given.index("Start here:") + 1].split()[0] == "demo"
    assert all(len(line) <= 80 for line in given)
    assert sum(line.startswith("  ") for line in given[given.index("Start here:") :]) == len(TABLE), "a line each"


def test_an_unknown_command_is_told_with_what_comes_near() -> None:
    done = subprocess.run([sys.executable, "-m", "scenarios.command_line", "shwo"], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, b"Did you mean 'show'?" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "offered"),
    [("", set(TABLE)), ("sh", {"show", "shipping"}), ("network ", {"up", "status"}), ("show --", {"--proof"})],
)
def test_completion_offers_commands_and_their_options(words: str, offered: set[str]) -> None:
    given = f"tallystick {words}"
    environment = {"_TALLYSTICK_COMPLETE": "complete_bash", "COMP_WORDS": given, "COMP_CWORD": str(given.count(" "))}
    program = "from scenarios.command_line import application; application(prog_name='tallystick')"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert offered <= set(done.stdout.split())


@pytest.mark.parametrize("module", ["nodes.contract_author.interpreters", "scenarios.workshop.extension", "nodes.node.process"])
def test_only_what_plays_by_chance_loads_hypothesis(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print('hypothesis' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"False\n"


@pytest.mark.parametrize("command", ["show", "query", "submit", "verify", "token", "export", "member", "governance"])
def test_a_command_that_plays_no_story_loads_neither_stories_nor_the_server(command: str) -> None:
    names = loaded(command, "--help")
    assert {name for name in names if name.startswith("scenarios.")} == {"scenarios.command_line"}
    assert names & {"fastapi", "uvicorn", "hypothesis", "rich", "jinja2", "prometheus_client", "jwcrypto"} == set()
