"""The report of a group: one HTML file with the page of the nodes and the answers that it needs, to look at without any node.

What everybody looks at first is taken first: the story in both languages, blocks and transactions, labs, checkpoints. Then
come records and their histories, and what room is left is for the log, its newest records. What was left out is said.

The file's policy names the digests of its one script and its one style, so nothing in the data can act; nothing is asked for
over any network. `tallystick lab report` writes it, and `GET /report` for the page; that takes the lab's token.
"""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

import typer
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from starlette.responses import Response

from ledger.errors import JsonValue, OperatorError, TallystickError
from nodes.app.pages import PAGE
from nodes.client import Client
from nodes.commands.command_parts import Lang
from nodes.lab.routes import ThisLab, verify_no_onlooker
from nodes.network.local import LocalNetwork
from nodes.node.clock import wall_ms
from nodes.picture.single_page import inert_json, joined_modules, page_part, policy
from nodes.words import Language, Words
from scenarios.workshop.network import LABS
from scenarios.workshop.room import Room

LANGUAGES: tuple[Language, ...] = ("en", "zh")
CONTROL = "/v1/lab/control"
ABOUT = f"{CONTROL}/report/about"
"""A path of the report only: when it was written, and what it leaves out."""
ROWS = 100
"""Of a list, at a time."""
BYTES_MAX = 5_000_000
"""Of the whole file."""
MAIN = "page"
STYLES = ("picture.css", "page.css")
VIEWS = ("record", "story", "consensus", "ledger", "contracts", "exercises")
LINKS = re.compile(r"^<(?:link|script) [^\n]*\n", re.MULTILINE)
"""What the served page fetches."""
NAME = re.compile(r"[^A-Za-z0-9_-]+")
WORDS = Words.of("scenarios.workshop")["report"]
ONE_AT_A_TIME = CapacityLimiter(1)
"""Each report asks a node for all that it shows."""
router = APIRouter()


@dataclass(slots=True)
class Kept:
    """Answers by path within a number of bytes."""

    room_bytes: int
    answers: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    """Kind -> how many."""

    def add(self, path: str, answer: Any, kind: str) -> bool:
        """Keeps an answer if there is room for it, else counts it among what was left out."""
        size = len(inert_json({path: answer}).encode())
        if size > self.room_bytes:
            self.left_out[kind] = self.left_out.get(kind, 0) + 1
            return False
        self.answers[path] = answer
        self.room_bytes -= size
        return True


@dataclass(frozen=True, slots=True)
class Asked:
    """The control of a lab and one of its nodes, asked alike, and what is kept of their answers."""

    room: Room
    clients: Mapping[Language, Client]
    kept: Kept

    def get(self, path: str, language: Language = "en") -> Any:
        """The answer to a `GET` of a path with its query; raises the error of a problem."""
        if path.startswith(CONTROL):
            return self.room.control.get(path.removeprefix(CONTROL))
        place, _, query = path.partition("?")
        return self.clients[language].get(place, **dict(parse_qsl(query)))

    def take(self, path: str, kind: str) -> Any:
        """The same, kept if there is room for it."""
        answer = self.get(path)
        self.kept.add(path, answer, kind)
        return answer

    def rows(self, path: str, name: str) -> Iterator[Any]:
        """All rows of a list, page by page."""
        after: Any = None
        while True:
            answer = self.get(f"{path}?limit={ROWS}" + ("" if after is None else f"&after={quote(str(after), safe='')}"))
            yield from answer[name]
            if not answer[name] or answer["next"] is None or answer["next"] == after:
                return
            after = answer["next"]


