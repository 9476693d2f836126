"""The teacher's page and its paths: who is where, and one hand on all groups.

GET  /                 the page; without the teacher's token it only shows the way to the groups
GET  /groups           number and port of each group: what stands on the projector
POST /join             the room's code → the link of a group with its token
GET  /rows?lang=       every group with its progress, and the steps of the story   teacher's token
POST /orders           {"groups", "do", …} → what each answered   teacher's token
"""

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ledger.errors import BusyError, ForbiddenError, IndefiniteError, InputError, JsonValue, NotFoundError, OperatorError
from nodes.app.pages import page_file, page_itself
from nodes.http.answers import ERROR_HANDLERS, answer, language_of, parse_body, read_body
from nodes.http_client import NOTHING, HttpAnswer, HttpClient, HttpQuery, RequestBody
from nodes.node.clock import wall_ms
from nodes.words import Language
from scenarios.workshop.serve.groups import Group
from scenarios.workshop.serve.rows import Standing, chapters_of, said_of_all

PACKAGE = "scenarios.workshop.serve"
BODY_BYTES_MAX = 10_000
CODE_DIGITS = 6
WRONG_CODES_MAX, WRONG_CODES_SECONDS = 10, 60
"""From one machine, within this time."""
ROOM_CODES_MAX = 200
"""From all together: thirty people mistype, and a script with many addresses is slow."""
LOOK_SECONDS_MAX, ORDER_SECONDS_MAX = 8, 30
"""A look of a control at its own nodes takes seven where one of them is silent."""
LOOKED_AT = {"network": "/network", "exercises": "/exercises"}
"""What is asked of a control for its row."""


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Joining(_Body):
    """A group that comes with the code from the projector."""

    code: str
    group: int


class Order(_Body):
    """One thing for some groups, or for all where none is named."""

    do: Literal["freeze", "unfreeze", "reset", "story", "exercise"]
    groups: tuple[int, ...] = ()
    number: Annotated[int, Field(ge=0, le=10_000)] = 0
    """The step of the story, or the exercise."""


class Teacher:
    """The application, with the secrets of the room."""

    def __init__(self, groups: Sequence[Group], token: str, urls: Sequence[str] = (), code: str = "") -> None:
        """`urls` are what the room may open; without any, this machine is the room. Without a code there is a new one."""
        self.urls = tuple(urls)
        self.groups = {group.number: group for group in groups}
        self.token = token
        self.code = code or new_code()
        self._wrong = WrongCodes()
        self._chapters: dict[Language, list[dict[str, Any]]] = {}
        """Of the story, by language, as the first group told them that answered."""
        self.application = self._build()

    def _build(self) -> FastAPI:
        application = FastAPI(openapi_url=None, exception_handlers=ERROR_HANDLERS)
        application.get("/")(self.page)
        application.get("/page/{name}")(self.part)
        application.get("/groups")(self.places)
        application.post("/join")(self.join)
        application.get("/rows")(self.rows)
        application.post("/orders")(self.order)
        return application

    async def page(self) -> Response:
        """The page."""
        return page_itself("teacher.html", PACKAGE)

    async def part(self, name: str) -> Response:
        """A module or style; raises NotFoundError `no-such-path`."""
        return page_file(name, PACKAGE)

    async def places(self) -> Response:
        """Where the groups are."""
        rows: list[JsonValue] = [{"number": group.number, "port": group.ports[0]} for group in self.groups.values()]
        return answer({"groups": rows})

    async def join(self, request: Request) -> Response:
        """The port and token of a group; raises ForbiddenError `wrong-code`, BusyError `too-many-codes`."""
        asked = parse_body(Joining, await read_body(request, BODY_BYTES_MAX), "bad-join")
        now, address = time.monotonic(), "" if request.client is None else request.client.host
        if self._wrong.is_barred(address, now):  # check: join-codes
            raise BusyError("too-many-codes", "Too many wrong codes; wait a minute.", retry_after_s=WRONG_CODES_SECONDS)
        if not hmac.compare_digest(asked.code.strip().encode(), self.code.encode()):  # check: join-code
            self._wrong.note(address, now)
            raise ForbiddenError("wrong-code", "That is not the code on the projector.")
        group = self._group(asked.group)
        return answer({"port": group.ports[0], "token": group.token})

    async def rows(self, request: Request, lang: str | None = None) -> Response:
        """Every group as it is now, and whereto they can be led."""
        self._verify(request)
        language: Language = "zh" if (lang or language_of(request)).startswith("zh") else "en"
        async with HttpClient(LOOK_SECONDS_MAX) as http:
            rows = await asyncio.gather(*(_row(http, one, language) for one in self.groups.values()))
            for group in self.groups.values():
                if language not in self._chapters and (story := await _look(http, group, "/story", language)):
                    self._chapters[language] = chapters_of(story)
        labs: JsonValue = next((row["exercises"] for row in rows if row["exercises"]), [])
        chapters: list[JsonValue] = [*self._chapters.get(language, ())]
        urls: list[JsonValue] = [*self.urls]
        ways: dict[str, JsonValue] = {"urls": urls, "labs": labs, "chapters": chapters}
        return answer({"code": self.code, "groups": [*rows], **ways, **said_of_all(rows, language)})

    async def order(self, request: Request) -> Response:
        """Tells some or all groups; raises InputError or NotFoundError before a group gets the order."""
        self._verify(request)
        order = parse_body(Order, await read_body(request, BODY_BYTES_MAX), "bad-order")
        numbers = {self._group(number).number for number in order.groups} or self.groups.keys()
        groups = [group for number, group in self.groups.items() if number in numbers]
        path, body = _told(order)
        async with HttpClient(ORDER_SECONDS_MAX) as http:
            answers: list[JsonValue] = [*await asyncio.gather(*(_tell(http, one, path, body) for one in groups))]
        return answer({"answers": answers})

    def _verify(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self.token.encode()):  # check: teacher-token
            raise ForbiddenError("wrong-token", "This takes the teacher's token, which `tallystick lab serve` prints.")

    def _group(self, number: int) -> Group:
        if number not in self.groups:  # check: teacher-group
            raise NotFoundError("unknown-group", f"There is no group {number}; there are 1 to {len(self.groups)}.")
        return self.groups[number]


