"""`tallystick lab …`: exercises at the command line. Everything is asked of the running lab, as the page does."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markdown import Markdown

from ledger.errors import JsonValue, OperatorError
from ledger.transaction import parse_transaction
from nodes.commands.command_group import SAID_NO, command_group
from nodes.commands.command_parts import AsJson, Lang, show_json, show_outcome
from nodes.http.answers import meanings
from nodes.lab.lab import FILES
from nodes.lab.remote import RemoteControl
from nodes.network.directory import FIRST_PORT, read_network
from nodes.node.files import LAB_TOKEN, NETWORK_FILE, read_secret
from nodes.words import Language, Words
from scenarios.running.replay_desk import replay_command
from scenarios.workshop.group_report import report
from scenarios.workshop.labs.catalogue import exercises, find_exercise, handout, hints
from scenarios.workshop.network import LABS, ensure_lab, verify_lab
from scenarios.workshop.progress import told
from scenarios.workshop.room import Room
from scenarios.workshop.serve.commands import doctor, serve

application = command_group("Labs: see it, break it, prove it. Each has a handout, hints and a check of its own.")
application.command()(serve)
application.command()(doctor)
application.command()(report)
application.command("replay")(replay_command)

LabDirectory: TypeAlias = Annotated[Path, typer.Option("--dir", help="Directory of the lab's network.")]
Number: TypeAlias = Annotated[int, typer.Argument(help="Number of the lab; `tallystick lab list` has them.")]
SEND_SECONDS_MAX = 30
LINK = re.compile(r"\[([^\]]+)\]\(#[^)]*\)")
"""A link to a view of the page, which leads nowhere in a terminal."""

WORDS = Words.of("scenarios.workshop")["lab"]


@application.command("list")
def list_labs(directory: LabDirectory = LABS, language: Lang = "en", as_json: AsJson = False) -> None:
    """List the labs, and which are done in this directory. Example: tallystick lab list --lang zh"""
    rows = told(exercises().values(), directory, language)
    if as_json:
        show_json(list[JsonValue](rows))
        return
    for row in rows:
        mark = WORDS["done"].text(language) if row["done"] else WORDS["now"].text(language) if row["started"] else ""
        minutes = WORDS["minutes"].text(language, minutes=row["minutes"])
        typer.echo(f"{row['number']:>2}  {row['title']}  [{minutes}{', ' if mark else ''}{mark}]\n    {row['goal']}")


@application.command()
def start(
    number: Number,
    seed: Annotated[int | None, typer.Option(min=1, max=999_999, help="For the same lab once more; drawn otherwise.")] = None,
    directory: LabDirectory = LABS,
    port: Annotated[int, typer.Option(help="First port of a new network, if it and the next ones are free.")] = FIRST_PORT,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Lay out a lab for those at a terminal; `lab serve` is for the browser. Example: tallystick lab start 1"""
    exercise = find_exercise(number)
    ensure_lab(directory, port)
    control = RemoteControl(directory)
    control.order(f"/exercises/{number}/start?lang={language}", {} if seed is None else {"seed": seed})
    lab = control.get(f"/exercises/{number}", lang=language)
    url = page_address(directory, f"view=exercises&lab={number}&language={language}")
    if as_json:
        show_json(
            {
                "number": number,
                "seed": lab["seed"],
                "page": url,
                "folder": str(directory / FILES),
                "files": list[JsonValue](_names(lab)),
            }
        )
        return
    typer.echo(WORDS["started"].text(language, number=number, title=exercise.words.title.text(language), seed=lab["seed"]) + "\n")
    _show_lab(lab, directory, language)
    options = "" if directory == LABS else f" --dir {directory}"
    typer.echo("\n" + WORDS["handout"].text(language, number=number, options=options))
    if lab["files"]:
        typer.echo(WORDS["files"].text(language, files=", ".join(str(directory / FILES / name) for name in _names(lab))))
    typer.echo(WORDS["page"].text(language, url=url))
    typer.echo(WORDS["first"].text(language, number=number, options=options))


@application.command()
def show(number: Number, directory: LabDirectory = LABS, language: Lang = "en", as_json: AsJson = False) -> None:
    """Show a lab's handout, task and questions. Example: tallystick lab show 4 --lang zh"""
    lab = running_lab(directory).get(f"/exercises/{find_exercise(number).number}", lang=language)
    show_json(lab) if as_json else _show_lab(lab, directory, language)


