"""One container on four ledgers: the story ends as it is told, and what crossed is kept with it."""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ledger.audit import audit_export
from ledger.errors import JsonValue, VerificationError
from nodes.foreign.contract import Conflict
from nodes.foreign.relayer import Known, next_blocks
from scenarios.corridor.books import Books, Done
from scenarios.corridor.cast import LEDGERS, governors, specification
from scenarios.corridor.demo import play_live
from scenarios.corridor.invariants import Ledgers, judged
from scenarios.corridor.scenario import CORRIDOR
from scenarios.corridor.stage import PlayedCorridor, simulated
from scenarios.demo import Settings, teller_of
from scenarios.identifiers import organization_of
from scenarios.story.play import Player, outcomes_of, rows
from scenarios.story.short_teller import ShortTeller
from scenarios.story.story import Act, Language, Story
from scenarios.story.tell import StoryTeller, is_refused
from tests.support import refusal


@cache
def played() -> PlayedCorridor:
    stage = simulated(1)
    player = Player(CORRIDOR, stage)
    assert len([*player.steps()]) == len(player.played)
    return stage.played(player.played_story())


def test_the_story_ends_as_it_is_told_and_its_invariants_hold() -> None:
    assert [(finding.code, finding.faults) for finding in CORRIDOR.findings(played()) if finding.faults] == []
    assert {call.ledger for step in played().steps if isinstance(step.step, Act) for call in step.step.calls} == set(LEDGERS)


def test_what_crossed_is_kept_with_the_transaction_that_used_it() -> None:
    transactions = {outcome.transaction for step in played().steps for outcome in step.outcomes}
    assert played().crossings
    for crossing in played().crossings:
        assert crossing.outcome is not None
        assert crossing.outcome.transaction in transactions
        assert crossing.bytes_sent > 0
        if crossing.outcome.code == "ledger-frozen":  # nothing of that ledger is brought any more
            continue
        known = [one for one in played().carried if (one.source, one.target) == (crossing.source, crossing.target)]
        assert max(one.heights[-1] for one in known) >= crossing.height


def test_a_header_is_carried_once_and_by_nobody_of_the_story() -> None:
    brought = [(one.source, one.target, height) for one in played().carried for height in one.heights]
    assert len(brought) == len(set(brought))
    transactions = {outcome.transaction for step in played().steps for outcome in step.outcomes}
    assert not transactions & {one.outcome.transaction for one in played().carried}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_step_is_told_with_its_ledger(language: Language) -> None:
    out = io.StringIO()
    teller = StoryTeller(Console(file=out, width=200, color_system=None), CORRIDOR, language)
    step = next(one for one in played().steps if isinstance(one.step, Act) and one.step.calls[0].operation.name == "execute")
    teller.tell(step)
    told = next(line for line in out.getvalue().splitlines() if step.step.words.said(language) in line)
    assert CORRIDOR.ledgers["finance"].said(language) in told
    out.truncate(0)
    for one in played().steps:
        teller.totals.add(one)
    teller.end((), played())
    heights = [outcome.height for one in played().steps for outcome in one.outcomes]
    assert len(set(heights)) < len(teller.totals.heights) < played().blocks
    assert f"{len(teller.totals.heights)}" in out.getvalue()
    assert f"{played().blocks}" in out.getvalue()


def test_a_ledger_that_was_not_admitted_keeps_the_story_from_going_on() -> None:
    stage = simulated(1)
    stage.set_clock(stage.start_ms + 1)
    error = refusal(VerificationError, lambda: stage.cross("finance", "shipping", "shipping.crossing_locks", "D-1"))
    assert (error.code, error.message) == ("not-as-told", "finance has not admitted shipping.")


