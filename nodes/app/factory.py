"""Puts the HTTP face of a node together."""

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from nodes.app import (
    access,
    blocks,
    docs,
    documents,
    lab,
    pages,
    state,
    state_query,
    status,
    streams,
    transaction_query,
    transactions,
    who,
)
from nodes.app.access_control import guard
from nodes.app.answers import refuse_unknown_parameters
from nodes.app.node_routes import PREFIX, NodeRoutes, connection_of
from nodes.app.observed import Observed
from nodes.app.problems import install_problems
from nodes.app.turns import Turns
from nodes.node.node import Node

DESCRIPTION = """One node of a ledger. Answers are canonical JSON; errors are problem details (RFC 9457) with a stable `code`.
Lists page by cursor: give `next` of one answer as `after` of the next request. `?proof=true` adds the proof that leads
from the value to the genesis."""


def create_app(node: Node) -> ASGIApp:
    """The ASGI application of one node; uvicorn serves it."""
    web = create_web(node)
    nodes = NodeRoutes(node)
    turns = Turns()

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        connection = connection_of(scope)
        if connection is None or not connection.is_link:
            await turns.take()
        is_between_nodes = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (nodes if is_between_nodes else web)(scope, receive, send)

    return Observed(dispatch, node)


def create_web(node: Node) -> FastAPI:
    """The part for people and programs."""
    guarded = [Depends(guard)]
    web = FastAPI(title="Tallystick", description=DESCRIPTION, version="1", openapi_url=None, dependencies=guarded)
    web.state.node = node
    web.state.streams = 0
    install_problems(web)
    strict = [Depends(refuse_unknown_parameters)]
    for module in (
        transactions,
        transaction_query,
        blocks,
        state,
        who,
        streams,
        access,
        documents,
        status,
        lab,
        docs,
    ):
        web.include_router(module.router, dependencies=strict)
    web.include_router(lab.passing)
    web.include_router(state_query.router)
    web.include_router(pages.router)
    return web