@application.command()
def hint(
    number: Number,
    at: Annotated[int, typer.Argument(min=1, help="Which one; later ones say more.")] = 1,
    directory: LabDirectory = LABS,
    language: Lang = "en",
) -> None:
    """Show one hint. Example: tallystick lab hint 4 2"""
    there_are = hints(find_exercise(number), language, directory)
    if at > len(there_are):
        raise typer.BadParameter(f"lab {number} has {len(there_are)} hints.", param_hint="AT")
    typer.echo(WORDS["hint"].text(language, at=at, of=len(there_are), words=there_are[at - 1]))


@application.command()
def check(
    number: Number,
    answers: Annotated[
        list[str] | None, typer.Option("--answer", help="NUMBER=VALUE, the number of a question; repeat it for several.")
    ] = None,
    directory: LabDirectory = LABS,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Say what is missing; exit code 1 until nothing is. Example: tallystick lab check 1 --answer 1=3"""
    find_exercise(number)
    given: dict[str, JsonValue] = dict(map(parse_answer, answers or []))
    found = running_lab(directory).post(f"/exercises/{number}/check?lang={language}", {"answers": given})
    if as_json:
        show_json(found)
    elif found["done"]:
        typer.echo("\n".join([WORDS["all-done"].text(language), *(f"- {sentence}" for sentence in found["learned"])]))
    else:
        typer.echo("\n".join([WORDS["not-done"].text(language), *(f"- {sentence}" for sentence in found["missing"])]))
    if not found["done"]:
        raise typer.Exit(SAID_NO)


@application.command()
def send(
    file: Annotated[Path, typer.Argument(help="A signed envelope; a bare name is looked for in the folder of files too.")],
    directory: LabDirectory = LABS,
) -> None:
    """Hand a signed envelope in and show the answer; exit code 1 if turned away. Example: tallystick lab send letter-1.json"""
    running_lab(directory)
    path = file if file.exists() else directory / FILES / file
    try:
        transaction = parse_transaction(path.read_bytes().rstrip())
    except OSError as error:
        raise OperatorError("missing-file", f"{file} cannot be read: {error.strerror}.") from error
    with Room(directory, 0).client() as client:
        outcome = client.deliver(transaction, SEND_SECONDS_MAX)
    show_outcome(outcome, as_json=False)
    rule = str(outcome.details.get("rule", ""))
    if rule in meanings():
        typer.echo(f"{rule}: {meanings()[rule]['en']}")


@application.command()
def reset(directory: LabDirectory = LABS, language: Lang = "en") -> None:
    """Take the ledger back to its genesis, in about a second; files in the folder of files stay. Example: tallystick lab reset"""
    running_lab(directory).order("/reset")
    typer.echo(WORDS["back"].text(language))


def running_lab(directory: Path) -> RemoteControl:
    """Raises OperatorError `no-network`, `not-a-workshop` or `lab-not-running`."""
    if not (directory / NETWORK_FILE).exists():
        raise OperatorError(
            "lab-not-running", f"There is no lab in {directory} yet: `tallystick lab start 1 --dir {directory}` makes one."
        )
    verify_lab(directory)
    control = RemoteControl(directory)
    if not control.is_there():
        raise OperatorError(
            "lab-not-running", f"The lab in {directory} does not run: `tallystick lab start N --dir {directory}` starts it."
        )
    return control


def page_address(directory: Path, place: str) -> str:
    """Of the page at the first node, with the token in it."""
    node = read_network(directory).nodes[0]
    return f"{node.url}/#{place}&token={read_secret(directory / LAB_TOKEN)}"


def parse_answer(text: str) -> tuple[str, str]:
    """The number or the name of a question, and the answer; raises typer.BadParameter unless it is NUMBER=VALUE."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(f"an answer is NUMBER=VALUE, such as 1=3, got {text!r:.80}.", param_hint="--answer")
    return name, value


def _names(lab: Mapping[str, Any]) -> list[str]:
    return [str(file["name"]) for file in lab["files"]]


def _show_lab(lab: Mapping[str, Any], directory: Path, language: Language) -> None:
    """The handout is that of this directory: the lab itself may know it by another path."""
    exercise, console = find_exercise(lab["number"]), Console(highlight=False)
    console.print(Markdown(LINK.sub(r"\1", handout(exercise, language, directory)), hyperlinks=False))
    for file in lab["files"]:
        if file["name"].endswith(".txt") and file["text"]:
            typer.echo(f"\n{file['name']}:\n{file['text']}".rstrip())
    typer.echo()
    for question in lab["questions"]:
        typer.echo(WORDS["question"].text(language, **question))
