"""What the teacher tells the controls of the groups, and what these say of themselves: all groups side by side."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.errors import IndefiniteError, JsonValue, OperatorError
from nodes.http_client import HttpClient
from scenarios.workshop.serve.groups import Group

LOOK_SECONDS_MAX, ORDER_SECONDS_MAX = 3, 30
LOOKED_AT = {"network": "/network", "exercises": "/exercises"}
"""What is asked of a control for its row."""


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
