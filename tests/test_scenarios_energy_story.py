"""The story of the energy records: it ends as told, an oracle that sees judges it, loads stand nowhere in the open."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from ledger.contract import Record
from ledger.contract.records import read_member
from ledger.encoding import encode
from scenarios.data_files import read_data
from scenarios.energy.cast import (
    ALUMINIUM,
    ASSURANCE,
    COLD_STORE,
    DATA_CENTRE,
    ISSUER,
    LATE,
    MEMBERS,
    METERS,
    MONTH,
    MORNING,
    PACKAGE,
    TEXTILES,
    WIND_KEY,
)
from scenarios.energy.contract import Energy
from scenarios.energy.first_day import CLAIM, LOADS, MWH
from scenarios.energy.invariants import Evidence, findings
from scenarios.energy.loads import fault_of_claim
from scenarios.energy.records import StorageTerms
from scenarios.energy.scenario import SCENARIO
from scenarios.energy.story_green import HONGDA_APRIL, SEA
from scenarios.energy.transitions import BUNDLES
from scenarios.story.play import plain, play
from scenarios.story.story import Language, PlayedStep, PlayedStory
from tests.breaches import Change, changed, retold, with_record, without
from tests.scenario_stage import ChainStage

SHOWN = (
    *("above-capacity", "reading-conflicts", "nothing-generated", "reading-repeated", "quality-unfit", "hour-issued"),
    *("wrong-state", "reserved-for-other", "wrong-sum", "hour-mismatch", "not-hourly", "wrong-zone", "expired"),
    *("green-or-carbon", "not-tradable", "already-traded", "storage-no-green", "not-whitelisted", "ids-overlap"),
    *("site-registered", "meter-has-read", "meter-not-on", "sun-after-dark", "not-first-out", "storage-closed"),
    *("no-load", "hour-claimed", "claimed-otherwise", "residual-published", "not-in-service"),
)
"""What the trade's list of frauds asks for."""


@pytest.fixture(scope="module")
def stage() -> ChainStage:
    return ChainStage(SCENARIO)


@pytest.fixture(scope="module")
def played_story(stage: ChainStage) -> PlayedStory:
    return play(SCENARIO, stage)


def test_every_fraud_of_the_list_is_refused(played_story: PlayedStory) -> None:
    codes = {outcome.code for played in played_story.steps for outcome in played.outcomes}
    assert set(SHOWN) <= codes


