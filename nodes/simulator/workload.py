"""The clients of a simulation: they issue, pass on and bump sample assets, and change the validators meanwhile.

A client sends an envelope again, to any node, until a block holds it: resubmitting is always safe.
"""

from dataclasses import replace

from ledger.errors import BusyError, InputError, JsonValue
from ledger.identity.records import GOVERNANCE, Parameters
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec, default_specification
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from nodes.simulator.simulation import Simulation

ASSETS = 8
RESERVE = "north.reserve"
"""A validator by role that is voted in and, after another was voted out, stays."""


def simulated_specification(validators: int = 4, heartbeat_interval_ms: int = 20_000) -> NetworkSpecification:
    """Four organizations that hold the validators in turn, at least four, and an observer that becomes one more."""
    plain = default_specification(members_each=2, parameters=Parameters(heartbeat_interval_ms=heartbeat_interval_ms))
    voters = list(plain.validators)
    organizations = []
    for place, organization in enumerate(plain.organizations):
        names = [f"validator{number}" for number in range(2, 2 + len(range(place + 4, validators, 4)))]
        voters += [f"{organization.name}.{name}" for name in names]
        names += ["reserve"] if place == 0 else []
        members = (*organization.members, *(MemberSpec(name, ("validator",)) for name in names))
        organizations.append(OrganizationSpec(organization.name, members))
    return replace(plain, organizations=tuple(organizations), validators=tuple(voters))


class Workload:
    """Makes transactions by seed and keeps those that are not decided yet."""

    def __init__(self, simulation: Simulation, chance: Chance) -> None:
        self.simulation = simulation
        self.chance = chance
        self.members = [member for member, roles in self._roles() if "member" in roles]
        self.made = 0
        self.holders: dict[str, str] = {}
        self.outstanding: dict[Digest, Transaction] = {}
        self.changes: list[tuple[int, str, dict[str, JsonValue], str]] = [
            (4, "propose", {"number": "add", "action": {"kind": "add-validator", "member": RESERVE}}, "north.admin"),
            (6, "approve", {"number": "add"}, "south.admin"),
            (7, "approve", {"number": "add"}, "east.admin"),
            (14, "propose", {"number": "out", "action": {"kind": "remove-validator", "member": "east.validator"}}, "west.admin"),
            (16, "approve", {"number": "out"}, "south.admin"),
            (17, "approve", {"number": "out"}, "north.admin"),
        ]
        """(after how many transactions, operation, arguments, signer): what the admins decide during the run."""

    def tick(self) -> None:
        """One client acts: sends something new, or something again that is not decided yet."""
        self.forget_decided()
        if self.outstanding and self.chance.happens(400):
            self._submit(self.chance.pick(list(self.outstanding.values())))
        else:
            transaction = self._next()
            self.outstanding[transaction.id] = transaction
            self._submit(transaction)

    def tick_at(self, member: str) -> None:
        """A client sends something new to this node, so that there is work."""
        transaction = self._next()
        self.outstanding[transaction.id] = transaction
        self._submit(transaction, member)

    def send_again(self) -> None:
        """Every client tries once more, so that the mempools hold all that is not decided."""
        self.forget_decided()
        for transaction in list(self.outstanding.values()):
            self._submit(transaction)

    def _submit(self, transaction: Transaction, member: str | None = None) -> None:
        nodes = self.simulation.up()
        if not nodes:
            return
        try:
            self.simulation.submit((transaction,), member or self.chance.pick(nodes).member)
        except (InputError, BusyError) as error:
            self.simulation.counts.full += error.code == "too-many-pending"

    def forget_decided(self) -> None:
        """What a block holds is done. What expired without one surely never happens."""
        done = [key for key in self.outstanding if key in self.simulation.checker.places]
        for key in done:
            del self.outstanding[key]

    def _roles(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(member.member, member.roles) for member in self.simulation.network.genesis.members]

    def _next(self) -> Transaction:
        self.made += 1
        if self.changes and self.made >= self.changes[0][0] and not self._must_wait():
            _, operation, arguments, signer = self.changes.pop(0)
            return self._sign(GOVERNANCE, operation, arguments, signer)
        number = f"A-{self.chance.below(ASSETS)}"
        holder = self.holders.get(number)
        to = self.chance.pick(self.members)
        self.holders[number] = to
        if holder is None:
            return self._sign(Asset.name, "issue", {"number": number, "to": to}, self.chance.pick(self.members))
        if self.chance.happens(100):
            return self._sign(Asset.name, "bump", {"number": "hits"}, holder)
        return self._sign(Asset.name, "transfer", {"number": number, "to": to}, holder)

    def _must_wait(self) -> bool:
        """With traitors no validator is voted out before one was voted in: the traitors must stay at most f."""
        up = self.simulation.up()
        if not self.simulation.traitors or self.changes[0][2]["number"] != "out" or not up:
            return False
        view = self.simulation.view(up[0].member)
        return view.validators_at(view.height + 1).index_of(RESERVE) is None

    def _sign(self, contract: str, operation: str, arguments: dict[str, JsonValue], signer: str) -> Transaction:
        lifetime_ms = self.simulation.network.genesis.parameters.transaction_lifetime_max_ms - 60_000
        return self.simulation.sign(signer, contract, operation, arguments, self.chance.hexadecimal(32), lifetime_ms)
