"""What the teacher tells the controls of the groups, and what these say of themselves: all groups side by side."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp

from ledger.encoding import encode
from ledger.errors import JsonValue, OperatorError
from scenarios.workshop.serve.groups import Group

LOOK = aiohttp.ClientTimeout(total=3)
ORDER = aiohttp.ClientTimeout(total=30)
LOOKED_AT = {"network": "/network", "exercises": "/exercises"}
"""What is asked of a control for its row."""


class Orders:
    """Speaks with the controls, each from this machine itself and not through a node: a frozen lab obeys it."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups

    async def rows(self, language: str) -> list[dict[str, Any]]:
        """What each group is at; a group whose control says nothing has no more than its number."""
        async with aiohttp.ClientSession(timeout=LOOK) as session:
            return list(await asyncio.gather(*(self._row(session, group, language) for group in self._groups)))

    async def tell(self, numbers: Sequence[int], path: str, body: JsonValue) -> list[dict[str, Any]]:
        """Posts to the controls of these groups; for each its answer, or `{"code", "detail"}`."""
        chosen = [group for group in self._groups if group.number in numbers]
        async with aiohttp.ClientSession(timeout=ORDER) as session:
            return list(await asyncio.gather(*(self._post(session, group, path, body) for group in chosen)))

    async def _row(self, session: aiohttp.ClientSession, group: Group, language: str) -> dict[str, Any]:
        row: dict[str, Any] = {"number": group.number, "running": group.is_running, "token": group.token}
        for name, path in LOOKED_AT.items():
            try:
                async with session.get(_url(group, path), params={"lang": language}, headers=_headers(group)) as response:
                    row[name] = await response.json() if response.ok else None
            except (aiohttp.ClientError, TimeoutError, OperatorError, ValueError):
                row[name] = None
        return row

    async def _post(self, session: aiohttp.ClientSession, group: Group, path: str, body: JsonValue) -> dict[str, Any]:
        try:
            async with session.post(_url(group, path), data=encode(body), headers=_headers(group)) as response:
                answer = await response.json(content_type=None)
                return {"group": group.number, **answer}
        except OperatorError as error:
            return {"group": group.number, "code": error.code, "detail": error.message}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return {"group": group.number, "code": "no-control", "detail": f"No answer: {error or type(error).__name__}."}


def _url(group: Group, path: str) -> str:
    url = group.control_url()
    if not url:
        raise OperatorError("no-control", f"Group {group.number} does not run.")
    return url + path


def _headers(group: Group) -> dict[str, str]:
    return {"authorization": f"Bearer {group.token}"}
