"""Who may have a document now: those whom the contract's read rules let read a record that the document opens.

Asked of the ledger's durable state each time, so that a new holder gains and a revoked member loses with the block that
says so. Pure.
"""

from dataclasses import dataclass

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract, ContractSet
from ledger.encoding import decode
from ledger.errors import ConflictError, NotFoundError
from ledger.identity.records import Member, StateModel, list_members
from ledger.primitives import Digest
from ledger.sealed import sealed_in
from nodes.documents.store import RecordPlace


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record with the document's digest in a sealed field, at one height."""

    view: ChainView
    contract: type[Contract]
    record: StateModel
    clock_ms: int
    """The node's clock, by which a member is active or not."""

    def rule_of(self, member: Member) -> str:
        """The read rule that entitles this member now, or ""."""
        if not member.is_active(self.clock_ms):
            return ""
        return self.contract.read_rule(self.view.state, self.record, member, self.view.time_ms(), self.view.height)

    def entitled(self, organization: str) -> dict[str, str]:
        """The members of the organization that may read now, each with its rule."""
        found = {member.member: self.rule_of(member) for member in list_members(self.view.state, organization)}
        return {name: rule for name, rule in found.items() if rule}


def find_record(view: ChainView, contracts: ContractSet, place: RecordPlace, digest: Digest, clock_ms: int) -> SealedRecord:
    """The record at a place; raises NotFoundError `no-such-record`, ConflictError `not-sealed-there`."""
    contract = contracts.contracts.get(place.contract)
    collection = None if contract is None else contract.collections.get(place.collection)
    value = None
    if collection is not None and collection.contract == place.contract:
        value = view.state.get(place.contract, place.collection, place.key)
    if contract is None or collection is None or value is None:  # check: document-record
        where = f"{place.contract[:64]}/{place.collection[:64]}/{place.key[:64]}"
        raise NotFoundError("no-such-record", f"The ledger holds no record {where} of an installed contract.")
    if digest not in sealed_in(decode(value)):  # check: document-sealed-there
        raise ConflictError("not-sealed-there", f"No sealed field of that record has the digest {digest}.")
    return SealedRecord(view, contract, collection.record.model_validate_json(value), clock_ms)
