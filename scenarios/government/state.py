"""The state of government services: every collection, and nothing else."""

from ledger.contract import Collection, Contract
from scenarios.government import records
from scenarios.working_days import Holiday


class GovernmentState(Contract):
    """What every part of the contract works on."""

    deadlines = Collection(records.DeadlineRule)
    holidays = Collection(Holiday)
    services = Collection(records.Service)
    matters = Collection(records.Matter)
    items = Collection(records.Item)
    drafts = Collection(records.ItemVersion)
    versions = Collection(records.ItemVersion)
    requests = Collection(records.ShareRequest)
    grants = Collection(records.Grant)
    issuers = Collection(records.Issuer)
    """Whose entries are about licences: no department opens these to another, only their holders do."""
    licences = Collection(records.Licence)
    standings = Collection(records.Standing)
    codes = Collection(records.CodeHolder)
    receipts = Collection(records.Receipt)
    looks = Collection(records.Look)
    """Who looked at whose data: a holder's list is what begins with its name."""
    look_counts = Collection(records.LookCount)
    notices = Collection(records.Notice)
    cases = Collection(records.Case)
    objections = Collection(records.Objection)
    corrected = Collection(records.CorrectedValue)
    questions = Collection(records.Question)
    nonces = Collection(records.Nonce)
    customers = Collection(records.Customer)
    evidence = Collection(records.Evidence)
    digests = Collection(records.Deposited)
    batches = Collection(records.Batch)
    verifications = Collection(records.Verification)
