"""What clients do with sealed invoices outside the ledger: seal, show to the registry, show to the bank, check."""

from collections.abc import Callable
from dataclasses import dataclass

from ledger.contract.sealed import Opening, verify_opening
from ledger.errors import JsonValue, VerificationError
from scenarios.client_files import ClientFiles
from scenarios.story import Snapshot
from scenarios.supply_chain_finance.records import Invoice, TradeDocument
from scenarios.supply_chain_finance.rules import normalised

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


@dataclass(frozen=True, slots=True)
class KeyedFingerprint:
    """An argument: the seller shows the document to the registry, whose clerk works out its fingerprint with its secret."""

    label: str
    registry: str
    buyer: str

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Reads what the registry was shown."""
        files.hand_over(actor, self.registry, self.label)
        document = TradeDocument.model_validate(files.opening(self.registry, self.label).value)
        return files.keyed_fingerprint(self.registry, actor, self.buyer, normalised(document.number))


def examine(bank: str, label: str, invoice: str, face_cents: int) -> Examination:
    """A bank compares the opening that it was given with the ledger: empty, or what is wrong with it."""
    return lambda files, state: _fault(files.opening(bank, label), state, invoice, face_cents)


def examine_forged(bank: str, label: str, invoice: str, face_cents: int, amount_cents: int) -> Examination:
    """The same for a copy on which somebody changed the amount."""

    def forged(files: ClientFiles, state: Snapshot) -> str:
        honest = files.opening(bank, label)
        assert isinstance(honest.value, dict)
        return _fault(Opening(honest.salt, {**honest.value, "amount_cents": amount_cents}), state, invoice, face_cents)

    return forged


def _fault(opening: Opening, state: Snapshot, invoice: str, face_cents: int) -> str:
    record = state["invoices"][invoice]
    assert isinstance(record, Invoice)
    assert record.document is not None
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
