"""The story of government services, told on a bare chain: its refusals, its invariants and what would break them, its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from ledger.contract import Record
from ledger.contract.words import read_words
from scenarios.dates import on
from scenarios.government.cast import PEOPLE, QINGTENG, identifier
from scenarios.government.evidence import leaf_of
from scenarios.government.exhibits import exhibits, key_figures
from scenarios.government.figures import disclosure, examined, punctuality, savings
from scenarios.government.invariants import findings, judged
from scenarios.government.scenario import SCENARIO
from scenarios.story.play import PlayedEvent, play, played_events
from scenarios.story.story import Act, Inspect, PlayedStory, Snapshot
from tests.scenario_stage import ChainStage

WORDS = read_words("scenarios.government")

ALL = [f"G{number}" for number in range(1, 16)]


@cache
def played_story() -> PlayedStory:
    return play(SCENARIO, ChainStage(SCENARIO))


def test_all_invariants_hold() -> None:
    assert [(finding.code, finding.faults) for finding in findings(played_story())] == [(code, ()) for code in ALL]


def test_every_fraud_of_the_trade_is_shown() -> None:
    played = played_story().steps
    refused = {outcome.code for one in played for outcome in one.outcomes if outcome.outcome != "committed"}
    found = {one.step.finds for one in played if isinstance(one.step, Inspect)} - {""}
    assert refused >= {
        "grant-revoked", "grant-expired", "grant-used-up", "field-creep", "other-agency", "code-for-other-matter", "no-matter",
        "unconditional", "deadline-missed", "licence-not-valid", "licence-ended", "nonce-used", "bad-identifier", "bad-uscc",
        "stale-version", "not-verified", "deposited-later", "other-purpose", "already-renewed", "wrong-code", "code-locked",
        "bad-arguments", "not-needed", "not-acknowledged", "grant-too-long", "code-of-another", "not-delegated",
        "no-legal-basis", "as-of-ahead", "corrected-since", "objected", "by-law",
    }  # fmt: skip
    assert found == {
        "binding-missing", "binding-signature", "binding-nonce", "binding-audience", "disclosure-not-referenced", "digest-twice",
        "licence-not-valid", "retention-over",
    }  # fmt: skip
    assert len(refused | found) >= 50
    assert 60 <= len(played) <= 220


def test_sources_are_of_refusals_and_findings() -> None:
    found = {step.finds for chapter in SCENARIO.story().chapters for step in chapter.steps if isinstance(step, Inspect)}
    assert set(WORDS.sources) - set(WORDS.refusals) - found == {"bad-arguments"}


def test_words_of_refusals_are_the_trades() -> None:
    details = [
        value
        for one in played_story().steps
        for outcome in one.outcomes
        if outcome.outcome == "rejected"
        for name, value in outcome.details.items()
        if name in ("state", "purpose", "asked", "agency", "applicant", "provider", "holder", "item", "licence")
    ]
    words = {part for value in details for part in (value if isinstance(value, list) else [value])}
    numbers = {word for word in words if any(sign.isdigit() for sign in str(word)) and word not in SCENARIO.terms}
    assert words - set(SCENARIO.terms) - numbers == set()


Story = tuple[PlayedEvent, ...]
Edit = Callable[[Story], Story]


def edited(name: str, by: Callable[[PlayedEvent], Story], at: Callable[[PlayedEvent], bool] = lambda _: True) -> Edit:
    """The story with other events in the place of the first such event."""

    def edit(story: Story) -> Story:
        place = next(place for place, one in enumerate(story) if one.name == name and at(one))
        return (*story[:place], *by(story[place]), *story[place + 1 :])

    return edit


def changed(name: str, at: Callable[[PlayedEvent], bool] = lambda _: True, **changes: Any) -> Edit:
    """Other data."""
    return edited(name, lambda one: (replace(one, data={**one.data, **changes}),), at)


def moved(name: str, by_ms: int, at: Callable[[PlayedEvent], bool] = lambda _: True) -> Edit:
    """Another time."""
    return edited(name, lambda one: (replace(one, time_ms=one.time_ms + by_ms),), at)


def signed(name: str, *signers: str) -> Edit:
    """Other signers."""
    return edited(name, lambda one: (replace(one, signers=signers),))


def without(name: str, at: Callable[[PlayedEvent], bool] = lambda _: True) -> Edit:
    """No such event."""
    return edited(name, lambda one: (), at)


def kept(story: Story) -> Story:
    return story


def is_of(**data: Any) -> Callable[[PlayedEvent], bool]:
    return lambda one: all(one.data.get(name) == value for name, value in data.items())


YEAR_MS = 366 * 86_400_000
BREACHES: Sequence[tuple[str, str, Edit, Mapping[tuple[str, str], Mapping[str, object]]]] = (
    ("G1", "fields", changed("accessed", fields=["name", "representative_id"]), {}),
    ("G1", "purpose", changed("accessed", purpose="statistics"), {}),
    ("G1", "time", moved("accessed", YEAR_MS), {}),
    ("G1", "code", without("code-redeemed"), {}),
    ("G1", "no grant", without("granted"), {}),
    ("G1", "too often", changed("granted", is_of(grant="C-1"), uses_max=0), {}),
    ("G2", "one side", signed("accessed", "permit-office"), {}),
    ("G2", "no receipt", without("accessed"), {}),
    ("G2", "uses", kept, {("grants", "RQ-1"): {"uses": 2}}),
    ("G3", "record", kept, {("holidays", ""): {"name": PEOPLE["companies"]["qingteng"]["legal_representative"]}}),
    ("G3", "event", changed("share-answered", reason=PEOPLE["answers"]["lease"]["owner_name"]), {}),
    ("G4", "two valid", changed("licence-moved", is_of(licence=identifier(QINGTENG), after="lapsed"), after="valid"), {}),
    ("G4", "unlinked", kept, {("licences", identifier(QINGTENG, 2)): {"previous": ""}}),
    ("G5", "withheld", without("licence-moved", is_of(licence=identifier(QINGTENG), after="valid", before="withheld")), {}),
    ("G5", "term", kept, {("licences", identifier(QINGTENG)): {"valid_to_on_ms": 0}}),
    ("G6", "after", lambda story: _again(story, "accessed", "C-3"), {}),
    ("G7", "not shared", changed("item-published", is_of(item="EL-001"), attribute="not-shared"), {}),
    ("G7", "denied", changed("share-answered", is_of(outcome="denied"), request="RQ-1"), {}),
    ("G7", "state", kept, {("requests", "RQ-1"): {"state": "denied"}}),
    ("G8", "changed", kept, {("versions", "SB-01:001"): {"fields": ("insured_employees",)}}),
    ("G8", "schema", changed("accessed", schema_digest="0" * 64), {}),
    ("G9", "earlier", kept, {("evidence", "E-3"): {"deposited_at_ms": 0}}),
    ("G9", "no match", kept, {("evidence", "E-3"): {"state": "admitted"}}),
    ("G10", "one side", signed("matter-opened", "yanshan"), {}),
    ("G10", "no matter", without("matter-opened"), {}),
    ("G10", "closed", lambda story: _earlier(story, "matter-closed", is_of(matter="XK-0402")), {}),
    ("G11", "unasked", signed("share-answered", "data-bureau"), {}),
    ("G11", "late", moved("share-answered", YEAR_MS), {}),
    ("G11", "early", moved("share-escalated", -YEAR_MS), {}),
    ("G1", "objected", lambda story: _earlier(story, "objected", is_of(request="RQ-10"), use="ZF-0428:SB-02"), {}),
    ("G10", "objected", lambda story: _earlier(story, "objected", is_of(request="RQ-10"), use="ZF-0428:HB-01"), {}),
    ("G12", "prolonged", changed("matter-opened", is_of(matter="ZF-0428"), opened_at_ms=on("2026-04-01")), {}),
    ("G12", "no reason", changed("share-requested", is_of(request="RQ-5"), reason=None), {}),
    ("G12", "unseen", without("notice-seen", is_of(notice="XK-0403:excess:RQ-5")), {}),
    ("G12", "too long", changed("granted", is_of(grant="C-1"), expires_on_ms=on("2027-04-01")), {}),
    ("G13", "colleague", changed("matter-delegated", clerk="permit-office.window"), {}),
    ("G13", "account", signed("account-opened", "yanshan.zhou"), {}),
    ("G14", "not counted", kept, {("look_counts", "qingteng"): {"count": 1}}),
    ("G14", "not listed", kept, {("looks", "qingteng:000001"): {"subject": "baihua"}}),
    ("G14", "not told", changed("accessed", is_of(receipt="R-11"), receipt="R-0"), {}),
    ("G14", "not seen", without("notice-seen", is_of(notice="ZF-0428:correction:K-4:R-11")), {}),
    ("G15", "two codes", kept, {("licences", identifier(QINGTENG, 2)): {"holder_code": "91110105MA10BH0106"}}),
)  # fmt: skip


@pytest.mark.parametrize(("code", "what", "change", "records"), BREACHES, ids=[f"{code} {what}" for code, what, *_ in BREACHES])
def test_a_breach_is_found(
    code: str, what: str, change: Callable[[Story], Story], records: Mapping[tuple[str, str], Mapping[str, object]]
) -> None:
    story, state = change(played_events(played_story())), with_changes(played_story().records, records)
    assert code in [finding.code for finding in judged(state, story) if finding.faults]


def with_changes(state: Snapshot, changes: Mapping[tuple[str, str], Mapping[str, object]]) -> Snapshot:
    """The state with fields of some records changed, unchecked; an empty key is the first one."""
    found: dict[str, dict[str, Record]] = {name: dict(rows) for name, rows in state.items()}
    for (collection, key), fields in changes.items():
        place = key or next(iter(found[collection]))
        found[collection][place] = found[collection][place].model_copy(update=dict(fields))
    return found


def _again(story: Story, name: str, grant: str) -> Story:
    """The story with an event of a grant once more at its end."""
    one = next(one for one in story if one.name == name and one.data["grant"] == grant)
    return (*story, replace(one, time_ms=story[-1].time_ms))


def _earlier(story: Story, name: str, after: Callable[[PlayedEvent], bool], **changes: Any) -> Story:
    """The story with its first such event just behind another one."""
    first = next(one for one in story if one.name == name)
    place = next(place for place, one in enumerate(story) if after(one))
    return (*story[: place + 1], replace(first, data={**first.data, **changes}), *story[place + 1 :])


def test_figures_of_the_story() -> None:
    state = played_story().records
    assert [(one.purpose, one.after["documents"]) for one in savings(state, "qingteng")] == [
        ("account-opening", 2), ("restaurant-permit", 3),
    ]  # fmt: skip
    assert {one.department: (one.in_time, one.late, one.by_rule) for one in punctuality(state)} == {
        "social-security": (3, 1, 1), "tax-office": (2, 0, 0), "housing-bureau": (3, 2, 0), "market-bureau": (1, 0, 0),
    }  # fmt: skip
    waits, fields = key_figures(played_story())
    assert [value.en for figure in (waits, fields) for _, value in figure.values] == ["0 h, the longest 264 h", "14 of 15"]
    _, burden, *_ = exhibits(played_story())
    assert "Hours are assumed on both sides" in burden.reading.en
    assert burden.markup.en.count("hours (assumed)</text>") == burden.markup.zh.count("小时（假设）</text>") == 2
    assert [(one.purpose, one.needed, one.obtained, one.beyond, one.available) for one in disclosure(state)] == [
        ("account-opening", 3, 3, 0, 6), ("fire-inspection", 3, 3, 0, 6), ("rent-subsidy", 2, 1, 0, 5),
        ("restaurant-permit", 7, 7, 1, 16),
    ]  # fmt: skip
    assert [(key, days, [verdict for _, verdict in verdicts]) for key, _, verdicts, days in examined(state)] == [
        ("E-1", 18, ["mismatch", "match"]), ("E-2", 18, ["mismatch", "match"]), ("E-3", -1, []),
    ]  # fmt: skip


def test_a_notarys_root_is_worked_out_by_the_contract() -> None:
    assert leaf_of("E-1", "0" * 64) == b'["E-1","' + b"0" * 64 + b'"]'
    assert len({batch.root for batch in played_story().records["batches"].values()}) == 2  # type: ignore[attr-defined]


def test_every_chapter_acts() -> None:
    assert all(any(isinstance(step, Act) for step in chapter.steps) for chapter in SCENARIO.story().chapters)