def new_code() -> str:
    """What a room joins by, for a projector: digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def _told(order: Order) -> tuple[str, Any]:
    """Path and body of the groups' control."""
    if order.do in ("story", "exercise") and order.number < 1:  # check: order-number
        raise InputError("bad-order", "`number` is the step, or the lab, to go to: from 1.")
    match order.do:
        case "freeze" | "unfreeze":
            return "/frozen", {"frozen": order.do == "freeze"}
        case "reset":
            return "/reset", {}
        case "story":
            return "/story", {"to": order.number}
        case "exercise":
            return f"/exercises/{order.number}/start", {}


class WrongCodes:
    """Those of the last while: who tries codes bars that machine only; a code has a million values."""

    def __init__(self) -> None:
        self._tried: deque[tuple[float, str]] = deque()
        """When, and from which address; the oldest first."""

    def is_barred(self, address: str, now: float) -> bool:
        """Whether this machine has to wait, or the whole room."""
        while self._tried and now - self._tried[0][0] >= WRONG_CODES_SECONDS:
            self._tried.popleft()
        own = sum(tried == address for _, tried in self._tried)
        return own >= WRONG_CODES_MAX or len(self._tried) >= ROOM_CODES_MAX

    def note(self, address: str, now: float) -> None:
        """One more."""
        self._tried.append((now, address))


# Controls are asked from this machine itself and not through a node: a frozen lab obeys that.


async def _row(http: HttpClient, group: Group, language: Language) -> dict[str, Any]:
    """What a group is at; of one whose control says nothing there is little more than its number."""
    row: dict[str, Any] = {"number": group.number, "port": group.ports[0], "running": group.is_running, "token": group.token}
    for name, path in LOOKED_AT.items():
        row[name] = await _look(http, group, path, language)
    return {**row, **Standing(row["network"], row["exercises"], wall_ms(), language).row()}


async def _look(http: HttpClient, group: Group, path: str, language: Language) -> Any:
    """What its control answers; None where it says nothing."""
    try:
        found = await _ask(http, group, "GET", path, query={"lang": language})
        return found.json() if found.status < 400 else None
    except (IndefiniteError, OperatorError, ValueError):
        return None


async def _tell(http: HttpClient, group: Group, path: str, body: Mapping[str, JsonValue]) -> dict[str, Any]:
    """Its answer, or `{"code", "detail"}`."""
    try:
        found = await _ask(http, group, "POST", path, body)
        return {"group": group.number, **found.json()}
    except OperatorError as error:
        return {"group": group.number, "code": error.code, "detail": error.message}
    except (IndefiniteError, ValueError) as error:
        return {"group": group.number, "code": "no-control", "detail": f"No answer: {error}."}


async def _ask(
    http: HttpClient, group: Group, method: str, path: str, body: RequestBody = None, query: HttpQuery = NOTHING
) -> HttpAnswer:
    url = group.control_url()
    if not url:
        raise OperatorError("no-control", f"Group {group.number} does not run.")
    return await http.ask(method, url + path, body, query=query, headers={"authorization": f"Bearer {group.token}"})