def test_a_header_that_is_refused_keeps_the_story_from_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_signatures(known: Known, proof: JsonValue) -> list[dict[str, Any]]:
        return [{**block, "certificate": {}} for block in next_blocks(known, proof)]

    monkeypatch.setattr("scenarios.corridor.stage.next_blocks", without_signatures)
    stage = simulated(1)
    admitting = replace(CORRIDOR, story=lambda: Story(CORRIDOR.story().chapters[:1]))
    assert len([*Player(admitting, stage).steps()]) == 1 + len(LEDGERS)
    error = refusal(VerificationError, lambda: stage.cross("finance", "shipping", "shipping.crossing_locks", "D-1"))
    assert (error.code, error.message) == ("not-as-told", "finance refused a header of shipping: not-decided.")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_each_ledger_has_validators_of_its_own_and_is_governed_by_a_majority(ledger: str) -> None:
    own = specification(ledger)
    others = {member for name in LEDGERS if name != ledger for member in specification(name).validators}
    assert len(own.validators) == 4
    assert not others & set(own.validators)
    assert 2 * len({organization_of(member) for member in governors(ledger)}) > len(own.organizations)
    assert {member for member, roles in own.members() if "validator" not in roles} <= set(CORRIDOR.cast)


def test_attacks_are_refused_where_the_story_says() -> None:
    refused = {
        (call.ledger, outcome.code)
        for step in played().steps
        for call, outcome in outcomes_of(step)
        if outcome.outcome == "rejected"
    }
    assert {
        ("shipping", "dise"), ("finance", "bill-cited"),  # A: the same bill on another platform, and for another loan
        ("finance", "proof-too-old"),  # B
        ("finance", "not-decided"),  # C
        ("finance", "licence-not-valid"),  # D
        ("shipping", "letter-of-indemnity"),  # E
        ("shipping", "locked-for-deal"), ("finance", "deal-ended"), ("shipping", "deal-not-so"), ("finance", "ledger-frozen"),
    } <= refused  # fmt: skip


def test_a_fork_convicts_on_every_other_ledger_who_signed_both_blocks() -> None:
    conflicts = rows(played().records, "foreign.conflicts", Conflict)
    assert {key.partition("/")[0] for key in conflicts} == set(LEDGERS) - {"energy"}
    for conflict in conflicts.values():
        assert conflict.froze
        assert len(conflict.convicted) >= 2
        assert set(conflict.convicted) <= set(specification("energy").validators)


def books() -> dict[str, Books]:
    return {name: Books(ledger.export) for name, ledger in played().ledgers.items()}


def broken(ledgers: dict[str, Books]) -> list[str]:
    found = judged(Ledgers(ledgers, {name: (one,) for name, one in ledgers.items()}))
    return [finding.code for finding in found if finding.faults]


def changed(books: Books, change: Callable[[Done], Done | None]) -> None:
    """The same ledger with other transactions: None takes one away."""
    books.__dict__["all"] = tuple(after for one in books.all if (after := change(one)) is not None)


def again(books: Books, operation: str) -> None:
    """The same ledger on which each of these took effect twice."""
    books.__dict__["all"] = (*books.all, *(one for one in books.all if one.is_committed and one.operation == operation))


def moved_while_locked(ledgers: dict[str, Books]) -> None:
    entry = {"document": "TD-B", "action": "TRANSFER", "actor": "yanshan.liu", "recipient": "lanhai.gao"}

    def change(one: Done) -> Done:
        return replace(one, events=(*one.events, ("entry", entry))) if one.operation == "lock_bill" else one

    changed(ledgers["shipping"], change)


def moved_by_another(ledgers: dict[str, Books]) -> None:
    changed(ledgers["shipping"], lambda one: replace(one, signers=()) if one.operation == "endorse_to_order" else one)


def cited_twice(ledgers: dict[str, Books]) -> None:
    again(ledgers["finance"], "disburse")


def cited_before_it_was_pledged(ledgers: dict[str, Books]) -> None:
    changed(ledgers["shipping"], lambda one: None if one.operation == "pledge" else one)


def promised_twice(ledgers: dict[str, Books]) -> None:
    again(ledgers["finance"], "issue")


def parts_of_more_than_the_whole(ledgers: dict[str, Books]) -> None:
    certificates = ledgers["finance"].rows("supply-chain-finance", "certificates")
    name = next(f"{name}-1" for name in certificates if f"{name}-1" in certificates)
    certificates[name] = {**certificates[name], "amount_cents": certificates[name]["amount_cents"] + 1}


