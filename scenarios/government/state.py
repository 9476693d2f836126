"""The state of government services: every collection, and nothing else."""

from ledger.contract import Collection, Contract
from scenarios.government.records import (
    Batch,
    Case,
    Customer,
    DeadlineRule,
    Deposited,
    Evidence,
    Grant,
    Issuer,
    Item,
    ItemVersion,
    Licence,
    Matter,
    Nonce,
    Question,
    Receipt,
    ShareRequest,
    Standing,
    Verification,
)
from scenarios.working_days import Holiday


class GovernmentState(Contract):
    """What every part of the contract works on."""

    deadlines = Collection(DeadlineRule)
    holidays = Collection(Holiday)
    matters = Collection(Matter)
    items = Collection(Item)
    drafts = Collection(ItemVersion)
    versions = Collection(ItemVersion)
    requests = Collection(ShareRequest)
    grants = Collection(Grant)
    issuers = Collection(Issuer)
    """Whose entries are about licences: no department opens these to another, only their holders do."""
    licences = Collection(Licence)
    standings = Collection(Standing)
    receipts = Collection(Receipt)
    cases = Collection(Case)
    questions = Collection(Question)
    nonces = Collection(Nonce)
    customers = Collection(Customer)
    evidence = Collection(Evidence)
    digests = Collection(Deposited)
    batches = Collection(Batch)
    verifications = Collection(Verification)
