"""The story of shipping on a bare chain: it ends as told, its invariants hold and notice breaches, sealed values stay sealed."""

from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import pytest

from ledger.contract.records import read_member
from ledger.contract.words import read_words
from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.sealed import verify_opening
from scenarios.dates import on
from scenarios.shipping import shipments
from scenarios.shipping.bill.platforms import Answer
from scenarios.shipping.box import figures
from scenarios.shipping.cast import CANGHAI, JIANGLAN, MEMBERS, NORDLICHT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.exhibits import COURIER_DAYS, Return, possession, returns, titles
from scenarios.shipping.invariants import findings
from scenarios.shipping.papers import BILL_B3, BILL_B4, PAPER_B2
from scenarios.shipping.records import DocumentState, Envelope, Title, TransportDocument
from scenarios.shipping.scenario import SCENARIO
from scenarios.shipping.story_title import CREDIT_A, CREDIT_E, LETTER
from scenarios.story.play import play, played_events
from scenarios.story.story import Act, PlayedStory
from tests.breaches import Change, changed, retold, signed_by
from tests.scenario_stage import ChainStage
from tests.shipping_world import licensed

WORDS = read_words("scenarios.shipping")

GOLDEN = Path(__file__).parent / "golden" / "shipping_access.txt"
SEEN = {
    "SI-A": ("instructions", "SI-A"),
    "bill A": ("documents", "TD-A"),
    "bill B4": ("documents", BILL_B4),
    "bill C": ("documents", "TD-C"),
    "bill E": ("documents", "TD-E"),
    "waybill G": ("documents", "TD-G"),
    "endorsement A": ("chain", "TD-A:0003"),
    "credit A": ("credits", CREDIT_A),
    "invoice A": ("presentations", CREDIT_A),
}
"""One record of each kind that hides something."""


@pytest.fixture(scope="module")
def stage() -> ChainStage:
    return ChainStage(SCENARIO)


@pytest.fixture(scope="module")
def played_story(stage: ChainStage) -> PlayedStory:
    return play(SCENARIO, stage)


def refused(played_story: PlayedStory) -> set[str]:
    """Codes of all refusals."""
    return {outcome.code for played in played_story.steps for outcome in played.outcomes if outcome.outcome != "committed"}


# Story and invariants


def test_the_frauds_of_the_trade_are_refused(played_story: PlayedStory) -> None:
    assert refused(played_story) >= {
        "dise", "benv", "bsig", "wrong-checksum", "back-dated", "after-surrender", "not-title-holder", "may-not-endorse",
        "not-negotiable", "not-possessor", "wrong-carrier", "pledged", "on-paper", "in-transit", "discrepant", "issued-once",
        "wrong-check-digit", "booked-as-general-cargo", "letter-of-indemnity", "already-released", "load-before-gate-in",
        "not-in-routing", "undeclared-dangerous-goods", "no-authority", "under-examination",
    }  # fmt: skip


def test_answers_of_platforms_are_all_seen(played_story: PlayedStory) -> None:
    said = {str(one.data["answer"]) for one in played_events(played_story) if one.name == "answered"}
    assert said == {*get_args(Answer)}


def test_a_retry_is_no_error_and_moves_nothing(played_story: PlayedStory) -> None:
    sent = cast(Envelope, played_story.records["envelopes"][LETTER.envelope])
    assert sent.state == "accepted"
    retries = [
        outcome.events
        for played in played_story.steps
        for outcome in played.outcomes
        if any(data.get("answer") == "DUPE" for _, data in outcome.events)
    ]
    assert [[name for name, _ in events] for events in retries] == [["answered"]]


def test_figures_of_bill_a(played_story: PlayedStory) -> None:
    held = [who for _, who in possession(played_story.records, "TD-A")]
    assert held == [JIANGLAN, "elbkontor.krause", NORDLICHT, CANGHAI, NORDLICHT, CANGHAI, ""]
    assert [who for _, who in titles(played_story.records, "TD-A")] == ["elbkontor.krause", NORDLICHT, ""]
    returned = next(one for one in returns(played_story.records) if one.bill == "TD-A")
    assert (returned.courier_days, returned.hours) == (4 * COURIER_DAYS, (31, 31))  # couriers travel while the ship does


def test_only_what_paper_exceeds_the_voyage_is_late_and_costs_demurrage(played_story: PlayedStory) -> None:
    day_ms = 24 * 3_600_000
    slow = Return("TD-A", issued_ms=0, arrived_ms=10 * day_ms, accepted_ms=11 * day_ms, courier_days=13)
    assert (slow.hours, slow.late_ms) == ((24, 72), 2 * day_ms)
    assert figures.demurrage_cents(played_story.records, "TD-A", 0) == 0
    assert figures.demurrage_cents(played_story.records, "TD-A", 2 * day_ms) == 2 * 2 * 90_00  # two boxes, two days


def test_one_bill_is_left_of_b_and_it_is_to_bearer(played_story: PlayedStory) -> None:
    documents = cast("dict[str, TransportDocument]", played_story.records["documents"])
    assert [documents[name].status for name in ("TD-B", PAPER_B2, BILL_B3, BILL_B4)] == ["VOIDED"] * 3 + ["ISSUED"]
    assert cast(Title, played_story.records["titles"][BILL_B4]).kind == "bearer"


def _doubled(operation: str) -> Change:
    """With every act of an operation once more at the end."""

    def change(played_story: PlayedStory) -> PlayedStory:
        again = [t for t in played_story.steps if isinstance(t.step, Act) and t.step.calls[0].operation.name == operation]
        return replace(played_story, steps=(*played_story.steps, *again))

    return change


