"""A small state with organizations, members and validators, to run the system contracts on without a chain."""

from functools import cache

from ledger.contract.contract import Context, Contract
from ledger.contract.description import sentence
from ledger.contract.records import read_member
from ledger.contract.words import words_of
from ledger.encoding import digest, encode
from ledger.errors import JsonValue, RefusedError
from ledger.identity.issuing import issue_member, issue_root
from ledger.identity.records import GOVERNANCE, MEMBERSHIP, ContractEntry, Member, Organization, Parameters, StateModel
from ledger.keys import PrivateKey
from ledger.state.overlay import Overlay
from ledger.transaction import Event
from tests.support import NOTHING, refusal

START_MS = 1_735_689_600_000
END_MS = START_MS + 30 * 365 * 86_400_000


def key_of(name: str) -> PrivateKey:
    """The key of a member or of an organization's root."""
    return PrivateKey(bytes.fromhex(digest("test-key", name.encode())))


@cache
def root_of(organization: str) -> str:
    return issue_root(organization, key_of(organization), START_MS, END_MS, serial=1)


def certificate_of(member: str, start_ms: int = START_MS, end_ms: int = END_MS, key: PrivateKey | None = None) -> str:
    organization = member.partition(".")[0]
    public_key = (key or key_of(member)).public_key
    return issue_member(root_of(organization), key_of(organization), member, public_key, start_ms, end_ms, serial=2)


@cache
def member_of(member: str, *roles: str) -> Member:
    return Member(
        member=member,
        public_key=key_of(member).public_key,
        roles=roles,
        not_before_ms=START_MS,
        not_after_ms=END_MS,
        certificate=certificate_of(member),
    )


class SystemState:
    """Organizations with an admin, a validator and a member each, and all of the validators voting."""

    def __init__(self, *organizations: str) -> None:
        self.state = Overlay(NOTHING)
        self.time_ms = START_MS + 1_000
        self.events: list[Event] = []
        for name in organizations:
            self.write(MEMBERSHIP, "organizations", name, Organization(name=name, root_certificate=root_of(name)))
            for staff, role in (("admin", "admin"), ("validator", "validator"), ("li", "member")):
                self.write(MEMBERSHIP, "members", f"{name}.{staff}", member_of(f"{name}.{staff}", role))
        self.write_validators(*(f"{name}.validator" for name in organizations))
        self.write(GOVERNANCE, "parameters", "current", Parameters())
        asset = ContractEntry(name="asset", module="example:Asset", digest="aa" * 32)
        self.write(GOVERNANCE, "contracts", "asset", asset)

    def write(self, contract: str, collection: str, key: str, record: StateModel) -> None:
        self.state.put(contract, collection, key, encode(record.model_dump(mode="json")))

    def grant(self, organization: str, *roles: str) -> None:
        """The organization may give its members these business roles."""
        granted = Organization(name=organization, root_certificate=root_of(organization), roles=roles)
        self.write(MEMBERSHIP, "organizations", organization, granted)

    def write_validators(self, *members: str) -> None:
        entries: JsonValue = [{"member": member, "public_key": key_of(member).public_key} for member in members]
        self.state.put(GOVERNANCE, "validators", "current", encode({"validators": entries}))

    def call(self, contract: type[Contract], operation: str, /, *signers: str, **arguments: JsonValue) -> list[str]:
        """Runs an operation as one transaction, committed or dropped whole; returns the names of its events."""
        over = Overlay(self.state)
        found = [read_member(self.state, signer) for signer in signers]
        present = tuple(member for member in found if member is not None)
        context = Context(contract, over, present, self.time_ms, height=5, transaction=digest("test", operation.encode()))
        contract.run(context, operation, arguments)
        over.commit()
        self.events += context.events
        return [event.name for event in context.events]

    def refusal(self, contract: type[Contract], operation: str, /, *signers: str, **arguments: JsonValue) -> RefusedError:
        """The refusal of an operation that must not go through; its code has words in both languages."""
        error = refusal(RefusedError, self.call, contract, operation, *signers, **arguments)
        for language in ("en", "zh"):
            words = sentence(words_of(contract), error.code, error.details, language)
            assert words != error.code
            assert "{" not in words
        return error

    def refused(self, contract: type[Contract], operation: str, /, *signers: str, **arguments: JsonValue) -> str:
        """The code of the refusal; nothing was written."""
        before = self.state.writes()
        code = self.refusal(contract, operation, *signers, **arguments).code
        assert self.state.writes() == before
        return code
