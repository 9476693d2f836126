"""Transfer between platforms: DCSA's outcomes by the contract, and real signatures by the clients."""

from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from ledger.encoding import encode
from scenarios.client_files import ClientFiles
from scenarios.shipping.cast import JIANGLAN, LANHAI, NORDKETTE, NORDLICHT, YANSHAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import OLD_KEY, Letter, Paper, content, facts, is_signed, received, sent
from scenarios.shipping.shipments import A
from tests.shipping_world import BILL, World, drafted, export, exported, opened, presented, received_elsewhere, to_order

ENV = {"envelope": "ENV-1"}


def answer(world: World, **changes: object) -> str:
    """How Nordkette answers an envelope that differs from what was exported."""
    before = len(world.answers())
    code = world.code(NORDKETTE, Shipping.import_envelope, presented=presented(world, **changes))
    return code if code != "ok" else world.answers()[before]


# The receiver's algorithm


def test_an_envelope_with_all_its_documents_is_received_and_possession_moves() -> None:
    world = received_elsewhere()
    assert world.answers() == ["OPEN", "RECE"]
    title = world.title()
    assert (title.possessor, title.platform, title.in_transit, title.title_holder) == (NORDLICHT, NORDKETTE, "", JIANGLAN)
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN) == "not-possessor"
    assert world.code(NORDLICHT, Shipping.transfer, document=BILL, to=LANHAI) == "ok"


def test_a_retry_after_acceptance_is_dupe_and_changes_nothing() -> None:
    world = received_elsewhere()
    before = world.title()
    assert answer(world) == "DUPE"
    assert answer(world, entry="c" * 64) == "DUPE"
    world.do(NORDKETTE, Shipping.finish_envelope, **ENV)
    assert (world.answers()[-1], world.title()) == ("DUPE", before)


def test_a_bad_signature_is_bsig_and_the_good_one_is_then_received() -> None:
    world = exported()
    assert answer(world, is_signature_good=False) == "bsig"
    assert answer(world) == "OPEN"


def test_missing_documents_are_mdoc_and_then_received() -> None:
    world = opened().do(NORDKETTE, Shipping.finish_envelope, **ENV)
    world.do(NORDKETTE, Shipping.receive_document, **ENV, checksum="a" * 64).do(NORDKETTE, Shipping.finish_envelope, **ENV)
    assert world.title().possessor == JIANGLAN
    world.do(NORDKETTE, Shipping.receive_document, **ENV, checksum="b" * 64).do(NORDKETTE, Shipping.finish_envelope, **ENV)
    assert (world.answers(), world.title().possessor) == (["OPEN", "MDOC", "MDOC", "RECE"], NORDLICHT)


def test_a_damaged_or_unrelated_document_is_incd_and_may_be_sent_again() -> None:
    world = opened().do(NORDKETTE, Shipping.receive_document, **ENV, checksum="c" * 64)
    assert (world.answers()[-1], world.contract.envelopes["ENV-1"].received) == ("INCD", ())
    for _ in range(2):
        world.do(NORDKETTE, Shipping.receive_document, **ENV, checksum="a" * 64)
    assert world.contract.envelopes["ENV-1"].received == ("a" * 64,)


def test_a_document_attached_twice_is_received_once() -> None:
    world = to_order().do((YUNTU, JIANGLAN), Shipping.export_envelope, **export(attached=["a" * 64] * 2))
    world.do(NORDKETTE, Shipping.import_envelope, presented=presented(world))
    world.do(NORDKETTE, Shipping.receive_document, **ENV, checksum="a" * 64).do(NORDKETTE, Shipping.finish_envelope, **ENV)
    assert (world.answers()[-1], world.title().platform) == ("RECE", NORDKETTE)


# What a bill does on its way


