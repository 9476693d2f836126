"""What a request orders, checked before it becomes work. JSON in any spelling: a page and a hand write it."""

from typing import Annotated, Any, ClassVar, Literal, Self

from fastapi import Depends, Request
from pydantic import Field, ValidationError

from ledger.codec import StrictModel, first_fault
from ledger.errors import ForbiddenError, MalformedError
from ledger.primitives import INTEGER_MAX
from nodes.app.lab_routes import ONLOOKER
from nodes.http.answers import read_body
from nodes.lab.lab import Lab
from nodes.links.faults import DELAY_MS_MAX, EVERYBODY, PERMILLE

ShortName = Annotated[str, Field(max_length=200)]
Time = Annotated[int, Field(ge=0, le=INTEGER_MAX)]


class LabOrder(StrictModel):
    """The body of a POST."""

    body_bytes_max: ClassVar = 200_000

    @classmethod
    async def read(cls, request: Request) -> Self:
        """The order of a request, as a dependency of its route; raises MalformedError `bad-order` for the first fault."""
        try:
            return cls.model_validate_json(await read_body(request, cls.body_bytes_max))
        except ValidationError as error:
            raise MalformedError("bad-order", first_fault(error, "the body")) from error


class NodeOrder(LabOrder):
    """What happens to one node."""

    do: Literal["stop", "kill", "start", "isolate", "heal", "traitor", "honest"]
    kind: ShortName = ""
    """Of a traitor: a name of `nodes/traitors/kinds.py`."""
    secret: bool = False
    """Of a traitor: neither `GET /network` nor the log of the lab tells; somebody is to find out."""


class PartitionOrder(LabOrder):
    """Groups that hear nothing of each other; nodes in none of them are one more. Without groups all links are healed."""

    groups: Annotated[tuple[Annotated[tuple[ShortName, ...], Field(max_length=100)], ...], Field(max_length=100)]


class PairOrder(LabOrder):
    """What happens to the batches from one node, or `*`, to another, or `*`; nothing lost and nothing late ends it."""

    sender: Annotated[ShortName, Field(alias="from")] = EVERYBODY
    receiver: Annotated[ShortName, Field(alias="to")] = EVERYBODY
    drop_permille: Annotated[int, Field(ge=0, le=PERMILLE)] = 0
    delay_ms: Annotated[int, Field(ge=0, le=DELAY_MS_MAX)] = 0


class ClockOrder(LabOrder):
    """Where the clock of every node goes, forward: to an instant, or by so much."""

    time: Time | None = None
    forward_ms: Time | None = None


class FrozenOrder(LabOrder):
    """Whether only the lab's own machine may act."""

    frozen: bool


class RestoreOrder(LabOrder):
    """The file of a snapshot on this machine."""

    source: Annotated[str, Field(min_length=1, max_length=4_000)]


class Submission(LabOrder):
    """A transaction before it is signed."""

    signers: Annotated[tuple[ShortName, ...], Field(min_length=1, max_length=16)]
    contract: ShortName
    operation: ShortName
    arguments: dict[str, Any]


def verify_no_onlooker(request: Request) -> None:
    """Before a look that costs much; raises ForbiddenError `wrong-token` without the lab's token."""
    if ONLOOKER in request.headers:  # check: control-onlooker
        raise ForbiddenError("wrong-token", "This request is expensive and needs the lab's token: `Authorization: Bearer TOKEN`.")


async def lab_of(request: Request) -> Lab:
    """The lab that is controlled, as a dependency of a route."""
    lab: Lab = request.app.state.lab
    return lab


ThisLab = Annotated[Lab, Depends(lab_of)]
