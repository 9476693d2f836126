"""Every path and every command that a handout, a hint or a task names exists, and runs, where its reader is.

The three places: the network of `tallystick lab start`, that of `tallystick network up --lab`, a group of a room. In the first
every command runs; in the others the first of each kind does, and of the rest the program, its options and its paths are there.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner

from nodes.commands.command_group import import_command
from nodes.contract_author.check import Checked, check
from nodes.contract_author.located import Located
from nodes.lab.lab import FILES
from nodes.lab.remote import RemoteControl
from nodes.network.directory import free_ports, read_network
from nodes.network.runner import stop_network
from scenarios.command_line import COMMANDS, application
from scenarios.story.story import Language
from scenarios.workshop.group_report import make_report
from scenarios.workshop.labs.auditor import make_case
from scenarios.workshop.labs.catalogue import exercises, handout, hints
from scenarios.workshop.labs.contract import CONTRACT, FILE, plan
from scenarios.workshop.labs.fork import make_fork
from scenarios.workshop.labs.receipt import write_contract
from scenarios.workshop.network import LABS
from scenarios.workshop.room import Room
from scenarios.workshop.serve.groups import make_groups, running
from tests.project import ROOT

WORKSHOP = ROOT / "scenarios" / "workshop"
SEED = 7
PLACES = {"lab-start": LABS, "network-up": Path("tallystick-network"), "room": Path("tallystick-room/group-01")}
BY_NUMBER = pytest.mark.parametrize("number", exercises())
COMMAND = re.compile(r"`((?:tallystick|python3?|pytest|grep|curl|http://\S*)(?: [^`]*)?)`")
BLOCK = re.compile(r"^  (tallystick .*?[^\\])$", re.MULTILINE | re.DOTALL)
"""A command of a task, which may go on in the next line."""
NAMED = re.compile(r"`([\w-]+\.(?:txt|py|jsonl?))`")
WRITTEN = ("-o", "--output", "--save")
TAUGHT = re.compile(r"seal\(|--propose-only|tender bid")
"""In commands on which later ones build."""
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
"""What the reader puts something of its own for."""
ANYTHING = {"HEIGHT": "5", "DIGITS": "0123abcd", "CODE": "some-code", "PLACE": "1", "COUNT": "1", "RULE": "path"}
BESIDE: Mapping[str, Callable[[Room, Any], dict[str, str]]] = {
    "keys": lambda room, made: {"ADMIN": made.admin},
    "proofs": lambda room, made: {"NUMBER": made.absent, "LEDGER": room.control.get("/network")["ledger"]},
    "crash": lambda room, made: {"NUMBER": made.one, "NODE": made.first},
    "trust": lambda room, made: {
        "NODE": made.traitor,
        **dict(zip(("ONE", "OTHER"), (name.partition(".")[0] for name in make_fork(SEED).exports), strict=True)),
    },
    "sealed": lambda room, made: {
        "TENDER": made.number,
        "ORGANIZATION": made.me.partition(".")[0],
        "HASH": re.findall(r"\b[0-9a-f]{64}\b", (room.files / "sealed.txt").read_text(encoding="utf-8"))[0],
    },
    "auditor": lambda room, made: {"LEDGER": make_case(SEED).trade.ledger, "BLOCK": make_case(SEED).head.id},
}
"""By lab, the words in capitals that do not stand for the field of its plan that is called so."""


@dataclass(frozen=True)
class Reader:
    """Somebody with a terminal, in the folder in which the network was started."""

    place: str

    @property
    def directory(self) -> Path:
        """Of the network, as it was started."""
        return PLACES[self.place]

    def run(self, command: str) -> str:
        """What it prints. It runs if the program and its files are there: whether the answer is yes is another thing."""
        command = re.sub(r"\$\(cat (\S+)\)", lambda file: Path(file[1]).read_text(encoding="utf-8").strip(), command)
        program, *words = shlex.split(command)
        if program == "curl" or program.startswith("http"):
            headers = dict(word.split(": ") for word in words if ": " in word)
            with urlopen(Request([program, *words][-1], headers=headers), timeout=20) as answer:
                return str(answer.read())
        if program == "tallystick":
            result = CliRunner().invoke(application, words, env={"COLUMNS": "300"})
            code, said = result.exit_code, result.output
        else:
            own = {"python": sys.executable, "python3": sys.executable, "pytest": str(Path(sys.executable).with_name("pytest"))}
            done = subprocess.run([own.get(program, program), *words], capture_output=True, text=True, check=False)
            code, said = done.returncode, done.stdout + done.stderr
        assert code in (0, 1), f"{command}\n{said}"
        assert "Traceback" not in said, said
        for option, file in pairwise(words):
            assert option not in WRITTEN or Path(file).is_file(), f"{command} writes no {file}"
        return said


def judge_quickly(where: Located, **options: Any) -> Checked:
    """That a check runs is shown by few examples too."""
    return check(where, **{**options, "examples": 5})


@pytest.fixture(scope="module", params=PLACES)
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """At its place, with a network that runs."""
    found = Reader(request.param)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.chdir(tmp_path_factory.mktemp("reader"))
        patch.setattr("nodes.commands.authoring.judge", judge_quickly)
        port = free_ports(1)[0]  # not that which the handouts are written with: it is seen to be replaced
        if found.place == "room":
            stack.enter_context(running(make_groups(found.directory.parent, 1, port, "127.0.0.1", None), lambda group: None))
        else:
            stack.callback(stop_network, found.directory)
            start = "tallystick lab start 1" if found.place == "lab-start" else "tallystick network up --lab --detach"
            found.run(f"{start} --port {port}")
        yield found


@BY_NUMBER
def test_all_that_is_named_exists_and_runs(reader: Reader, number: int) -> None:
    exercise, directory = exercises()[number], reader.directory
    told = reader.run(f"tallystick lab start {number} --seed {SEED} --dir {directory}")
    room = Room(directory, SEED)
    tasks = [path.read_text(encoding="utf-8") for path in room.files.glob(f"{exercise.name}.txt")]
    texts = [*texts_of(number, "en", directory), *tasks]
    if exercise.name == "contract":  # what is wrong in it is mended on the way
        (room.files / FILE).write_text(write_contract(plan(room.chance()).warehouse), encoding="utf-8")
    assert directory == LABS or str(LABS) not in told + "".join(texts)
    for path in re.findall(rf"{re.escape(str(directory))}[\w./-]*[\w-]", "".join(texts)):
        assert CAPITALS.search(path) or Path(path).exists(), path
    found, commands = values(room, exercise.name), commands_in(texts)
    first = {kind_of(command): lab for lab in reversed(exercises()) for command in commands_in(texts_of(lab, "en", directory))}
    ran: set[tuple[str, ...]] = set()
    assert len(commands) >= 3
    for command in commands:
        verify_options(command, exercise.name)
        if directory != LABS and command in commands_in(texts_of(number, "en", LABS)) and "seal(" not in command:
            continue  # it names no place: run at the first
        kind = kind_of(command)
        if directory != LABS and (first.get(kind, number) != number or kind in ran) and not TAUGHT.search(command):
            continue
        ran.add(kind)
        missing = set(CAPITALS.findall(command)) - found.keys()
        assert not missing, f"{command}: what is {missing}?"
        found |= learnt(reader.run(filled(command, found)))
    if directory == LABS:
        for name in NAMED.findall("".join(texts)):
            assert (directory / FILES / name).is_file() or Path(name).is_file(), name


@BY_NUMBER
def test_page_and_report_name_the_place_that_the_terminal_names(reader: Reader, number: int) -> None:
    control, directory = RemoteControl(reader.directory), reader.directory
    for language in ("en", "zh"):
        told = control.get(f"/exercises/{number}", lang=language)
        shown = reader.run(f"tallystick lab show {number} --lang {language} --dir {directory}")
        assert [told["handout"], *told["hints"]] == [
            handout(exercises()[number], language, directory),
            *hints(exercises()[number], language, directory),
        ]
        assert f"--dir {directory}" in told["handout"] or exercises()[number].name == "seed"
        assert directory == LABS or str(LABS) not in told["handout"] + shown + "".join(told["hints"])
    last = reader.run(f"tallystick lab hint {number} {len(told['hints'])} --dir {directory}")
    assert directory == LABS or str(LABS) not in last


def test_the_report_of_a_group_names_its_place(reader: Reader) -> None:
    text, _ = make_report(reader.directory)
    assert f"--dir {reader.directory}" in text
    assert reader.directory == LABS or str(LABS) not in text


@BY_NUMBER
def test_both_languages_name_the_same_commands(number: int) -> None:
    english, chinese = (commands_in(texts_of(number, language, LABS)) for language in ("en", "zh"))
    assert [command.removesuffix(" --lang zh") for command in chinese] == english


def test_ports_are_those_of_the_network(reader: Reader) -> None:
    first, second, *_ = (node.url.rpartition(":")[2] for node in read_network(reader.directory).nodes)
    assert f"such as {second} for {first}" in handout(exercises()[6], "en", reader.directory)
    assert f"http://127.0.0.1:{first}/v1/lab/control/noted" in handout(exercises()[5], "zh", reader.directory)


@pytest.mark.parametrize(
    "page", [*WORKSHOP.glob("*.md"), *WORKSHOP.glob("labs/*/teacher_*.md")], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_what_is_written_for_teachers_names_commands_and_options_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for command in [*COMMAND.findall(text), *re.findall(r"^    (tallystick [^#\n]*)", text, re.MULTILINE)]:
        verify_options(command, page.name)


def verify_options(command: str, named_by: str) -> None:
    """A command of the program is one that there is, and so are its options."""
    kind, words = kind_of(command), shlex.split(command.replace("…", "X"))
    if words[0] != "tallystick" or "|" in command or len(words) == 1:
        return
    there: Any = None
    for word in kind[1:]:
        among = program() if there is None else there.commands
        assert word in among, f"{named_by}: {command}"
        there = among[word]
    options = {name for option in there.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= options, f"{named_by}: {command}"


def kind_of(command: str) -> tuple[str, ...]:
    """The program, and which of its commands it is."""
    name, *words = shlex.split(command.replace("…", "X"))
    if name != "tallystick":
        return (name.partition(":")[0],)
    return (name, *words[: 2 if words and hasattr(program().get(words[0]), "commands") else 1])


@cache
def program() -> dict[str, Any]:
    """The commands and groups of the program."""
    return {name: import_command(name, where) for of_it in COMMANDS.values() for name, (where, _) in of_it.items()}


def texts_of(number: int, language: Language, directory: Path) -> list[str]:
    """What a reader is told, beside the task: the handout, and every hint."""
    return [handout(exercises()[number], language, directory), *hints(exercises()[number], language, directory)]


def commands_in(texts: list[str]) -> list[str]:
    """In the order in which they are read."""
    found = [command for text in texts for command in (*COMMAND.findall(text), *BLOCK.findall(text))]
    return [re.sub(r"\s*\\\n\s*", " ", command) for command in found if command not in ("pytest", "python3", "grep")]


def filled(command: str, given: Mapping[str, str]) -> str:
    """With what a reader puts for the words in capitals."""
    return CAPITALS.sub(lambda word: given[word[0]], command)


def values(room: Room, name: str) -> dict[str, str]:
    """What the words in capitals stand for, as the task of this start tells."""
    lab = import_module(f"scenarios.workshop.labs.{name}")
    made = lab.plan(room.chance()) if hasattr(lab, "plan") else None
    fields = {} if made is None else {field.upper(): str(value) for field, value in asdict(made).items()}
    return {**ANYTHING, **fields, **(BESIDE[name](room, made) if name in BESIDE else {})}


def learnt(printed: str) -> dict[str, str]:
    """What a later command takes from what an earlier one printed."""
    sealed = re.fullmatch(r"([0-9a-f]{64}) ([0-9a-f]{32})\n", printed)
    proposed = re.search(rf"\b{CONTRACT}[\w.:-]*\d", printed)
    return {
        **({"DIGEST": sealed[1], "SALT": sealed[2]} if sealed else {}),
        **({"PROPOSAL": proposed[0]} if proposed else {}),
    }