BREACHES: dict[str, tuple[str, Change]] = {
    "nobody possesses a bill": ("D1", changed("titles", "TD-E", possessor="")),
    "paper with a possessor": ("D1", changed("titles", PAPER_B2, possessor=JIANGLAN)),
    "bearer with a title holder": ("D1", changed("titles", BILL_B4, title_holder=JIANGLAN)),
    "surrendered by nobody": ("D1", changed("titles", "TD-A", surrendered_by="")),
    "presented, and no bill examined": ("D1", changed("credits", CREDIT_A, state="presented")),
    "a changed document": ("D2", changed("documents", "TD-E", shipper=NORDLICHT)),
    "an entry of another document": ("D2", changed("chain", "TD-E:0001", document_checksum="0" * 64)),
    "a stranger possesses it": ("D3", changed("titles", "TD-E", possessor=NORDLICHT)),
    "a transfer that another signed": ("D3", signed_by("transfer", NORDLICHT)),
    "issued twice": ("D3", _doubled("answer_issuance")),
    "more after surrender": ("D3", _doubled("accept_surrender")),
    "a pledge that the state forgot": ("D3", changed("titles", "TD-E", pledgee=JIANGLAN)),
    "a broken link": ("D4", changed("chain", "TD-A:0002", previous="0" * 64)),
    "an entry changed afterwards": ("D4", changed("chain", "TD-A:0002", comments="x")),
    "another last entry": ("D4", changed("titles", "TD-A", last_entry="0" * 64)),
    "consignee and endorsee": ("D5", changed("documents", "TD-E", content=lambda old: old.replace(consignee=NORDLICHT))),
    "a date before loading": (
        "D7",
        changed("documents", "TD-A", facts=lambda old: old.replace(shipped_on_board_on_ms=on("2026-04-09"))),
    ),
    "two documents live": ("D6", changed("documents", "TD-B", status="ISSUED")),
    "on its way nowhere": ("D6", changed("titles", "TD-E", in_transit="ENV-X")),
    "electronic and on paper": ("D6", changed("titles", "TD-E", medium="paper")),
    "accepted with a document missing": ("D8", changed("envelopes", LETTER.envelope, received=())),
    "an envelope of another document": ("D8", changed("envelopes", LETTER.envelope, document_checksum="0" * 64)),
    "discrepancies that nobody waived": ("D9", changed("presentations", CREDIT_E, waived=False, examine_by_ms=10**14)),
    "a changed loading without a flag": ("D10", changed("documents", BILL_B4, flags=())),
    "lent on a flag unawares": ("D10", retold(lambda name, data: None if name == "flags-acknowledged" else data)),
    "late and not noted": ("D9", changed("credits", CREDIT_A, latest_shipment_on_ms=on("2026-04-09"))),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_noticed(played_story: PlayedStory, breach: str) -> None:
    code, change = BREACHES[breach]
    assert code in {finding.code for finding in findings(change(played_story)) if finding.faults}


def test_a_licence_that_holds_lets_its_holder_book_and_a_ledger_without_the_registry_says_so() -> None:
    space = {**shipments.space(1), "licence": "L-1"}
    assert licensed().code(JIANGLAN, Shipping.book, booking="BK-1", space=space) == "ok"
    alone = licensed()
    alone.state.delete("governance", "contracts", "government")
    with pytest.raises(RefusedError) as refusal:
        alone.do(JIANGLAN, Shipping.book, booking="BK-1", space=space)
    assert refusal.value.details["why"] == "no-contract"


# Words


def test_every_status_and_discrepancy_has_words() -> None:
    assert set(get_args(DocumentState)) - {""} <= set(WORDS.terms)


# Privacy


def access(stage: ChainStage, played_story: PlayedStory) -> str:
    """Who reads what at the end, by which rule, a line a member."""
    view = stage.decided.view
    lines = [["member", *SEEN]]
    for person in MEMBERS:
        member = read_member(view.state, person["member"])
        assert member is not None
        records = [played_story.records[collection][key] for collection, key in SEEN.values()]
        rules = [Shipping.read_rule(view.state, record, member, played_story.head.time_ms, 1) or "-" for record in records]
        lines.append([person["member"], *rules])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines)


def test_who_may_read_what(stage: ChainStage, played_story: PlayedStory) -> None:
    assert access(stage, played_story) == GOLDEN.read_text(encoding="utf-8")


def test_goods_prices_and_purposes_stand_nowhere_on_the_ledger(played_story: PlayedStory) -> None:
    said = b"".join(encode(record.model_dump(mode="json")) for rows in played_story.records.values() for record in rows.values())
    said += b"".join(encode(dict(arguments)) for played in played_story.steps for arguments in played.arguments)
    for secret in (
        b"photovoltaic",
        b"encapsulant",
        b"household",
        b"8541.43",
        b"18720000",
        b"released against payment",
        b"JL-A-2026",
    ):
        assert secret not in said


def test_the_openings_that_clients_hold_open_what_is_sealed(stage: ChainStage, played_story: PlayedStory) -> None:
    document = cast(TransportDocument, played_story.records["documents"]["TD-A"])
    verify_opening(document.content.cargo, stage.files.opening("elbkontor.krause", "goods A"))


if __name__ == "__main__":
    played_on = ChainStage(SCENARIO)
    GOLDEN.write_text(access(played_on, play(SCENARIO, played_on)), encoding="utf-8")
