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
from nodes.commands.command_parts import SAID_NO, AsJson, command_group, show_json, show_outcome
from nodes.lab.lab import FILES
from nodes.lab.remote import RemoteControl
from nodes.network.directory import FIRST_PORT, read_network
from nodes.node.files import LAB_TOKEN, NETWORK_FILE, read_secret
from scenarios.language_option import Lang, parse_language
from scenarios.running.replay_commands import replay
from scenarios.story.story import Language, Words
from scenarios.workshop.group_report.commands import report
from scenarios.workshop.labs.catalogue import EXERCISES, find_exercise, handout, hints
from scenarios.workshop.network import LABS, ensure_lab, verify_lab
from scenarios.workshop.progress import read_begun, read_progress
from scenarios.workshop.room import Room
from scenarios.workshop.serve.commands import doctor, serve

application = command_group("Labs: see it, break it, prove it. Each has a handout, hints and a check of its own.")
application.command()(serve)
application.command()(doctor)
application.command()(report)
application.command()(replay)

LabDirectory: TypeAlias = Annotated[Path, typer.Option("--dir", help="Directory of the lab's network.")]
Number: TypeAlias = Annotated[int, typer.Argument(help="Number of the lab; `tallystick lab list` has them.")]
SEND_SECONDS_MAX = 30
LINK = re.compile(r"\[([^\]]+)\]\(#[^)]*\)")
"""A link to a view of the page, which leads nowhere in a terminal."""

MINUTES = Words("{minutes} min", "{minutes} 分钟")
DONE, NOW = Words("done", "完成"), Words("started", "进行中")
STARTED = Words("Lab {number} begins: {title} (seed {seed})", "实验 {number} 开始：{title}（种子 {seed}）")
PAGE = Words("Page:     {url}", "页面：  {url}")
WORKS = Words("Files:    {work}", "文件：  {work}")
HANDOUT = Words(
    "Handout:  above, on the page, and with `tallystick lab show {number}{options}`",
    "讲义：  见上文、页面，或 `tallystick lab show {number}{options}`",
)
FIRST = Words(
    "Open the page, read the handout, do step 1. Then: tallystick lab check {number}{options}",
    "打开页面，阅读讲义，从第 1 步开始。完成后：tallystick lab check {number}{options}",
)
QUESTION = Words("--answer {name}=…   {words} (such as {example})", "--answer {name}=…   {words}（例如 {example}）")
ALL_DONE = Words("Done. Nothing is missing.", "完成，没有遗漏。")
STILL = Words("Not done yet:", "尚未完成：")
HINT = Words("Hint {at} of {of}: {words}", "提示 {at}/{of}：{words}")
BACK = Words("Back at the genesis.", "已回到创世。")


@application.command("list")
def list_labs(directory: LabDirectory = LABS, language: Lang = "en", as_json: AsJson = False) -> None:
    """List the labs, and which are done in this directory. Example: tallystick lab list --lang zh"""
    spoken = parse_language(language)
    progress, begun = read_progress(directory), read_begun(directory)
    rows: list[dict[str, JsonValue]] = [
        {
            "number": exercise.number,
            "name": exercise.name,
            "title": exercise.title.said(spoken),
            "goal": exercise.goal.said(spoken),
            "minutes": exercise.minutes,
            "done": exercise.number in progress and progress[exercise.number].done_ms is not None,
            "started": begun is not None and begun.number == exercise.number,
        }
        for exercise in EXERCISES.values()
    ]
    if as_json:
        show_json(list[JsonValue](rows))
        return
    for row in rows:
        mark = DONE.said(spoken) if row["done"] else NOW.said(spoken) if row["started"] else ""
        minutes = MINUTES.said(spoken).format(minutes=row["minutes"])
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
    """Take the ledger back and lay out a lab; the network is made and started if need be. Example: tallystick lab start 1"""
    spoken = parse_language(language)
    exercise = find_exercise(number)
    ensure_lab(directory, port)
    control = RemoteControl(directory)
    control.order(f"/exercises/{number}/start", {} if seed is None else {"seed": seed})
    told = control.get(f"/exercises/{number}", lang=spoken)
    url = page_address(directory, f"view=exercises&lab={number}&language={spoken}")
    if as_json:
        show_json(
            {
                "number": number,
                "seed": told["seed"],
                "page": url,
                "folder": str(directory / FILES),
                "files": list[JsonValue](_names(told)),
            }
        )
        return
    typer.echo(STARTED.said(spoken).format(number=number, title=exercise.title.said(spoken), seed=told["seed"]) + "\n")
    _show_handout(number, directory, spoken)
    for file in told["files"]:
        if file["name"].endswith(".txt") and file["text"]:
            typer.echo(f"\n{file['text']}".rstrip())
    options = "" if directory == LABS else f" --dir {directory}"
    typer.echo("\n" + HANDOUT.said(spoken).format(number=number, options=options))
    if told["files"]:
        typer.echo(WORKS.said(spoken).format(work=", ".join(str(directory / FILES / name) for name in _names(told))))
    typer.echo(PAGE.said(spoken).format(url=url))
    typer.echo(FIRST.said(spoken).format(number=number, options=options))


