"""The teacher's page and its paths: who is where, and one hand on all groups.

GET  /                 the page; without the teacher's token it only shows the way to the groups
GET  /groups           number and port of each group: what stands on the projector
POST /join             the room's code → the link of a group with its token
GET  /rows?lang=       every group with its progress             teacher's token
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
from nodes.http_client import HttpClient
from scenarios.workshop.serve.groups import Group

PACKAGE = "scenarios.workshop.serve"
BODY_BYTES_MAX = 10_000
CODE_DIGITS = 6
WRONG_CODES_MAX, WRONG_CODES_SECONDS = 10, 60
"""From one machine, within this time."""
ROOM_CODES_MAX = 200
"""From all together: thirty people mistype, and a script with many addresses is slow."""
LOOK_SECONDS_MAX, ORDER_SECONDS_MAX = 3, 30
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

    def __init__(self, groups: Sequence[Group], token: str, urls: Sequence[str] = ()) -> None:
        """`urls` are what the room may open; without any, this machine is the room."""
        self.urls = tuple(urls)
        self.groups = {group.number: group for group in groups}
        self.token = token
        self.code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        self._orders = Orders(groups)
        self._wrong = WrongCodes()
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
        """Every group as it is now."""
        self._verify(request)
        rows: list[JsonValue] = [*await self._orders.rows(lang or language_of(request))]
        return answer({"code": self.code, "groups": rows, "urls": list(self.urls)})

    async def order(self, request: Request) -> Response:
        """Tells some or all groups; raises InputError or NotFoundError before a group gets the order."""
        self._verify(request)
        order = parse_body(Order, await read_body(request, BODY_BYTES_MAX), "bad-order")
        numbers = [self._group(number).number for number in order.groups] or list(self.groups)
        path, body = _told(order)
        answers: list[JsonValue] = [*await self._orders.tell(numbers, path, body)]
        return answer({"answers": answers})

    def _verify(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self.token.encode()):  # check: teacher-token
            raise ForbiddenError("wrong-token", "This takes the teacher's token, which `tallystick lab serve` prints.")

    def _group(self, number: int) -> Group:
        if number not in self.groups:  # check: teacher-group
            raise NotFoundError("unknown-group", f"There is no group {number}; there are 1 to {len(self.groups)}.")
        return self.groups[number]


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


class Orders:
    """Speaks with the controls, each from this machine itself and not through a node: a frozen lab obeys it."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups

    async def rows(self, language: str) -> list[dict[str, Any]]:
        """What each group is at; a group whose control says nothing has no more than its number."""
        async with HttpClient(LOOK_SECONDS_MAX) as http:
            return list(await asyncio.gather(*(self._row(http, group, language) for group in self._groups)))

    async def tell(self, numbers: Sequence[int], path: str, body: Mapping[str, JsonValue]) -> list[dict[str, Any]]:
        """Posts to the controls of these groups; for each its answer, or `{"code", "detail"}`."""
        chosen = [group for group in self._groups if group.number in numbers]
        async with HttpClient(ORDER_SECONDS_MAX) as http:
            return list(await asyncio.gather(*(self._post(http, group, path, body) for group in chosen)))

    async def _row(self, http: HttpClient, group: Group, language: str) -> dict[str, Any]:
        row: dict[str, Any] = {"number": group.number, "running": group.is_running, "token": group.token}
        for name, path in LOOKED_AT.items():
            try:
                answer = await http.ask("GET", _url(group, path), query={"lang": language}, headers=_headers(group))
                row[name] = answer.json() if answer.status < 400 else None
            except (IndefiniteError, OperatorError, ValueError):
                row[name] = None
        return row

    async def _post(self, http: HttpClient, group: Group, path: str, body: Mapping[str, JsonValue]) -> dict[str, Any]:
        try:
            answer = await http.ask("POST", _url(group, path), body, headers=_headers(group))
            return {"group": group.number, **answer.json()}
        except OperatorError as error:
            return {"group": group.number, "code": error.code, "detail": error.message}
        except (IndefiniteError, ValueError) as error:
            return {"group": group.number, "code": "no-control", "detail": f"No answer: {error}."}


def _url(group: Group, path: str) -> str:
    url = group.control_url()
    if not url:
        raise OperatorError("no-control", f"Group {group.number} does not run.")
    return url + path


def _headers(group: Group) -> dict[str, str]:
    return {"authorization": f"Bearer {group.token}"}
