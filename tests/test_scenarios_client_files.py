"""What clients keep for themselves: openings, who was given them, and a registry's secret."""

import json
import stat
from itertools import count
from pathlib import Path

import pytest

from ledger.contract import Sealed
from ledger.errors import OperatorError
from ledger.sealed import Opening, verify_opening
from scenarios.client_files import ClientFiles
from scenarios.supply_chain_finance.documents import examine, keyed_fingerprint, trade
from scenarios.supply_chain_finance.records import Invoice


def files(directory: Path | None = None, start: int = 1) -> ClientFiles:
    drawn = count(start)
    return ClientFiles(lambda size: next(drawn).to_bytes(size, "big"), directory)


def test_a_sealed_value_is_opened_by_what_its_owner_keeps() -> None:
    kept = files()
    sealed = kept.seal("a.a", "price", 7)
    assert isinstance(sealed, dict)
    verify_opening(Sealed(str(sealed["sealed"])), kept.opening("a.a", "price"))


def test_nobody_holds_an_opening_that_was_not_given_to_it() -> None:
    kept = files()
    kept.seal("a.a", "price", 7)
    with pytest.raises(OperatorError, match="holds no opening"):
        kept.opening("b.b", "price")
    kept.hand_over("a.a", "b.b", "price")
    assert kept.opening("b.b", "price") == kept.opening("a.a", "price")
    with pytest.raises(OperatorError):
        kept.hand_over("c.c", "d.d", "price")


def test_openings_lie_in_a_file_of_their_owner_alone(tmp_path: Path) -> None:
    kept = files(tmp_path / "openings")
    kept.seal("a.a", "price", "七")
    path = tmp_path / "openings" / "a.a.json"
    assert json.loads(path.read_text(encoding="utf-8"))["price"]["value"] == "七"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_keyed_fingerprint_needs_the_secret() -> None:
    one, other = files(), files(start=9)
    assert one.keyed_fingerprint("r.r", "a", "b") == one.keyed_fingerprint("r.r", "a", "b")
    assert one.keyed_fingerprint("r.r", "a", "b") != one.keyed_fingerprint("r.r", "ab", "")
    assert one.keyed_fingerprint("r.r", "a", "b") != other.keyed_fingerprint("r.r", "a", "b")


def test_the_registrys_fingerprint_sees_through_another_spelling() -> None:
    kept = files()
    prints = []
    for label, number in (("first", "XY-0455"), ("second", " xy 0455"), ("third", "XY-0456")):
        kept.seal("s.s", label, trade(number, "dies", 1, 100))
        prints.append(keyed_fingerprint(label, "r.r", "b.b").prepare(kept, "s.s"))
    assert prints[0] == prints[1] != prints[2]


def invoice(kept: ClientFiles, document: dict[str, object]) -> dict[str, dict[str, Invoice]]:
    sealed = kept.seal("bank.b", "X", document)  # type: ignore[arg-type]
    assert isinstance(sealed, dict)
    record = Invoice(
        seller="s.s", buyer="b.b", number="", issued_on_ms=0, amount_cents=0, fingerprint="0" * 64, resembles="",
        document=Sealed(str(sealed["sealed"])),
    )  # fmt: skip
    return {"invoices": {"X": record}}


def test_a_bank_accepts_an_opening_that_fits_and_covers_the_face() -> None:
    kept = files()
    state = invoice(kept, {**trade("N", "dies", 10, 100)})
    assert examine("bank.b", "X", 1_000)(kept, state) == ""


def test_a_document_below_the_face_is_found() -> None:
    kept = files()
    state = invoice(kept, {**trade("N", "dies", 10, 100)})
    assert examine("bank.b", "X", 1_001)(kept, state) == "below-face"


def test_a_document_that_does_not_add_up_is_found() -> None:
    kept = files()
    state = invoice(kept, {**trade("N", "dies", 10, 100), "amount_cents": 5_000})
    assert examine("bank.b", "X", 1_000)(kept, state) == "wrong-product"


def test_a_forged_opening_does_not_fit_the_seal() -> None:
    kept = files()
    state = invoice(kept, {**trade("N", "dies", 10, 100)})
    honest = kept.opening("bank.b", "X")
    kept.keep("bank.b", "X", Opening(honest.salt, {**trade("N", "dies", 20, 100)}))
    assert examine("bank.b", "X", 1_000)(kept, state) == "wrong-opening"
