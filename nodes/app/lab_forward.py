"""What a node passes on to the control of its lab, which alone can stop and start nodes: everything under `/v1/lab/control/`.

Reads are for whoever may read this node; what changes something carries the lab's token. A look that costs much carries it too,
as the control says: it is told of each reader who has none.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import BusyError, ForbiddenError
from nodes.app.answers import Services, read_body
from nodes.app.lab import lab_of
from nodes.app.services import Lab, NodeServices

router = APIRouter(include_in_schema=False)
"""Query parameters are the control's to judge."""
documented = APIRouter(tags=["lab"])
BODY_BYTES_MAX = 2_000_000
VIA = "x-lab-node"
"""Header of what a node of the lab passed on, its value: it comes from somewhere in the room."""
ONLOOKER = "x-lab-onlooker"
"""Header of a look without the lab's token."""


@router.get("/v1/lab/control/{path:path}")
async def get(request: Request, services: Services, path: str) -> Response:
    """A look at the lab; where reads are open, its token is asked for only by what costs much."""
    lab, more = lab_of(services), {}
    try:
        lab_of(services, request)
    except ForbiddenError:
        if services.reads != "open":
            raise
        more = {ONLOOKER: "1"}
    return await forward(request, lab, services, more)


@router.post("/v1/lab/control/{path:path}")
async def post(request: Request, services: Services, path: str) -> Response:
    """An order to the lab."""
    return await forward(request, lab_of(services, request), services)


@documented.post("/v1/lab/reset", status_code=202)
async def reset(request: Request, services: Services) -> Response:
    """Takes the whole lab back to its genesis: every node runs then, none is a traitor, all links are well.

    Nodes cannot do this, so it is passed on to the control of the lab, which answers with a job; this node stops meanwhile
    for less than a second. `GET /v1/lab/control/jobs/NUMBER` says what became of it.
    """
    return await forward(request, lab_of(services, request), services)


async def forward(request: Request, lab: Lab, services: NodeServices, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """The answer of the control to this request, with these headers more; raises BusyError `no-control` where nobody runs one."""
    url = lab.control_url()
    if not url:  # check: lab-without-control
        raise BusyError("no-control", "Nobody controls this lab now; `tallystick network up --lab` does.", status=503)
    headers = {
        "authorization": f"Bearer {lab.token}",
        VIA: services.member,
        **more,
        "accept-language": request.headers.get("accept-language", ""),
    }
    path = request.scope["raw_path"].decode("ascii").removeprefix("/v1/lab/").removeprefix("control/")
    query = request.scope["query_string"].decode("ascii")
    body = await read_body(request, BODY_BYTES_MAX)
    return await lab.forwarder.ask(request.method, f"{url}/{path}" + (f"?{query}" if query else ""), headers, body)
