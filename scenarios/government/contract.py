"""The contract of government services, put together from its parts.

    offices        deadlines in working days, closed days, matters
    catalogue      which data there are and how they are shared, in versions
    sharing        requests between departments: approved, reviewed in time, escalated
    licences       electronic licences and their states
    consents       a holder's yes, at once or by an eight-digit code, and its end
    access         receipts signed by both sides; errors reported and corrected
    presentations  what a holder shows from its own wallet; what a bank knows of a customer
    evidence       deposit, anchor, compare, admit

States. Item: draft -> published (version n+1 each time) -> retired. Request: approved | under-review -> {approved, denied,
escalated -> {approved, denied}}. Grant: offered -> {active, locked}; active -> {used-up, expired, revoked}. Licence: valid
<-> withheld; -> {revoked, withdrawn, cancelled, lapsed, transferred}. Evidence: deposited -> anchored -> {verified ->
admitted, mismatch}.
"""

from ledger.contract import Context, Member
from ledger.contract.words import read_words
from ledger.identity.records import StateModel
from scenarios.government.evidence import EvidenceOperations
from scenarios.government.records import Case, Evidence, Licence, Question, Receipt

WORDS = read_words("scenarios.government")


class Government(EvidenceOperations):
    """Data shared between departments, consent, electronic licences, know-your-customer and evidence, without personal data."""

    name = "government"
    refusals = WORDS.refusals
    read_rules = WORDS.read_rules

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """Openings go to whose data they are, to the department that answers for them, and to whom they were given.

        Those who run the ledger see digests; an auditor sees who, when, for what and names of fields, never a value.
        """
        entitled: dict[str, str] = {}
        if isinstance(record, Receipt):
            entitled = {record.consumer: "consumer", record.provider: "provider", record.subject: "holder"}
        elif isinstance(record, Licence):
            entitled = {record.issuer: "provider", record.holder: "holder"}
        elif isinstance(record, Question):
            entitled = {record.verifier: "consumer", record.holder: "holder"}
        elif isinstance(record, Case):
            entitled = {record.provider: "provider", record.subject: "holder"}
        elif isinstance(record, Evidence):
            entitled = {record.court: "court", record.owner: "owner"}
        else:
            return "open"
        return entitled.get(reader.organization, "")
