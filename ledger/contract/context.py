"""What an operation is given: signers, block time, reads, refusals, events, and nothing else."""

from collections.abc import Mapping
from typing import NoReturn

from ledger.block import Event
from ledger.contract.model import json_of
from ledger.contract.refusal import COMMON_REFUSALS, Refusal, sentence
from ledger.errors import RefusedError
from ledger.identity.reads import read_member
from ledger.identity.records import Member
from ledger.primitives import Digest
from ledger.state.overlay import StateReads


class Context:
    """One transaction as its operation sees it."""

    __slots__ = ("contract", "events", "height", "refusals", "signers", "state", "time_ms", "transaction")

    def __init__(
        self,
        *,
        contract: str,
        refusals: Mapping[str, Refusal],
        state: StateReads,
        signers: tuple[Member, ...],
        time_ms: int,
        height: int,
        transaction: Digest,
    ) -> None:
        self.contract = contract
        self.refusals = refusals
        self.state = state
        """The whole state, to read: other contracts' collections too."""
        self.signers = signers
        """Members that signed, in signing order, as the state holds them before this transaction."""
        self.time_ms = time_ms
        """Block time, milliseconds since the epoch, UTC."""
        self.height = height
        self.transaction = transaction
        """Id of the transaction: a name that nobody can choose."""
        self.events: list[Event] = []

    def signed_by(self, member: str) -> bool:
        """Whether this member is among the signers."""
        return any(signer.member == member for signer in self.signers)

    def member(self, member: str) -> Member | None:
        """The enrolled member, revoked ones too, or None."""
        return read_member(self.state, member)

    def require(self, condition: bool, code: str, **details: object) -> None:
        """Refuses with the code unless the condition holds."""
        if not condition:  # check: contract-rule
            self.refuse(code, **details)

    def refuse(self, code: str, **details: object) -> NoReturn:
        """Ends the transaction as rejected: nothing that it wrote stays. The code must be declared."""
        if code not in self.refusals and code not in COMMON_REFUSALS:
            raise TypeError(f"Contract {self.contract} does not declare the refusal {code!r}.")
        values = {name: json_of(value) for name, value in details.items()}
        error = RefusedError(code, sentence(self.refusals, code, values, "en"))
        error.details = values
        raise error

    def emit(self, name: str, **data: object) -> None:
        """Announces an event: part of the receipt, the same on every node."""
        self.events.append(Event(self.contract, name, {field: json_of(value) for field, value in data.items()}))