def test_the_invariants_hold(played_story: PlayedStory) -> None:
    assert [(finding.code, finding.faults) for finding in findings(played_story) if finding.faults] == []
    assert [finding.code for finding in findings(played_story)] == [f"E{number}" for number in range(1, 12)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_names_the_sources_of_its_figures(played_story: PlayedStory, language: Language) -> None:
    words = " ".join(shown.reading.said(language) for shown in SCENARIO.exhibits(played_story))
    assert [name for name, entry in read_data(PACKAGE, "manifest.json").items() if entry["attribution"] not in words] == []


def test_every_plot_that_the_trade_asks_for_is_shown(played_story: PlayedStory) -> None:
    titles = [shown.title.en for shown in SCENARIO.exhibits(played_story)]
    assert [title.split()[0] for title in titles] == [
        *("How", "Matched", "Load", "An", "The", "Where", "Certificates", "Attempts", "Prices", "Forecast", "From", "Readings"),
    ]


def test_nothing_that_is_over_is_left_valid(played_story: PlayedStory) -> None:
    bundles, now_ms = cast("dict[str, Any]", played_story.records["bundles"]), played_story.head.time_ms
    over = {key: bundle.state for key, bundle in bundles.items() if bundle.expires_ms <= now_ms}
    assert [key for key, state in over.items() if state in BUNDLES["expire"]] == []


# With the openings


def test_no_claim_exceeds_what_was_metered(stage: ChainStage, played_story: PlayedStory) -> None:
    opened = {
        f"{claim.consumer}:{claim.month}": cast("dict[str, int]", _load(stage, claim.consumer, claim.month))
        for claim in cast(Any, played_story.records["claims"].values())
    }
    assert len(opened) > 1
    evidence = Evidence(played_story.records, ())
    assert list(claimed_within(evidence, opened)) == []
    opened[f"{DATA_CENTRE}:{MONTH}"]["021"] = 3 * MWH
    assert list(claimed_within(evidence, opened)) == [f"{DATA_CENTRE}:{MONTH} hour 21: {4 * MWH} claimed of {3 * MWH}"]


def claimed_within(evidence: Evidence, metered: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """E6 for who holds the openings: of every consumer and hour all claims together are within the load.

    `metered` holds, by `CONSUMER:MONTH`, the opened hours `000` to `743`.
    """
    claimed: Counter[tuple[str, int]] = Counter()
    for claim in evidence.claims().values():
        if claim.lot and (most_wh := sum(metered[f"{claim.consumer}:{claim.month}"].values())) < claim.energy_wh:
            yield f"{claim.consumer}:{claim.month}: {claim.energy_wh} claimed of {most_wh}"
        claimed.update({(f"{claim.consumer}:{claim.month}", part.hour): part.energy_wh for part in claim.hours})
    for (key, hour), energy_wh in claimed.items():
        if energy_wh > metered[key][f"{hour:03}"]:
            yield f"{key} hour {hour}: {energy_wh} claimed of {metered[key][f'{hour:03}']}"


def _load(stage: ChainStage, consumer: str, month: str) -> dict[str, object]:
    label = f"load:{consumer}" if consumer in LOADS else f"load:{consumer}:{month}"
    return dict(cast("dict[str, object]", stage.files.opening(METERS, label).value))


def test_a_load_stands_nowhere_in_the_open(played_story: PlayedStory) -> None:
    words = encode(plain([[*map(_json, part.values())] for part in played_story.records.values()]))
    words += encode(plain([played.arguments for played in played_story.steps]))
    for consumer in (ALUMINIUM, COLD_STORE, TEXTILES):
        assert str(LOADS[consumer]).encode() not in words


def _json(record: Record) -> Any:
    return record.model_dump(mode="json")


@pytest.mark.parametrize(
    "changes",
    [{"consumer": ALUMINIUM}, {"month": "2026-05"}, {"metered_wh": [12 * MWH]}, {"hours": []}, {"hours": [*range(1, 24), 0]}],
)
def test_evidence_of_another_claim_is_none(stage: ChainStage, played_story: PlayedStory, changes: dict[str, Any]) -> None:
    assert _fault(stage, played_story, changes) == "other-claim"


def test_evidence_shows_an_hour_claimed_beyond_the_meter(stage: ChainStage, played_story: PlayedStory) -> None:
    assert _fault(stage, played_story, {"metered_wh": [12 * MWH] * 21 + [3 * MWH] + [12 * MWH] * 2}) == "above-metered"


def test_evidence_shows_a_month_of_green_certificates_beyond_the_meter(stage: ChainStage, played_story: PlayedStory) -> None:
    for metered_wh, fault in ((20_000 * MWH, ""), (20_000 * MWH - 1, "above-metered")):
        assert _fault(stage, played_story, {"metered_wh": [metered_wh]}, HONGDA_APRIL) == fault


def _fault(stage: ChainStage, played_story: PlayedStory, changes: dict[str, Any], key: str = CLAIM) -> str:
    """What a verifier finds where consumer and meter operator sealed something else together."""
    value = {**cast("dict[str, Any]", stage.files.opening(ASSURANCE, f"evidence:{key}").value), **changes}
    sealed = cast(Any, stage.files.seal("forger.here", "other", value))["sealed"]
    claim = cast(Any, played_story.records["claims"][key])
    other = claim.replace(evidence=replace(claim.evidence, sealed=sealed))
    state = {**played_story.records, "claims": {key: other}}
    return fault_of_claim(stage.files.opening("forger.here", "other"), state, key)


def test_only_the_entitled_hold_openings(stage: ChainStage, played_story: PlayedStory) -> None:
    holders = {member: {*found} for member, found in stage.files._openings.items()}
    assert {member for member, found in holders.items() if f"load:{DATA_CENTRE}" in found} == {METERS, DATA_CENTRE, ISSUER}
    assert holders[ASSURANCE] == {f"evidence:{claim}" for claim in Evidence(played_story.records, ()).claims()}


def test_who_may_read_what_at_the_end(stage: ChainStage, played_story: PlayedStory) -> None:
    """Every member × every sealed record: its consumer, those who see the meter, a claim's verifier, and nobody else."""
    view = stage.decided.view
    for collection in ("consumptions", "claims"):
        for key, record in played_story.records[collection].items():
            expected = {cast(Any, record).consumer: "consumer", METERS: "meter", ISSUER: "meter"}
            if collection == "claims":
                expected[ASSURANCE] = "verifier"
            for person in MEMBERS:
                member = read_member(view.state, person["member"])
                assert member is not None
                rule = Energy.read_rule(view.state, record, member, played_story.head.time_ms, played_story.head.height)
                assert rule == expected.get(member.member, ""), (key, member.member)


# An oracle that sees


def _reading(key: str, hour: int, value: int | None, sign: str = "V") -> Change:
    def changed(played_story: PlayedStory) -> PlayedStory:
        held = cast(Any, played_story.records["readings"][key])
        return with_record(played_story, "readings", key, held.replace(
            energy_wh=(*held.energy_wh[:hour], value, *held.energy_wh[hour + 1 :]),
            quality=held.quality[:hour] + sign + held.quality[hour + 1 :],
        ))  # fmt: skip

    return changed


def _shifted(key: str) -> Change:
    """A part that begins one id too early, as the known off-by-one makes it."""

    def changed(played_story: PlayedStory) -> PlayedStory:
        bundle = cast(Any, played_story.records["bundles"][key])
        first, *others = bundle.slices
        return with_record(played_story, "bundles", key, bundle.replace(slices=(first._replace(first=first.first - 1), *others)))

    return changed


def _returned(played_story: PlayedStory) -> PlayedStory:
    """A cancelled bundle is passed on in the last step."""
    *others, last = played_story.steps
    data: dict[str, Any] = {"bundle": LATE, "sender": DATA_CENTRE, "to": ALUMINIUM, "energy_wh": 1}
    outcome = replace(last.outcomes[0], events=(("transferred", data),))
    return replace(played_story, steps=(*others, replace(last, outcomes=(outcome,))))


def _unvouched(played_story: PlayedStory) -> PlayedStory:
    def alone(played: PlayedStep) -> PlayedStep:
        step = cast(Any, played.step)
        return (
            replace(played, step=replace(step, actors=(DATA_CENTRE,))) if getattr(step, "actors", ())[1:] == (METERS,) else played
        )

    return replace(played_story, steps=tuple(map(alone, played_story.steps)))


BREACHES: dict[str, tuple[str, Change]] = {
    "less metered than issued": ("E1", _reading(f"FL-1:{MONTH}", 0, 30 * MWH)),
    "issued on an estimate": ("E1", _reading(f"FL-1:{MONTH}", 0, 31 * MWH, "E")),
    "withheld twice": ("E1", changed("issuances", f"FL-1:{MONTH}", withheld_wh=(0,) * 720)),
    "issued on nothing": ("E1", _reading(f"FL-1:{MONTH}", 0, None, "-")),
    "a reading beyond capacity": ("E1", _reading(f"XN-1:{MONTH}", 0, 11_000_001)),
    "ids that overlap": ("E2", _shifted(f"{WIND_KEY}-2")),
    "ids that are missing": ("E2", without("bundles", f"{WIND_KEY}-2")),
    "green numbers that are missing": ("E2", without("green_lots", SEA + "-1")),
    "certificates from nowhere": ("E3", retold(lambda name, data: None if data.get("before") == "none" else data)),
    "a state by no event": ("E3", changed("bundles", f"{WIND_KEY}-2", state="active")),
    "parts that are more": ("E4", changed("bundles", f"{WIND_KEY}-2", energy_wh=1)),
    "another lineage": ("E4", changed("bundles", f"{WIND_KEY}-2", lineage="0" * 64)),
    "parts of other ids": ("E4", _shifted(f"{WIND_KEY}-2")),
    "used without a beneficiary": ("E5", changed("bundles", f"{MORNING}-4", beneficiary="")),
    "back from the dead": ("E5", _returned),
    "spent twice": ("E5", lambda p: with_record(p, "claims", "copy", p.records["claims"][CLAIM])),
    "another hour": ("E6", changed("claims", CLAIM, hours=((2, 5),))),
    "another zone": ("E6", changed("consumptions", f"{DATA_CENTRE}:{MONTH}", zone="CN-EAST")),
    "nobody vouched": ("E6", _unvouched),
    "a load claimed by both kinds": ("E6", changed("consumptions", f"{DATA_CENTRE}:{MONTH}", green_count=1)),
    "green certificates behind two claims": ("E6", lambda p: with_record(p, "claims", "copy", p.records["claims"][HONGDA_APRIL])),
    "more green certificates than claimed": ("E6", changed("consumptions", f"{ALUMINIUM}:{MONTH}", green_count=20_001)),
    "an hour claimed and not marked": ("E6", changed("consumptions", f"{DATA_CENTRE}:{MONTH}", is_claimed=(False,) * 720)),
    "a claim that nobody attested": (
        "E6",
        retold(lambda name, data: None if name == "claim-judged" and data["claim"] == CLAIM else data),
    ),
    "sold and credited": ("E7", changed("green_lots", "FL-SEA:2026-04-1", was_traded=True)),
    "certified both ways": ("E7", changed("bundles", LATE, device="FL-SEA", month="2026-03")),
    "sold though for own use": ("E7", changed("green_lots", "GH-ROOF:2026-03", was_traded=True)),
    "certified after the residual mix": (
        "E7",
        retold(lambda name, data: {**data, "bundle": "GH-1:2026-03:000"} if data.get("bundle") == "FL-2:2026-05:000" else data),
    ),
    "a credit beside live certificates": ("E7", changed("green_lots", "FL-SEA:2026-04-1", state="issued")),
    "a certificate too many": ("E8", changed("devices", "FL-SEA", green_max=10**6)),
    "a carry that grew": ("E8", changed("devices", "GH-ROOF", carry_wh=999_999)),
    "more out than in": (
        "E9",
        changed("devices", "XN-1", storage_terms=StorageTerms(efficiency_ppm=80_000, holds_wh=9, opening_wh=0)),
    ),
    "grey that came out as sun": ("E9", _reading(f"XN-1:{MONTH}", 2, -9 * MWH)),
    "a charge without power": ("E9", _reading(f"XN-1:{MONTH}", 11, -1)),
    "a battery that generates": ("E9", without("discharges", LATE)),
    "one site, two plants": ("E11", lambda p: with_record(p, "devices", "FL-2", p.records["devices"]["FL-1"])),
    "two meters at a time": ("E11", changed("meters", "M-GH-1", until_ms=0)),
    "a longer life": ("E10", changed("bundles", LATE, expires_ms=2 * 10**12)),
    "swept too early": ("E10", lambda p: replace(p, steps=tuple(replace(t, time_ms=t.time_ms - 10**9) for t in p.steps))),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_an_oracle_that_sees(played_story: PlayedStory, breach: str) -> None:
    code, change = BREACHES[breach]
    broken = {finding.code for finding in findings(change(played_story)) if finding.faults}
    assert code in broken