def test_the_next_transfer_follows_the_last_entry_and_carries_the_picture() -> None:
    world = to_order().do((YUNTU, JIANGLAN), Shipping.export_envelope, **export(visualisation="a" * 64))
    world.do(NORDKETTE, Shipping.import_envelope, presented=presented(world))
    for checksum in ("a" * 64, "b" * 64):
        world.do(NORDKETTE, Shipping.receive_document, **ENV, checksum=checksum)
    world.do(NORDKETTE, Shipping.finish_envelope, **ENV)
    back: dict[str, Any] = {"receiver": YUNTU, "recipient": JIANGLAN, "previous_entry": "e" * 64}
    signers = (NORDKETTE, NORDLICHT)
    assert world.code(signers, Shipping.export_envelope, **export("ENV-2", **back, visualisation="a" * 64)) == "ok"


# Signatures, by the clients


def files() -> ClientFiles:
    """Client files whose random bytes are the same each time."""
    drawn = count()
    return ClientFiles(lambda size: sha256(str(next(drawn)).encode()).digest()[:size])


PAPER = Paper(A.document, A, facts())
LETTER = Letter("ENV-1", PAPER, YUNTU, NORDKETTE, JIANGLAN, NORDLICHT)


def test_a_letter_is_signed_and_what_the_sender_states_is_what_the_receiver_finds() -> None:
    held = files()
    found: Any = received(LETTER).prepare(held, NORDKETTE)
    assert found["is_signature_good"]
    stated: Any = sent(LETTER).prepare(held, YUNTU)
    for name in ("document", "recipient", "entry", "payload", "previous_entry"):
        assert stated[name] == found[name]


def test_a_letter_signed_again_is_another_entry_over_the_same_payload() -> None:
    held = files()
    first, again = (received(letter).prepare(held, NORDKETTE) for letter in (LETTER, LETTER.again()))
    assert isinstance(first, dict)
    assert isinstance(again, dict)
    assert (first["payload"], first["entry"] != again["entry"]) == (again["payload"], True)


def test_an_old_key_a_foreign_key_and_a_changed_entry_are_bad_signatures() -> None:
    held = files()
    assert not is_signed(held, YUNTU, replace(LETTER, key=OLD_KEY).entry(held))
    assert not is_signed(held, NORDKETTE, LETTER.entry(held))
    head, body, signature = LETTER.entry(held).split(".")
    assert not is_signed(held, YUNTU, f"{head}.{body[:-2]}AA.{signature}")
    assert not is_signed(held, YUNTU, f"{head}.{body}.")
    assert not is_signed(held, YUNTU, "no entry")


def test_an_entry_names_the_whole_signed_entry_before_it() -> None:
    held = files()
    second = Letter("ENV-2", PAPER, NORDKETTE, YUNTU, NORDLICHT, JIANGLAN, previous=LETTER)
    assert second.previous_entry(held) == sha256(LETTER.entry(held).encode()).hexdigest()


def test_another_weight_gives_another_checksum() -> None:
    held = files()
    written: Any = content(A).prepare(held, JIANGLAN)
    boxes = [{**box, "gross_weight_kg": 9_000} for box in written["equipment"]]
    light = Paper(A.document, A, facts(), {"equipment": boxes})
    assert light.checksum(held) != PAPER.checksum(held)


def test_the_clients_checksum_is_the_ledgers() -> None:
    held = files()
    written: Any = content(A).prepare(held, JIANGLAN)
    world = drafted(equipment=written["equipment"], cargo=written["cargo"])
    assert world.contract.documents[BILL].checksum == PAPER.checksum(held)


def test_ledger_encoding_is_rfc_8785_for_what_documents_hold() -> None:
    """Members sorted by UTF-16 units, no spaces, the short escapes, whole numbers plain: with the string of RFC 8785, 3.2.2."""
    assert encode({"b": 1, "a": '\u20ac$\u000f\nA\'B"\\\\"/', "_": [None, True, 333333333]}) == (
        b'{"_":[null,true,333333333],"a":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/","b":1}'
    )
