"""The contract of supply-chain finance, put together from its parts.

    limits        terms by day, holidays, cores that were announced as defaulting
    parties       companies with their licences, accounts
    invoices      one invoice, used once; confirmed by the buyer, then unconditional
    certificates  accept, split and transfer
    issuing       lines of credit; a core's promise within them
    registry      query, register, cancel, expire
    financing     apply, check, disburse
    early         a core pays before the day, at a discount
    freezing      a court's orders
    maturity      payment, default, recourse
    reconciling   the platform's books of a day

States of a certificate: pending -> {active, rejected, void, expired}; active -> {consumed, locked};
locked -> {financed, active}; {active, locked, financed, pending part} -> {settled, overdue};
overdue -> {settled, recourse, written-off}; recourse -> {overdue with the seller, settled, written-off};
any of these that is still owed <-> frozen.
"""

from ledger.contract import Context
from ledger.contract.words import read_words
from ledger.identity.records import Member, StateModel
from scenarios.identifiers import organization_of
from scenarios.supply_chain_finance.parties import REGULATOR
from scenarios.supply_chain_finance.reconciling import ReconciliationOperations
from scenarios.supply_chain_finance.records import Invoice

WORDS = read_words("scenarios.supply_chain_finance")


class SupplyChainFinance(ReconciliationOperations):
    """Electronic receivable certificates of a core enterprise, split and financed through the tiers of its suppliers."""

    name = "supply-chain-finance"
    refusals = WORDS.refusals
    read_rules = WORDS.read_rules

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """A sealed invoice opens to its seller and buyer, the regulator, and a bank that must check it.

        The registry needs its number alone, which the seller shows to it as one field of the seal.
        Such a bank is one to which the certificate that stands on the invoice, or a part of it, was offered for finance.
        Everything else on this ledger is open to its members.
        """
        if not isinstance(record, Invoice) or record.document is None:
            return "open"
        if reader.organization in (organization_of(record.seller), organization_of(record.buyer)):
            return "party"
        if REGULATOR in reader.roles:
            return "regulator"
        return "bank" if record.used_by != "" and reader.organization in self._banks_asked(record.used_by) else ""

    def _banks_asked(self, certificate: str) -> tuple[str, ...]:
        """Organizations of the banks to which this certificate or a part of it is or was financed."""
        own = self.applications.get(certificate)
        root = self.certificates[certificate].root
        parts = self.applications.items(prefix=f"{certificate}-")
        below = [application for name, application in parts if self.certificates[name].root == root]
        asked = [*([own] if own else []), *below]
        return tuple(organization_of(application.bank) for application in asked if application.state != "released")