def claimed_twice(ledgers: dict[str, Books]) -> None:
    claims = ledgers["energy"].rows("energy", "claims")
    claims |= {f"{name}-again": claim for name, claim in claims.items()}


def margin_for_a_disputed_claim(ledgers: dict[str, Books]) -> None:
    changed(ledgers["energy"], lambda one: replace(one, operation="dispute_claim") if one.operation == "attest_claim" else one)


def without_licence(ledgers: dict[str, Books]) -> None:
    changed(ledgers["government"], lambda one: None if one.operation == "issue_licence" else one)


def bill_to_both(ledgers: dict[str, Books]) -> None:
    changed(ledgers["shipping"], lambda one: replace(one, operation="hand_over") if one.operation == "give_back" else one)


def paid_for_a_bill_that_was_not_locked(ledgers: dict[str, Books]) -> None:
    changed(ledgers["shipping"], lambda one: None if one.operation == "lock_bill" else one)


def money_from_nowhere(ledgers: dict[str, Books]) -> None:
    changed(ledgers["finance"], lambda one: None if one.operation == "deposit" else one)


def more_is_shown(ledgers: dict[str, Books]) -> None:
    def change(one: Done) -> Done:
        if one.operation != "bring" or one.arguments["kind"] != "licences":
            return one
        proof = one.arguments["proof"]
        return replace(one, arguments={**one.arguments, "proof": {**proof, "value": {**proof["value"], "content": "sealed"}}})

    changed(ledgers["finance"], change)


def believed_what_nobody_decided(ledgers: dict[str, Books]) -> None:
    ledgers["shipping"].__dict__["headers"] = {}


@pytest.mark.parametrize(
    ("code", "breaks"),
    [
        ("X0", believed_what_nobody_decided),
        ("X1", moved_while_locked),
        ("X1", moved_by_another),
        ("X2", cited_twice),
        ("X2", cited_before_it_was_pledged),
        ("X2", promised_twice),
        ("X2", parts_of_more_than_the_whole),
        ("X3", claimed_twice),
        ("X3", margin_for_a_disputed_claim),
        ("X4", without_licence),
        ("X5", bill_to_both),
        ("X5", paid_for_a_bill_that_was_not_locked),
        ("X6", money_from_nowhere),
        ("X7", more_is_shown),
    ],
)
def test_each_invariant_notices_its_breach(code: str, breaks: Callable[[dict[str, Books]], None]) -> None:
    ledgers = books()
    breaks(ledgers)
    assert code in broken(ledgers)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_short_telling_explains_its_terms_and_ends_with_figures_of_what_crossed(language: Language) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None)
    teller = teller_of(CORRIDOR, Settings(language, Path("report.html"), console))
    assert isinstance(teller, ShortTeller)
    teller.begin()
    for step in played().steps:
        teller.tell(step)
    teller.end(CORRIDOR.findings(played()), played())
    assert teller.introduced == [*dict.fromkeys(teller.introduced)]
    assert set(teller.introduced) == {term.name.said(language) for term in teller.short.terms}
    assert len(teller.telling) == 3
    assert all(map(is_refused, teller.telling))
    assert all(figure.name.said(language) in out.getvalue() for figure in CORRIDOR.key_figures(played()))
    assert len(out.getvalue().splitlines()) <= 135


@pytest.mark.usefixtures("no_process_left")
def test_live_networks_admit_each_other_and_a_licence_crosses(tmp_path: Path) -> None:
    begun = replace(CORRIDOR, story=lambda: Story(CORRIDOR.story().chapters[:2]))
    settings = Settings("en", tmp_path / "report.html", Console(file=io.StringIO()), full=True)
    networks, teller = play_live(begun, settings, None)
    assert teller.totals.refused == 0
    assert [network.directory.name for network in networks] == list(LEDGERS)
    assert len({network.ledger for network in networks}) == 4
    for name in LEDGERS:
        audit = audit_export((tmp_path / f"report-{name}.jsonl").read_bytes().splitlines())
        assert audit.broken is None
        assert audit.height > 0