@application.command()
def show(number: Number, directory: LabDirectory = LABS, language: Lang = "en", as_json: AsJson = False) -> None:
    """Show a lab's handout and questions. Example: tallystick lab show 4 --lang zh"""
    spoken = parse_language(language)
    told = running_lab(directory).get(f"/exercises/{find_exercise(number).number}", lang=spoken)
    show_json(told) if as_json else _show_handout(number, directory, spoken)


@application.command()
def hint(
    number: Number,
    at: Annotated[int, typer.Argument(min=1, help="Which one; later ones say more.")] = 1,
    directory: LabDirectory = LABS,
    language: Lang = "en",
) -> None:
    """Show one hint. Example: tallystick lab hint 4 2"""
    spoken = parse_language(language)
    there_are = hints(find_exercise(number), spoken, directory)
    if at > len(there_are):
        raise typer.BadParameter(f"lab {number} has {len(there_are)} hints.", param_hint="AT")
    typer.echo(HINT.said(spoken).format(at=at, of=len(there_are), words=there_are[at - 1]))


@application.command()
def check(
    number: Number,
    answers: Annotated[list[str] | None, typer.Option("--answer", help="NAME=VALUE; repeat it for several.")] = None,
    directory: LabDirectory = LABS,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Say what is missing; exit code 1 until nothing is. Example: tallystick lab check 1 --answer block=3"""
    spoken = parse_language(language)
    find_exercise(number)
    given: dict[str, JsonValue] = dict(map(parse_answer, answers or []))
    found = running_lab(directory).post(f"/exercises/{number}/check?lang={spoken}", {"answers": given})
    if as_json:
        show_json(found)
    elif found["done"]:
        typer.echo(ALL_DONE.said(spoken))
    else:
        typer.echo("\n".join([STILL.said(spoken), *(f"- {sentence}" for sentence in found["missing"])]))
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
        show_outcome(client.deliver(transaction, SEND_SECONDS_MAX), as_json=False)


@application.command()
def reset(directory: LabDirectory = LABS, language: Lang = "en") -> None:
    """Take the ledger back to its genesis, in about a second; files in the folder of files stay. Example: tallystick lab reset"""
    spoken = parse_language(language)
    running_lab(directory).order("/reset")
    typer.echo(BACK.said(spoken))


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
    """Raises typer.BadParameter unless it is NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(f"an answer is NAME=VALUE, got {text!r:.80}.", param_hint="--answer")
    return name, value


def _names(told: Mapping[str, Any]) -> list[str]:
    return [str(file["name"]) for file in told["files"]]


def _show_handout(number: int, directory: Path, language: Language) -> None:
    """As it is for this directory: the lab itself may know it by another path."""
    exercise, console = find_exercise(number), Console(highlight=False)
    console.print(Markdown(LINK.sub(r"\1", handout(exercise, language, directory)), hyperlinks=False))
    console.print()
    for question in exercise.questions:
        words = question.words.said(language)
        typer.echo(QUESTION.said(language).format(name=question.name, words=words, example=question.example))
