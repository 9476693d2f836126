"""What the report of a group keeps: the answers of the lab's control and of a node, by path, as far as there is room.

What everybody looks at first is taken first: the story in both languages, blocks and transactions, labs, checkpoints. Then
come records and their histories, and what room is left is for the log, its newest records. What was left out is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from ledger.errors import JsonValue, TallystickError
from nodes.picture.single_page import inert_json
from scenarios.story.story import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
CONTROL = "/v1/lab/control"
ABOUT = f"{CONTROL}/report/about"
"""A path of the report alone: when it was written, and what it leaves out."""
PAGE = 100
LOG_PAGE = 2_000


class Asked(Protocol):
    """Whoever answers: `GET` of a path with its query, in a language."""

    def get(self, path: str, language: Language = "en") -> Any:
        """The answer; raises the error that a problem tells of."""


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


def collect(asked: Asked, room_bytes: int, written_ms: int) -> Kept:
    """Asks for everything."""
    kept = Kept(room_bytes - 1_000)
    network = {**asked.get(f"{CONTROL}/network"), "job": None, "frozen": False}
    kept.add(f"{CONTROL}/network", network, "network")
    for path in ("/v1/node", "/v1/validators", "/v1/contracts", f"{CONTROL}/progress"):
        kept.add(path, asked.get(path), "overview")
    for language in LANGUAGES:
        kept.add(f"{CONTROL}/checkpoints?lang={language}", asked.get(f"{CONTROL}/checkpoints?lang={language}"), "overview")
        _exercises(asked, kept, language)
        kept.add(f"{CONTROL}/story?lang={language}", asked.get(f"{CONTROL}/story?lang={language}"), "story")
    steps = _story(asked, kept, network["story"] or {"of": 0})
    _blocks(asked, kept)
    _records(asked, kept)
    _log(asked, kept, network["generation"], steps)
    about: JsonValue = {"written": written_ms, "left_out": {**kept.left_out}}
    kept.answers[ABOUT] = about
    return kept


def _exercises(asked: Asked, kept: Kept, language: Language) -> None:
    path = f"{CONTROL}/exercises"
    rows = asked.get(f"{path}?lang={language}")
    kept.add(f"{path}?lang={language}", rows, "labs")
    for row in rows:
        place = f"{path}/{row['number']}?lang={language}"
        kept.add(place, asked.get(place), "labs")


def _story(asked: Asked, kept: Kept, story: dict[str, Any]) -> list[dict[str, Any]]:
    """Every step in both languages; those that are kept."""
    steps = []
    for number in range(1, story["of"] + 1):
        for language in LANGUAGES:
            path = f"{CONTROL}/story/steps/{number}?lang={language}"
            step = asked.get(path)
            if kept.add(path, step, "steps"):
                steps.append(step)
    return steps


def _blocks(asked: Asked, kept: Kept) -> None:
    headers = list(_all(asked, "/v1/blocks", "blocks", "after"))
    rows = list(_all(asked, "/v1/transactions", "transactions", "after"))
    for row in rows:
        if row["outcome"] == "rejected":
            row["sentence"] = {
                language: asked.get(f"/v1/transactions/{row['transaction']}", language).get("sentence", "")
                for language in LANGUAGES
            }
    height = headers[-1]["height"] if headers else 0
    kept.add("/v1/blocks", {"blocks": headers, "height": height, "next": height}, "blocks")
    kept.add("/v1/transactions", {"transactions": rows, "next": None}, "blocks")
    kept.add("/v1/blocks/0", asked.get("/v1/blocks/0"), "blocks")
    for header in reversed(headers):
        kept.add(f"/v1/blocks/{header['height']}", asked.get(f"/v1/blocks/{header['height']}"), "blocks")


def _records(asked: Asked, kept: Kept) -> None:
    for contract in asked.get("/v1/contracts")["contracts"]:
        for collection in contract["collections"]:
            path = f"/v1/state/{collection.get('contract') or contract['name']}/{collection['name']}"
            try:
                items = list(_all(asked, path, "items", "after"))
            except TallystickError:
                continue
            if not kept.add(path, {"items": items, "next": None}, "records"):
                continue
            for item in items:
                place = f"{path}/{quote(item['key'], safe='')}"
                kept.add(f"{place}/history", asked.get(f"{place}/history"), "histories")


def _log(asked: Asked, kept: Kept, generation: int, steps: list[dict[str, Any]]) -> None:
    """The newest records that there is room for; a step whose messages are not among them does not lead to them."""
    records: list[Any] = []
    after = 0
    while page := asked.get(f"{CONTROL}/log?after={after}&limit={LOG_PAGE}"):
        records += page["records"]
        if not page["records"]:
            break
        after = page["next"]
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


def _all(asked: Asked, path: str, name: str, cursor: str) -> Iterator[Any]:
    """All rows of a list, page by page."""
    after: Any = None
    while True:
        answer = asked.get(f"{path}?limit={PAGE}" + ("" if after is None else f"&{cursor}={quote(str(after), safe='')}"))
        yield from answer[name]
        if not answer[name] or answer["next"] is None or answer["next"] == after:
            return
        after = answer["next"]
