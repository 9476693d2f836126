"""Which operation leads from which state to which, as data. What is not here is refused.

"" stands for what does not exist yet. A payment that leaves something owed does to a certificate what `mark_overdue` does.
`unfreeze` returns a certificate to the state in which the court froze it, or to which the day of payment has brought it since.
"""

from collections.abc import Mapping
from typing import Literal

from scenarios.supply_chain_finance import records

Nothing = Literal[""]
UNPAID: tuple[records.CertificateState, ...] = ("pending", "active", "locked", "financed")
"""Owed, and not late. Of those that are offered these are parts: a root that is not accepted is owed to nobody."""
CERTIFICATES: Mapping[str, Mapping[records.CertificateState | Nothing, records.CertificateState]] = {
    "issue": {"": "pending"},
    "accept": {"pending": "active"},
    "reject": {"pending": "rejected"},
    "void": {"pending": "void"},
    "expire": {"pending": "expired"},
    "split_transfer": {"active": "consumed"},
    "apply_finance": {"active": "locked"},
    "release": {"locked": "active"},
    "check_documents": {"locked": "locked"},
    "acknowledge_flags": {"locked": "locked"},
    "register_assignment": {"locked": "locked"},
    "disburse": {"locked": "financed"},
    "early_pay": {"active": "settled", "financed": "settled"},
    "pay_at_maturity": dict.fromkeys((*UNPAID, "overdue", "recourse"), "settled"),
    "mark_overdue": dict.fromkeys(UNPAID, "overdue"),
    "claim_recourse": {"overdue": "recourse"},
    "pay_recourse": {"recourse": "overdue"},
    "write_off": {"overdue": "written-off", "recourse": "written-off"},
    "freeze": {state: "frozen" for state in records.LIVE if state != "frozen"},
}
INVOICES: Mapping[str, Mapping[records.InvoiceState | Nothing, records.InvoiceState]] = {
    "register_invoice": {"": "registered"},
    "register_sealed_invoice": {"": "registered"},
    "confirm_payable": {"registered": "confirmed", "confirmed": "confirmed"},
    "dispute": {"registered": "disputed", "disputed": "disputed"},
}
APPLICATIONS: Mapping[str, Mapping[records.ApplicationState | Nothing, records.ApplicationState]] = {
    "apply_finance": {"": "applied", "released": "applied"},
    "release": {"applied": "released"},
    "disburse": {"applied": "disbursed"},
}
REGISTRATIONS: Mapping[str, Mapping[records.RegistrationState | Nothing, records.RegistrationState]] = {
    "register_assignment": {"": "registered", "cancelled": "registered", "expired": "registered"},
    "cancel_registration": {"registered": "cancelled"},
    "expire_registration": {"registered": "expired"},
}
"""`release` does to an entry what `cancel_registration` does, or to one that has run out what `expire_registration` does."""
