"""What a network started as a lab allows to whoever holds its token: set the clock, and let links fail."""

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.encoding import decode_object
from ledger.errors import ConflictError, ForbiddenError, MalformedError, NotFoundError
from nodes.app.answers import Services, answer, parse_body, read_body
from nodes.app.services import Lab, NodeServices
from nodes.links.faults import FaultList

router = APIRouter(tags=["lab"])
BODY_BYTES_MAX = 20_000
TIME_MS_MAX = 253_402_300_799_999
"""The end of the year 9999: after it nobody writes a date, and soon nothing can be added to a time."""
FAULTS_SCHEMA = {"requestBody": {"required": True, "content": {"application/json": {"schema": FaultList.model_json_schema()}}}}


@router.post("/v1/lab/clock")
async def set_clock(request: Request, services: Services) -> Response:
    """Sets this node's clock to an instant, forward only: `{"time": MILLISECONDS}` with the lab's token as bearer."""
    lab = _lab_to_change(services, request)
    fields = decode_object(await read_body(request, BODY_BYTES_MAX))
    time_ms = fields.get("time")
    if fields.keys() != {"time"} or type(time_ms) is not int or not 0 <= time_ms <= TIME_MS_MAX:  # check: lab-time
        raise MalformedError("bad-time", '`{"time": N}` gives milliseconds since the epoch, up to the year 9999.')
    lab.set_clock(time_ms)
    return answer({"time": services.now_ms()})


@router.get("/v1/lab/faults")
async def get_faults(request: Request, services: Services) -> Response:
    """What goes wrong on this node's links now."""
    return answer(lab_of(services, request).faults.present.to_json())


@router.post("/v1/lab/faults", openapi_extra=FAULTS_SCHEMA)
async def set_faults(request: Request, services: Services) -> Response:
    """Lets batches between this node and others be lost or late.

    `{"faults": [{"peer", "direction", "drop_permille", "delay_ms"}, …]}`, where `peer` is a member id, or `*` for all, and
    `direction` is `to`, `from` or `both`. What is left out is `both` and 0: `{"drop_permille":1000,"peer":"*"}` alone
    isolates the node. The list takes the place of all present faults, so an empty one ends them; so does a restart.
    """
    lab = _lab_to_change(services, request)
    faults = parse_body(FaultList, await read_body(request, BODY_BYTES_MAX), "bad-faults")
    lab.set_faults(faults)
    return answer(faults.to_json())


def lab_of(services: NodeServices, request: Request | None = None) -> Lab:
    """The node's lab, whose token the request must carry if it is given; raises NotFoundError or ForbiddenError."""
    if services.lab is None:  # check: lab-only
        raise NotFoundError("not-a-lab", "This network was not started as a lab.")
    if request is None:
        return services.lab
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if not hmac.compare_digest(given, services.lab.token.encode()):  # check: lab-token
        raise ForbiddenError("wrong-token", "Lab calls carry the lab's token: `Authorization: Bearer TOKEN`.")
    return services.lab


def _lab_to_change(services: NodeServices, request: Request) -> Lab:
    """The same for what changes something; raises ConflictError `lab-frozen` for others than the machine of a frozen lab."""
    lab = lab_of(services, request)
    if lab.is_frozen() and not _is_from_here(request):  # check: lab-frozen
        raise ConflictError("lab-frozen", "The teacher has frozen this lab: look at the projector.")
    return lab


def _is_from_here(request: Request) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback
