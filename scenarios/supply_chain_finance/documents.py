"""What clients do with sealed invoices outside the ledger: seal, show to the registry, show to the bank, check."""

from collections.abc import Callable
from typing import Any

from ledger.disclosure import disclose, verify_disclosure
from ledger.encoding import digest
from ledger.errors import JsonValue, VerificationError
from ledger.sealed import Opening, Sealed, sealed_digest, verify_opening
from scenarios.client_files import ClientFiles
from scenarios.story.story import Snapshot, prepared
from scenarios.supply_chain_finance.cast import REGISTRY
from scenarios.supply_chain_finance.records import Invoice, OutsideAnswer, Paper, TradeDocument
from scenarios.supply_chain_finance.rules import normalised, parties_of

Examination = Callable[[ClientFiles, Snapshot], str]


def trade(number: str, goods: str, quantity: int, unit_price_cents: int) -> dict[str, JsonValue]:
    """The content of an invoice that will be sealed."""
    document = TradeDocument(
        number=number,
        goods=goods,
        quantity=quantity,
        unit_price_cents=unit_price_cents,
        amount_cents=quantity * unit_price_cents,
    )
    return document.model_dump(mode="json")


@prepared
def keyed_fingerprint(files: ClientFiles, actor: str, label: str, registry: str, buyer: str) -> JsonValue:
    """The registry's clerk is shown the number under the seal, that field alone, and works out a fingerprint.

    The clerk checks that the number is a field of what was sealed; it sees no goods, price or amount.
    """
    opening = files.opening(actor, label)
    shown = disclose(opening, ["number"])
    document: Sealed[TradeDocument] = Sealed(sealed_digest(opening))
    verify_disclosure(document, shown)
    return _keyed(files, registry, actor, buyer, str(shown.values["number"]))


@prepared
def open_fingerprint(files: ClientFiles, actor: str, number: str, seller: str, buyer: str) -> JsonValue:
    """The same for an invoice whose number stands open, by whoever sold; so that open and sealed ones meet."""
    return _keyed(files, REGISTRY, seller, buyer, number)


def open_invoice(
    invoice: str, number: str, seller: str, buyer: str, issued_on_ms: int, net_cents: int, tax_cents: int
) -> dict[str, Any]:
    """Arguments of `register_invoice`."""
    paper = Paper(number=number, buyer=buyer, issued_on_ms=issued_on_ms, net_cents=net_cents, tax_cents=tax_cents)
    return {"invoice": invoice, "paper": paper, "fingerprint": open_fingerprint(number, seller, buyer)}


def evidence_of(*shown: str) -> str:
    """Digest of what a bank was shown, by name: in a real trade of the papers themselves."""
    return digest("trade-evidence", "\x00".join(shown).encode())


def outside_answer(certificate: str, answered_at_ms: int, *, names_another: bool = False) -> OutsideAnswer:
    """What the unified registry answers in the story: a number, a time, and the digest of the answer's text."""
    number = f"ZD-{certificate}"
    answer = evidence_of("outside registry", number, str(names_another))
    return OutsideAnswer(number=number, answered_at_ms=answered_at_ms, digest=answer, names_another=names_another)


@prepared
def licence_presentation(files: ClientFiles, actor: str, platform: str, member: str, uscc: str) -> JsonValue:
    """A company presents its business licence to the platform; the salted digest says which presentation it was.

    Both keep the opening; whoever is shown it can compare it with the ledger.
    """
    label = f"licence of {member}"
    presented = files.seal(member, label, {"uscc": uscc, "status": "valid", "to": platform})
    files.hand_over(member, platform, label)
    assert isinstance(presented, dict)
    return presented["sealed"]


def _keyed(files: ClientFiles, registry: str, seller: str, buyer: str, number: str) -> str:
    digits = normalised(number)
    return files.keyed_fingerprint(registry, "exact", *parties_of(digits, seller, buyer), digits)


def examine(bank: str, invoice: str, face_cents: int, forged_cents: int = 0) -> Examination:
    """A bank compares the opening that it was given with the ledger: empty, or what is wrong with it.

    With `forged_cents` it was given a copy on which somebody changed the amount.
    """

    def examined(files: ClientFiles, state: Snapshot) -> str:
        opening, record = files.opening(bank, invoice), state["invoices"][invoice]
        assert isinstance(record, Invoice)
        assert record.document is not None
        if forged_cents:
            assert isinstance(opening.value, dict)
            opening = Opening(opening.salt, {**opening.value, "amount_cents": forged_cents})
        try:
            verify_opening(record.document, opening)
        except VerificationError as error:
            return error.code
        document = TradeDocument.model_validate(opening.value)
        if document.amount_cents != document.quantity * document.unit_price_cents:  # check: scf-document-adds-up
            return "wrong-product"
        if document.amount_cents < face_cents:  # check: scf-document-covers-face
            return "below-face"
        return ""

    return examined
