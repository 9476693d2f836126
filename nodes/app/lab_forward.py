"""What a node passes on to the control of its lab, which alone can stop and start nodes: everything under `/v1/lab/control/`.

Reads are for whoever may read this node; what changes something carries the lab's token.
"""

import aiohttp
from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import BusyError
from nodes.app.answers import Services, read_body
from nodes.app.lab import lab_of
from nodes.app.services import Lab

router = APIRouter(include_in_schema=False)
"""Query parameters are the control's to judge."""
BODY_BYTES_MAX = 2_000_000
TIMEOUT = aiohttp.ClientTimeout(total=120, connect=2)
KEPT = ("content-type", "content-disposition", "retry-after")


@router.get("/v1/lab/control/{path:path}")
async def get(request: Request, services: Services, path: str) -> Response:
    """A look at the lab; its token is not asked for where reads are open."""
    lab = lab_of(services)
    if services.reads != "open":
        lab = lab_of(services, request)
    return await _forward(request, lab, services.member)


@router.post("/v1/lab/control/{path:path}")
async def post(request: Request, services: Services, path: str) -> Response:
    """An order to the lab."""
    return await _forward(request, lab_of(services, request), services.member)


@router.post("/v1/lab/reset")
async def reset(request: Request, services: Services) -> Response:
    """Takes the whole lab back to its genesis: answered with 202 and a job, since this node stops meanwhile."""
    return await _forward(request, lab_of(services, request), services.member)


async def _forward(request: Request, lab: Lab, member: str) -> Response:
    headers = {
        "authorization": f"Bearer {lab.token}",
        "x-lab-node": member,
        "accept-language": request.headers.get("accept-language", ""),
    }
    path = request.scope["path"].removeprefix("/v1/lab/").removeprefix("control/")
    body = await read_body(request, BODY_BYTES_MAX)
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.request(
                request.method,
                f"{_address(lab)}/{path}",
                params=request.query_params.multi_items(),
                data=body,
                headers=headers,
            ) as response,
        ):
            kept = {name: response.headers[name] for name in KEPT if name in response.headers}
            return Response(await response.read(), response.status, kept)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise BusyError("no-control", "The control of this lab does not answer.", status=503) from error


def _address(lab: Lab) -> str:
    """Raises BusyError `no-control` where whoever runs the network runs no control."""
    url = lab.control_url()
    if not url:  # check: lab-without-control
        raise BusyError("no-control", "Nobody controls this lab now; `tallystick network up --lab` does.", status=503)
    return url
