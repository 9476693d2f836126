"""The short way to the function of a route that is asked often: FastAPI's frame around a read costs more than the read.

A route is declared once, and its path, parameters, types, defaults and function are taken from that declaration. The short way
is for requests in their plainest form: the route's own method; in the query only its parameters, each once, spelled without `%`
or `+` and of the right type. Every other request, and so every mistake in one, is left to FastAPI.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from ledger.errors import TallystickError
from nodes.app.dependencies import guard
from nodes.http.answers import answer_error
from nodes.node.node import Node

PLAIN_QUERY = re.compile(rb"([a-z_]+=[A-Za-z0-9_.-]+(&[a-z_]+=[A-Za-z0-9_.-]+)*)?")


class DirectRoutes:
    """An application that answers plain requests for some of its routes by itself."""

    def __init__(self, web: FastAPI, node: Node, routers: Iterable[APIRouter], functions: Iterable[object]) -> None:
        """Takes all routers of `web` in their order, and the functions of the routes that have a short way."""
        self._web, self._node = web, node
        routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._ways = [_Way.of(place, routes) for place, route in enumerate(routes) if route.endpoint in functions]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request; a mistake of this node is answered, and raised again."""
        for way in self._ways:
            arguments = way.arguments(scope)
            if arguments is not None:
                break
        else:
            await self._web(scope, receive, send)
            return
        scope["app"], scope["route"] = self._web, way.route
        request = Request(scope, receive, send)
        try:
            await guard(request, self._node)
            response = await way.call(request, arguments)
        except Exception as error:
            response = await answer_error(request, error)
            if not isinstance(error, TallystickError | ClientDisconnect):
                await response(scope, receive, send)
                raise
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Way:
    """One route, and what stands before it."""

    route: APIRoute
    earlier: tuple[re.Pattern[str], ...]
    """Of routes that may match the same path and come first."""
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, place: int, routes: Sequence[APIRoute]) -> "_Way":
        route = routes[place]
        dependant = route.dependant
        assert not [*dependant.body_params, *dependant.header_params, *dependant.cookie_params]
        earlier = tuple(other.path_regex for other in routes[:place] if _may_meet(route.path, other.path))
        return cls(route, earlier, {field.name: field.get_default() for field in dependant.query_params})

    def arguments(self, scope: Scope) -> dict[str, Any] | None:
        """Arguments of the function from path and query; None for a request that is FastAPI's."""
        path: str = scope["path"]
        found = self.route.path_regex.match(path)
        if found is None or {scope["method"]} != self.route.methods or any(one.match(path) for one in self.earlier):
            return None
        query = self._from_query(scope["query_string"])
        return None if query is None else {**self.defaults, **found.groupdict(), **query}

    def _from_query(self, query: bytes) -> dict[str, Any] | None:
        if not PLAIN_QUERY.fullmatch(query):
            return None
        given = [part.split("=") for part in query.decode().split("&")] if query else []
        texts = dict[str, str](given)
        fields = [field for field in self.route.dependant.query_params if field.alias in texts]
        if not len(given) == len(texts) == len(fields):
            return None
        judged = [field.validate(texts[field.alias], {}, loc=()) for field in fields]
        if any(errors for _, errors in judged):
            return None
        return {field.name: value for field, (value, _) in zip(fields, judged, strict=True)}

    async def call(self, request: Request, arguments: dict[str, Any]) -> Any:
        """The function's response; what it asks for of the request itself is added."""
        dependant = self.route.dependant
        if dependant.request_param_name:
            arguments[dependant.request_param_name] = request
        for one in dependant.dependencies:
            if one.name and one.call:
                arguments[one.name] = await one.call(request)
        return await self.route.endpoint(**arguments)


def _may_meet(path: str, other: str) -> bool:
    """Whether one path can be of both routes, judged by what stands before their first parameters."""
    first, second = path.partition("{")[0], other.partition("{")[0]
    return first.startswith(second) or second.startswith(first)
