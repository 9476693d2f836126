"""What a node passes on to the control of its lab, which alone can stop and start nodes: everything under `/v1/lab/control/`.

Reads are for whoever may read this node; what changes something carries the lab's token.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import BusyError
from nodes.app.answers import Services, read_body
from nodes.app.lab import lab_of
from nodes.app.services import Lab, NodeServices

router = APIRouter(include_in_schema=False)
"""Query parameters are the control's to judge."""
documented = APIRouter(tags=["lab"])
BODY_BYTES_MAX = 2_000_000


@router.get("/v1/lab/control/{path:path}")
async def get(request: Request, services: Services, path: str) -> Response:
    """A look at the lab; its token is not asked for where reads are open."""
    lab = lab_of(services)
    if services.reads != "open":
        lab = lab_of(services, request)
    return await forward(request, lab, services)


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


async def forward(request: Request, lab: Lab, services: NodeServices) -> Response:
    """The answer of the control to this request; raises BusyError `no-control` where nobody runs one."""
    url = lab.control_url()
    if not url:  # check: lab-without-control
        raise BusyError("no-control", "Nobody controls this lab now; `tallystick network up --lab` does.", status=503)
    headers = {
        "authorization": f"Bearer {lab.token}",
        "x-lab-node": services.member,
        "accept-language": request.headers.get("accept-language", ""),
    }
    path = request.scope["raw_path"].decode("ascii").removeprefix("/v1/lab/").removeprefix("control/")
    query = request.scope["query_string"].decode("ascii")
    body = await read_body(request, BODY_BYTES_MAX)
    return await lab.forwarder.ask(request.method, f"{url}/{path}" + (f"?{query}" if query else ""), headers, body)
