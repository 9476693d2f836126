"""Steps that several chapters repeat: how a holder asks a bank, and what the bank does before it pays.

The contract is handed in, so that this stands beside it and not above.
"""

from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import PRICE_PPM, terms
from scenarios.supply_chain_finance.documents import evidence_of, outside_answer
from scenarios.supply_chain_finance.finance import BankOperations

# A story reads like a script, with each step's words beside it.
# fmt: off


def asked(
    writer: StoryWriter, contract: type[BankOperations], holder: str, certificate: str, bank: str, invoices: tuple[str, ...],
    today: int, *, en: str, zh: str, rate_ppm: int = PRICE_PPM, with_recourse: bool = False,
) -> None:
    """From the application to the entry in the registry, all but the cash."""
    agreed = terms(bank, rate_ppm, with_recourse)
    writer.step(holder, contract.apply_finance, certificate=certificate, terms=agreed, en=en, zh=zh)
    look(writer, contract, bank, certificate, invoices, today)
    writer.step(bank, contract.register_assignment, certificate=certificate, contract_on_ms=today, months=12,
                en="register,", zh="登记，")


def look(
    writer: StoryWriter, contract: type[BankOperations], bank: str, certificate: str, invoices: tuple[str, ...], today: int
) -> None:
    """A bank queries both registries and states that it has seen the trades."""
    query = {"certificate": certificate, "outside": outside_answer(certificate, today)}
    check = {"certificate": certificate, "invoices": invoices, "evidence": evidence_of(*invoices)}
    writer.batch(bank, [(contract.query_registry, query), (contract.check_documents, check)],
                 en="Query and check,", zh="查询并审查，")
