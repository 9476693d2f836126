"""The folder of a plan: plan, offers, approvals and the genesis that follows. All of it is public, and nothing is believed.

FOLDER/plan.toml                  what everybody has read
FOLDER/ORGANIZATION.offer.json    certificates, and what each of their keys signed
FOLDER/genesis.json, network.json what whoever gathers the offers makes of them
FOLDER/ORGANIZATION.approval.json what the organization's root signed

It may travel in any way: by mail, on a stick, in a repository.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ledger.codec import Codec
from ledger.encoding import decode
from ledger.errors import InputError, OperatorError, TallystickError, VerificationError
from ledger.genesis import Genesis
from nodes.key_files import read_bytes, write_durable
from nodes.node.files import GENESIS_FILE, NETWORK_FILE, NetworkFile, read_genesis, write_file
from nodes.plan.network_plan import NetworkPlan, load_planned, parse_plan
from nodes.plan.offers import (
    APPROVAL,
    OFFER,
    Approval,
    Offer,
    first_difference,
    gathered_genesis,
    verify_approval,
    verify_offer,
)

Paper = TypeVar("Paper", Offer, Approval)
MISSING = "missing"
GOOD = "good"


class Papers:
    """A plan with the papers beside it."""

    def __init__(self, path: Path) -> None:
        """Reads the plan; raises OperatorError."""
        self.path = path
        if not path.exists():
            message = f"{path} does not exist. `tallystick network plan --sample > {path}` writes an example to change."
            raise OperatorError("missing-file", message)
        try:
            self.plan: NetworkPlan = parse_plan(read_bytes(path).decode(), str(path))
        except UnicodeDecodeError as error:
            raise OperatorError("bad-plan", f"{path} is not UTF-8: {error.reason}.") from error
        self.names = tuple(organization.name for organization in self.plan.organizations)

    @cached_property
    def genesis(self) -> Genesis:
        """The genesis that follows from the plan and the offers; raises OperatorError, InputError or VerificationError."""
        offers = {name: self.offer(name) for name in self.names if self._at(name, Offer).exists()}
        return gathered_genesis(self.plan, offers, load_planned(self.plan))

    def offer(self, organization: str) -> Offer:
        """Reads an offer; raises OperatorError or InputError."""
        return self._read(organization, Offer, OFFER)

    def gather(self) -> None:
        """Writes genesis.json and network.json."""
        write_durable(self.path.with_name(GENESIS_FILE), self.genesis.encode())
        write_file(self.path.with_name(NETWORK_FILE), self.network())

    def network(self, first: Collection[str] = ()) -> NetworkFile:
        """The addresses of all nodes; those of these members come first, since commands ask the first node."""
        nodes = sorted(self.plan.node_addresses, key=lambda node: node.member not in first)
        return NetworkFile(ledger=self.genesis.ledger, lab=False, nodes=tuple(nodes))

    def verify_genesis_file(self) -> None:
        """Raises VerificationError `other-genesis` unless genesis.json is what follows from the plan and the offers."""
        path = self.path.with_name(GENESIS_FILE)
        if not path.exists():
            raise OperatorError("missing-file", f"{path} does not exist; `tallystick network gather {self.path}` makes it.")
        found = read_genesis(path)
        if found.encode() != self.genesis.encode():  # check: genesis-follows
            place = first_difference(decode(self.genesis.encode()), decode(found.encode()))
            message = f"{path} is not what follows from the plan, the offers and the contracts here: it differs in {place}."
            raise VerificationError("other-genesis", message)

    def verify_approved(self) -> None:
        """Raises unless every organization of the plan approved the genesis; code `approval-missing` or of `verify_approval`."""
        missing = [name for name in self.names if not self._at(name, Approval).exists()]
        if missing:  # check: approvals-of-all
            named = ", ".join(missing)
            message = f"The genesis is not approved by {named}: `tallystick network approve` does it, beside the plan."
            raise InputError("approval-missing", message)
        for name in self.names:
            verify_approval(self.plan, self.genesis, self._read(name, Approval, APPROVAL))  # check: approvals-verified

    def progress(self) -> dict[str, tuple[str, str, str]]:
        """By organization the state of offer and approval (`missing`, `good` or an error's code), and the first error."""
        rows = {}
        for name in self.names:
            offered, fault = self._state(name, Offer, lambda name: verify_offer(self.plan, self.offer(name)))
            approved, other = self._state(
                name, Approval, lambda name: verify_approval(self.plan, self.genesis, self._read(name, Approval, APPROVAL))
            )
            rows[name] = (offered, approved, fault or other)
        return rows

    def write(self, paper: Offer | Approval) -> Path:
        """Puts an offer or approval beside the plan."""
        path = self._at(paper.organization, type(paper))
        write_durable(path, OFFER.encode(paper) if isinstance(paper, Offer) else APPROVAL.encode(paper))
        return path

    def _state(self, name: str, kind: type[Offer] | type[Approval], verify: Callable[[str], object]) -> tuple[str, str]:
        if not self._at(name, kind).exists():
            return MISSING, ""
        try:
            verify(name)
        except TallystickError as error:
            return error.code, error.message
        return GOOD, ""

    def _at(self, organization: str, kind: type[Offer] | type[Approval]) -> Path:
        return self.path.with_name(f"{organization}.{kind.__name__.lower()}.json")

    def _read(self, organization: str, kind: type[Paper], codec: Codec[Paper]) -> Paper:
        path = self._at(organization, kind)
        data = read_bytes(path)
        try:
            paper = codec.decode(data)
        except InputError as error:
            raise InputError("bad-paper", f"{path}: {error.message}") from error
        if paper.organization != organization:  # check: paper-of-its-organization
            raise InputError("bad-paper", f"{path} is that of {paper.organization!r:.64}.")
        return paper
