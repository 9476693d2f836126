"""The story of supply-chain finance, told on a bare chain: every step ends as told, and what must hold at the end does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import VerificationError
from scenarios.story.play import play, verify_findings
from scenarios.story.story import Act, Ending, PlayedStory, Story, StoryWriter
from scenarios.supply_chain_finance.cast import BEICHEN, DEFAULT_ROOT, FOURTH, LULIN, ROOT, TONGDA, TUOHAI, YANSHAN
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.figures import tier_figures
from scenarios.supply_chain_finance.invariants import findings
from scenarios.supply_chain_finance.records import Account, Backing
from scenarios.supply_chain_finance.scenario import SCENARIO
from scenarios.supply_chain_finance.signatures import faults_of_blocked_issues
from tests.breaches import Change, changed, retold, signed_by, with_record
from tests.scenario_stage import ChainStage, played_on_a_chain


@pytest.fixture(scope="module")
def played_story() -> PlayedStory:
    return played_on_a_chain(SCENARIO.name)


def test_all_invariants_hold(played_story: PlayedStory) -> None:
    assert [(finding.code, finding.faults) for finding in findings(played_story) if finding.faults] == []
    assert [finding.code for finding in findings(played_story)] == [f"I{number}" for number in range(1, 13)]


def test_at_least_twelve_kinds_of_fraud_are_refused(played_story: PlayedStory) -> None:
    refused = {o.code for played in played_story.steps for o in played.outcomes if o.outcome != "committed"}
    assert len(refused) >= 30
    assert refused >= {
        "duplicate-invoice", "wrong-sum", "part-too-small", "too-many-parts", "wrong-state", "not-holder", "not-onboarded",
        "to-self", "tenor-too-long", "tenor-without-reason", "bad-arguments", "over-line", "core-blocked",
        "payable-unconditional", "flags-unacknowledged", "not-confirmed", "platform-no-party",
        "not-queried", "registered-earlier", "wrong-net",
    }  # fmt: skip


def test_figures_of_the_tiers(played_story: PlayedStory) -> None:
    figures = tier_figures(played_story.records)
    assert [figure.tier for figure in figures] == [1, 2, 3, 4]
    paid: Any = played_story.records["applications"][FOURTH]
    # 1,500,000.00 at 3.5 % for the 178 days from 13 April to 8 October by ACT/360 is 25,958.33; the fee is 300.00.
    assert paid.net_cents == 1_500_000_00 - 25_958_33 - 300_00
    assert all(figure.cost_ppm < figure.cost_alone_ppm for figure in figures)
    assert all(figure.days_to_cash < figure.days_to_cash_alone for figure in figures)


def test_the_default_is_shared_and_recourse_moves_it(played_story: PlayedStory) -> None:
    certificates = played_story.records["certificates"]
    first, second = (certificates[f"{DEFAULT_ROOT}-{number}"] for number in (1, 2))
    assert (first.state, first.holder, first.paid_cents) == ("overdue", LULIN, 1_200_000_00)  # type: ignore[attr-defined]
    assert (second.state, second.holder, second.paid_cents) == ("written-off", YANSHAN, 800_000_00)  # type: ignore[attr-defined]


def _never(what: str) -> Change:
    """As if events of this name, or payments for this purpose, had never been."""
    return retold(lambda name, data: None if what in (name, data.get("purpose")) else data)


def _paying_the_platform(played_story: PlayedStory) -> PlayedStory:
    return with_record(played_story, "accounts", TONGDA, Account(change_cents=0))


def _issued_again(played_story: PlayedStory, after: str) -> PlayedStory:
    """As if the very first issue of the second core had come right after the first event of this name."""
    place = next(n for n, t in enumerate(played_story.steps) for o in t.outcomes for name, _ in o.events if name == after)
    played = played_story.steps[: place + 1]
    return _issued_while_blocked(replace(played_story, steps=played))


def _issued_while_blocked(played_story: PlayedStory) -> PlayedStory:
    """As if the very first issue of the second core had come last."""
    issues = [
        t
        for t in played_story.steps
        for o in t.outcomes
        for name, data in o.events
        if name == "moved" and data["certificate"] == DEFAULT_ROOT and data["after"] == "pending"
    ]
    return replace(played_story, steps=(*played_story.steps, issues[0]))


BREACHES: dict[str, tuple[str, Change]] = {
    "a cent more in a part": ("I1", changed("certificates", f"{ROOT}-1", amount_cents=400_000_001)),
    "a part of nobody": ("I1", changed("certificates", ROOT, children=(f"{ROOT}-1",))),
    "settled without money": ("I1", changed("certificates", f"{ROOT}-1", paid_cents=0)),
    "held by a stranger": ("I2", changed("certificates", f"{DEFAULT_ROOT}-1", holder="nobody.here")),
    "locked for nobody": ("I2", changed("certificates", f"{ROOT}-2-2", state="locked")),
    "registered for another": ("I2", changed("registrations", f"{DEFAULT_ROOT}-2", assignee="lanhai.gao")),
    "financed elsewhere": ("I2", changed("certificates", f"{ROOT}-1", state="financed", holder=BEICHEN)),
    "a later due date": ("I3", changed("certificates", f"{ROOT}-1", due_on_ms=0)),
    "an invoice used up twice": ("I4", changed("certificates", f"{ROOT}-1", backing=(Backing(invoice="BC-1", amount_cents=1),))),
    "debt that nobody holds": ("I5", changed("obligors", TUOHAI, outstanding_cents=1)),
    "a bank beyond its own line": ("I5", changed("certificates", f"{DEFAULT_ROOT}-2", state="overdue", amount_cents=10**12)),
    "debt beyond the lines": ("I5", lambda p: _without_lines(p)),
    "an account of the platform": ("I6", _paying_the_platform),
    "money from nowhere": ("I7", changed("accounts", BEICHEN, change_cents=1)),
    "money set aside and gone": ("I7", _never("set-aside")),
    "payments that never were": ("I7", _never("paid")),
    "an issue after a missed bond": ("I8", lambda p: _issued_again(p, "core-barred")),
    "an issue while blocked": ("I8", _issued_while_blocked),
    "a term that is too long": ("I9", lambda p: _short_rule(p)),
    "a discount that nobody offered": ("I10", _never("early-pay-offered")),
    "a signature of another": ("I10", signed_by("accept", TUOHAI)),
    "a state by no event": ("I10", changed("certificates", f"{ROOT}-1", state="void")),
    "money before the registration": ("I11", changed("applications", f"{ROOT}-1", disbursed_at_ms=1)),
    "money on a flag that nobody bears": ("I12", changed("applications", f"{ROOT}-1", flags=("roll-over",))),
    "money on an invoice used elsewhere": (
        "I12",
        changed("certificates", f"{ROOT}-1", backing=(Backing(invoice="BC-8", amount_cents=1),)),
    ),
}


def _without_lines(played_story: PlayedStory) -> PlayedStory:
    for bank in ("lanhai.gao", "yanshan.liu"):
        played_story = with_record(played_story, "lines", f"{TUOHAI}:{bank}", None)
    return played_story


def _short_rule(played_story: PlayedStory) -> PlayedStory:
    first, *_ = played_story.records["tenor_rules"]
    return changed("tenor_rules", first, months_max=1)(played_story)


@pytest.mark.parametrize("breach", BREACHES)
def test_an_oracle_that_sees(played_story: PlayedStory, breach: str) -> None:
    code, change = BREACHES[breach]
    broken = {finding.code for finding in findings(change(played_story)) if finding.faults}
    assert code in broken


def test_broken_invariants_end_a_demo(played_story: PlayedStory) -> None:
    verify_findings(findings(played_story))
    with pytest.raises(VerificationError, match="I7"):
        verify_findings(findings(changed("accounts", BEICHEN, change_cents=1)(played_story)))


def test_blocked_issues_are_seen(played_story: PlayedStory) -> None:
    assert list(faults_of_blocked_issues(played_story)) == []


# The player


def _story(*tell: Callable[[StoryWriter], None]) -> Callable[[], Story]:
    def story() -> Story:
        writer = StoryWriter()
        writer.chapter(en="One", zh="一")
        for one in tell:
            one(writer)
        return writer.story()

    return story


def _played(*tell: Callable[[StoryWriter], None]) -> PlayedStory:
    scenario = replace(SCENARIO, story=_story(*tell))
    return play(scenario, ChainStage(scenario))


def _onboard(writer: StoryWriter, **more: Any) -> None:
    licence = "1" * 64
    writer.step(
        TONGDA, Scf.onboard, member=LULIN, kind="supplier", uscc="91350100M000100Y43", licence=licence, en="in", zh="入", **more
    )


def test_a_step_that_does_not_end_as_told_fails_the_run() -> None:
    assert len(_played(_onboard).steps) == 1
    with pytest.raises(VerificationError, match=r"Step 1 .* ended as committed"):
        _played(lambda t: _onboard(t, refused="bad-uscc"))
    with pytest.raises(VerificationError, match=r"Step 2 .* ended as rejected \(already-onboarded\)"):
        _played(_onboard, _onboard)
    with pytest.raises(VerificationError, match=r"Step 2"):
        _played(_onboard, lambda t: _onboard(t, refused="bad-uscc"))


def test_a_problem_at_the_door_is_not_a_refusal() -> None:
    def wrong(writer: StoryWriter, **ending: str) -> None:
        writer.step(TONGDA, Scf.onboard, member=LULIN, en="in", zh="入", **ending)

    assert _played(lambda t: wrong(t, problem="bad-arguments")).head.height == 0
    with pytest.raises(VerificationError):
        _played(lambda t: wrong(t, refused="bad-arguments"))


def test_an_inspection_that_finds_something_else_fails_the_run() -> None:
    def look(writer: StoryWriter, finds: str) -> None:
        writer.inspect(LULIN, lambda files, state: "odd", finds=finds, en="look", zh="看")

    assert len(_played(lambda t: look(t, "odd")).steps) == 1
    with pytest.raises(VerificationError, match="found 'odd'"):
        _played(lambda t: look(t, ""))


def test_an_envelope_that_acts_twice_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(writer: StoryWriter) -> None:
        _onboard(writer, label="first")
        writer.again("first", en="again", zh="再")

    assert len(_played(again).steps) == 2
    honest = ChainStage.submit_again
    sent: list[str] = []

    def twice(stage: ChainStage, transaction: str) -> Any:
        sent.append(transaction)
        outcome = honest(stage, transaction)
        return outcome if len(sent) == 1 else replace(outcome, outcome="rejected", code="already-onboarded")

    monkeypatch.setattr(ChainStage, "submit_again", twice)
    with pytest.raises(VerificationError, match="second time"):
        _played(again)


def test_an_ending_is_one_of_three() -> None:
    writer = StoryWriter()
    writer.chapter(en="One", zh="一")
    _onboard(writer)
    _onboard(writer, refused="bad-uscc")
    _onboard(writer, problem="bad-arguments")
    endings = [step.ending for step in writer.story().chapters[0].steps if isinstance(step, Act)]
    assert endings == [Ending("committed", "ok"), Ending("rejected", "bad-uscc"), Ending("problem", "bad-arguments")]