def report(
    directory: Annotated[Path, typer.Option("--dir", help="Directory of the lab's network.")] = LABS,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the file goes.")] = Path("group.html"),
    language: Lang = "en",
) -> None:
    """Write what this group did as one HTML file that replays without a network. Example: tallystick lab report -o group.html"""
    text, left_out = make_report(directory)
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OperatorError("cannot-write", f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(WORDS["written"].text(language, path=output.resolve(), size=f"{len(text.encode()):,}"))
    if left_out:
        what = ", ".join(f"{count} {kind}" for kind, count in left_out.items())
        typer.echo(WORDS["left-out"].text(language, most=f"{BYTES_MAX:,}", what=what))


@router.get("/report", dependencies=[Depends(verify_no_onlooker)])
async def get_report(lab: ThisLab) -> Response:
    """The file, to be saved."""
    directory = lab.network.directory
    text, _ = await to_thread.run_sync(make_report, directory, limiter=ONE_AT_A_TIME)
    name = NAME.sub("-", directory.resolve().name).strip("-") or "group"
    return Response(text, media_type="text/html", headers={"content-disposition": f'attachment; filename="{name}.html"'})


def make_report(directory: Path) -> tuple[str, Mapping[str, int]]:
    """The file, and what it leaves out; raises OperatorError `lab-not-running`, BusyError `no-node-runs`."""
    room, network = Room(directory, 0), LocalNetwork(directory)
    node = room.asked()[0]
    with ExitStack() as open_clients:
        clients = {spoken: open_clients.enter_context(network.client(node=node, language=spoken)) for spoken in LANGUAGES}
        kept = Kept(BYTES_MAX - frame_bytes() - 1_000)  # what it leaves out is written in any case
        collect(Asked(room, clients, kept), wall_ms())
    return report_page(kept, f"Tallystick · {directory.resolve().name}"), kept.left_out


def frame_bytes() -> int:
    """What the file takes without any answer."""
    return len(report_page(Kept(0), "").encode())


def report_page(kept: Kept, title: str) -> str:
    """The whole file."""
    style = "\n".join(page_part(name, *PAGE) for name in STYLES)
    script = joined_modules(MAIN, PAGE)
    data = inert_json({"answers": kept.answers, "views": list(VIEWS)})
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy(script, style)}">\n<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n</head>"
    )
    body = f'<script type="application/json" id="data">{data}</script>\n<script type="module">{script}</script>\n</body>'
    page = LINKS.sub("", page_part("page.html", *PAGE)).replace(
        "<title>Tallystick</title>", f"<title>{html.escape(title)}</title>"
    )
    before, _, rest = page.partition("</head>")
    middle, _, after = rest.partition("</body>")
    return before + head + middle + body + after


def collect(asked: Asked, written_ms: int) -> None:
    """Asks for everything."""
    kept = asked.kept
    network = {**asked.get(f"{CONTROL}/network"), "job": None, "frozen": False}
    kept.add(f"{CONTROL}/network", network, "network")
    for path in ("/v1/node", "/v1/validators", "/v1/contracts", f"{CONTROL}/progress"):
        asked.take(path, "overview")
    for language in LANGUAGES:
        asked.take(f"{CONTROL}/checkpoints?lang={language}", "overview")
        for row in asked.take(f"{CONTROL}/exercises?lang={language}", "labs"):
            asked.take(f"{CONTROL}/exercises/{row['number']}?lang={language}", "labs")
        asked.take(f"{CONTROL}/story?lang={language}", "story")
    numbers = range(1, 1 + (network["story"] or {"of": 0})["of"])
    steps = [f"{CONTROL}/story/steps/{number}?lang={language}" for number in numbers for language in LANGUAGES]
    for path in steps:
        asked.take(path, "steps")
    _blocks(asked)
    _records(asked)
    _log(asked, network["generation"], [kept.answers[path] for path in steps if path in kept.answers])
    about: JsonValue = {"written": written_ms, "left_out": {**kept.left_out}}
    kept.answers[ABOUT] = about


def _blocks(asked: Asked) -> None:
    headers = list(asked.rows("/v1/blocks", "blocks"))
    rows = list(asked.rows("/v1/transactions", "transactions"))
    for row in rows:
        if row["outcome"] == "rejected":
            row["sentence"] = {
                language: asked.get(f"/v1/transactions/{row['transaction']}", language).get("sentence", "")
                for language in LANGUAGES
            }
    height = headers[-1]["height"] if headers else 0
    asked.kept.add("/v1/blocks", {"blocks": headers, "height": height, "next": height}, "blocks")
    asked.kept.add("/v1/transactions", {"transactions": rows, "next": None}, "blocks")
    for number in (0, *(header["height"] for header in reversed(headers))):
        asked.take(f"/v1/blocks/{number}", "blocks")


def _records(asked: Asked) -> None:
    for contract in asked.get("/v1/contracts")["contracts"]:
        for collection in contract["collections"]:
            path = f"/v1/state/{collection.get('contract') or contract['name']}/{collection['name']}"
            try:
                items = list(asked.rows(path, "items"))
            except TallystickError:
                continue
            if asked.kept.add(path, {"items": items, "next": None}, "records"):
                for item in items:
                    asked.take(f"{path}/{quote(item['key'], safe='')}/history", "histories")


def _log(asked: Asked, generation: int, steps: list[dict[str, Any]]) -> None:
    """The newest records that there is room for; a step whose messages are not among them does not lead to them."""
    records, kept = asked.room.written(), asked.kept
    first = len(records)
    room = kept.room_bytes - 200
    while first > 0 and (room := room - len(inert_json(records[first - 1]).encode()) - 1) > 0:
        first -= 1
    kept.answers[f"{CONTROL}/log"] = {"generation": generation, "records": records[first:]}
    if first:
        kept.left_out["log"] = first
    oldest = records[first]["index"] if first < len(records) else 0
    for step in steps:
        if step["log"] is not None and (not oldest or step["log"]["from"] < oldest):
            step["log"] = None
