"""The contract of government services. Its parts work on one state and can be read in any order.

    offices        deadlines in working days, closed days, matters
    sharing        which data there are, in versions; requests between departments: approved, reviewed in time, escalated
    licences       electronic licences and their states
    consents       a holder's yes, at once or by an eight-digit code, and its end
    access         receipts signed by both sides; errors reported and corrected
    presentations  what a holder shows from its own wallet; what a bank knows of a customer
    evidence       deposit, anchor, compare, admit

`state.py` has the collections, `transitions.py` the states, `rules.py` what several parts ask.
"""

from ledger.contract import Context, Member
from ledger.identity.records import StateModel
from scenarios.government import rules
from scenarios.government.access import AccessOperations
from scenarios.government.consents import ConsentOperations
from scenarios.government.evidence import EvidenceOperations
from scenarios.government.licences import LicenceOperations
from scenarios.government.offices import OfficeOperations
from scenarios.government.presentations import PresentationOperations
from scenarios.government.records import Case, Evidence, Licence, Question, Receipt
from scenarios.government.sharing import SharingOperations
from scenarios.working_days import end_of_day


class Government(
    OfficeOperations,
    SharingOperations,
    LicenceOperations,
    ConsentOperations,
    AccessOperations,
    PresentationOperations,
    EvidenceOperations,
):
    """Data shared between departments, consent, electronic licences, know-your-customer and evidence, without personal data."""

    name = "government"
    words = "words.toml"

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """Openings go to whose data they are, to the department that answers for them, and for a time to whom they were given.

        Those who run the ledger see digests; an auditor sees who, when, for what and names of fields, never a value.
        """
        entitled: dict[str, str] = {}
        if isinstance(record, Receipt):
            entitled = {record.provider: "provider", record.subject: "holder"}
            entitled |= self._while_kept(context, record, reader)
        elif isinstance(record, Licence):
            entitled = {record.issuer: "provider", record.holder: "holder"}
        elif isinstance(record, Question):
            entitled = {record.holder: "holder", **self._while_kept(context, record, reader)}
        elif isinstance(record, Case):
            entitled = {record.provider: "provider", record.subject: "holder"}
        elif isinstance(record, Evidence):
            entitled = {record.court: "court", record.owner: "owner"}
        else:
            return "open"
        return entitled.get(reader.organization, "")

    def _while_kept(self, context: Context, given: Receipt | Question, reader: Member) -> dict[str, str]:
        """What was given for a matter its clerk reads, no colleague, until the retention is over or its subject objects."""
        application = self.matters[given.matter]
        if reader.member != application.clerk or context.time_ms > end_of_day(given.keep_until_on_ms):
            return {}
        rules.require_no_objection(self, context, given.matter, given.item)
        return {application.agency: "consumer"}
