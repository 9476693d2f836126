"""The year by the hour: what is certified, claimed and drawn is what was metered and needed; the same on a user's file."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger.contract import Context
from ledger.contract.refusal import Phrase
from ledger.encoding import encode
from ledger.identity.records import Parameters
from scenarios import commands
from scenarios.command_line import application
from scenarios.energy import issuance
from scenarios.energy.audit import SEED, audit
from scenarios.energy.cast import BUSINESS_PARK
from scenarios.energy.exhibits import share
from scenarios.energy.figures import certified_hours, endings, matched, refusals_by_kind, scores, trades, vintages
from scenarios.energy.first_day import MWH
from scenarios.energy.quantities import HOUR_MS, PPM, hours_in, month_start_ms
from scenarios.energy.readings_file import read_own, read_readings
from scenarios.energy.records import Bundle, Claim, Consumption
from scenarios.energy.scenario import SCENARIO, first_midnight_ms, with_data
from scenarios.energy.year_plan import ANNUAL_WH, YearPlan, default_plan, plan_of, read_days
from scenarios.importing.faults import InputFaults
from scenarios.story.play import play
from scenarios.story.story import Act, PlayedStory
from tests.scenario_stage import ChainStage, played_on_a_chain

PLAN = default_plan()
played = partial(played_on_a_chain, "energy")


def of_the_park(played_story: PlayedStory) -> Iterator[Claim]:
    for claim in played_story.records["claims"].values():
        assert isinstance(claim, Claim)
        if claim.consumer == BUSINESS_PARK:
            yield claim


def test_every_month_is_claimed_once() -> None:
    assert sorted(claim.month for claim in of_the_park(played())) == list(PLAN.months)
    assert len(PLAN.months) == 12


def test_what_is_claimed_in_an_hour_is_what_met_the_load_then() -> None:
    wind, sun = (read_days(name) for name in ("wind.csv", "solar.csv"))
    used = matched(played().records, PLAN)
    starts = [month_start_ms(month) + hour * HOUR_MS for month in PLAN.months for hour in range(hours_in(month))]
    load = [energy_wh for month in PLAN.months for energy_wh in PLAN.load_wh(month)]
    generated = [max(wind.get(start_ms, 0), 0) + max(sun.get(start_ms, 0), 0) for start_ms in starts]
    assert used == [min(pair) for pair in zip(load, generated, strict=True)]
    assert sum(used) == sum(claim.energy_wh for claim in of_the_park(played()))


def test_the_year_is_greener_by_the_year_than_by_the_hour() -> None:
    found = scores(played().records, PLAN)
    assert (found.annual_ppm // 1000, found.monthly_ppm // 1000, found.hourly_ppm // 1000) == (993, 904, 634)
    assert abs(found.load_wh - ANNUAL_WH) < ANNUAL_WH // 50


def test_gaps_and_hours_that_drew_power_have_no_certificate() -> None:
    for device, name in zip(PLAN.devices, ("wind.csv", "solar.csv"), strict=True):
        positive = sum(energy_wh > 0 for energy_wh in read_days(name).values())
        issued = sum(sum(1 for energy_wh in device.fit_wh(month) if energy_wh) for month in PLAN.months)
        assert issued == positive
    assert certified_hours(played().records, PLAN) == PLAN.funnel.positive_hours


def test_every_reading_and_every_hour_is_in_the_funnel() -> None:
    found = PLAN.funnel
    assert (found.readings, found.whole_hours + found.gap_hours) == (245_280, 2 * 8_760)


def test_gaps_are_those_between_the_first_and_the_last_hour(tmp_path: Path) -> None:
    for plan in (PLAN, own(interval_file(tmp_path / "roof.csv", 24 * 30))):
        assert sum(plan.gaps(device, month) for device in plan.devices for month in plan.months) == plan.funnel.gap_hours > 0


def test_every_watt_hour_ends_in_one_place() -> None:
    records = played().records
    leaves = [bundle for bundle in records["bundles"].values() if isinstance(bundle, Bundle) and bundle.state != "split"]
    whole = sum(bundle.energy_wh for bundle in leaves)
    assert sum(sum(states.values()) for states in endings(records).values()) == whole
    assert sum(sum(states.values()) for states in vintages(records).values()) == whole


def test_the_surplus_of_the_first_month_expires() -> None:
    assert vintages(played().records)["2026-04"]["expired"] > 0


def test_loads_are_on_the_ledger_sealed_alone() -> None:
    records = [record for key, record in played().records["consumptions"].items() if key.startswith(BUSINESS_PARK)]
    assert len(records) == 12
    assert all(isinstance(record, Consumption) and len(record.load.sealed) == 64 for record in records)


def test_every_kind_of_double_counting_is_tried() -> None:
    assert min(count for _, count in refusals_by_kind(played())) > 0


def test_a_month_fits_a_transaction() -> None:
    sizes = [len(encode(dict(arguments))) for played in played().steps for arguments in played.arguments]
    assert max(sizes) < Parameters().transaction_bytes_max // 2


def test_every_sale_has_its_price() -> None:
    assert [(lot, sold.price_cents) for _, lot, sold in trades(played())] == [("FL-SEA:2026-03", 620), ("FL-SEA:2026-04-2", 610)]


def test_whoever_needs_a_sealed_load_says_where_it_is_from() -> None:
    for exhibit in SCENARIO.exhibits(played())[:3]:
        assert "sealed" in exhibit.reading.en
        assert "密封" in exhibit.reading.zh


# The audit


def test_no_attack_of_the_audit_certifies_a_wh_beyond_the_truth() -> None:
    found = audit(PLAN)
    assert found.refused == found.tried
    assert sum(found.tried.values()) > 500
    assert found.beyond_wh == 0
    told = files("scenarios.energy").joinpath("README.md").read_text(encoding="utf-8")
    numbers = (sum(found.tried.values()), len(found.tried), SEED, found.certified_wh // MWH, found.misread_wh // (MWH // 10) / 10)
    assert [
        said for said in ("{} attacks of {} kinds (seed {})", "{3:,} MWh", "{4} MWh") if said.format(*numbers) not in told
    ] == []


@pytest.mark.parametrize("code", ["hour-issued", "above-metered", "reading-conflicts", "sun-after-dark"])
def test_an_audit_of_a_contract_that_forgets_a_rule_finds_it(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    require = Context.require

    def forgetful(self: Context, condition: bool, rule: str, /, **details: object) -> None:
        require(self, condition or rule == code, rule, **details)

    monkeypatch.setattr(Context, "require", forgetful)
    found = audit.__wrapped__(PLAN)
    assert found.beyond_wh > 0
    assert found.refused != found.tried


def test_an_audit_without_deficits_finds_what_was_read_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuance, "_withheld", lambda energy_wh, deficit_wh: (0,) * len(energy_wh))
    found = audit.__wrapped__(PLAN)
    assert found.beyond_wh == found.misread_wh


def test_the_report_leads_with_the_audit_and_the_match_by_the_hour() -> None:
    values = [figure.values[0][1].en for figure in SCENARIO.key_figures(played())]
    assert values == ["0 Wh of 16,162 MWh", "63.4 %"]


# A user's own file


def test_the_users_own_load_is_matched_by_the_hour() -> None:
    folder = Path(str(files("scenarios.energy") / "data" / "sample"))
    plan = plan_of(*read_own(folder))
    scenario = with_data(folder)
    played_story = play(scenario, ChainStage(scenario))
    generated = [sum(hours) for hours in zip(*(device.fit_wh("2026-04") for device in plan.devices), strict=True)]
    used = matched(played_story.records, plan)
    assert used == [min(pair) for pair in zip(plan.load_wh("2026-04"), generated, strict=True)]
    figure = scenario.key_figures(played_story)[1]
    assert figure.values[0] == ("computed", Phrase(*[share(sum(used) * PPM // sum(plan.load_wh("2026-04")))] * 2))
    assert "your load.csv" in figure.method.en
    assert "the load of load.csv" in scenario.summary.en


def interval_file(path: Path, hours: int, *, spoiled: bool = False) -> Path:
    """A brook by the hour, a roof of 5 kW by half-hours, in 2024 from the middle of a month; `spoiled`: a row is no reading."""
    start = datetime(2024, 2, 20, tzinfo=UTC)
    rows = ["device,technology,capacity_kw,start,end,energy_wh,quality,latitude,longitude"]
    for place in range(hours):
        times = (f"{start + (place + end) * timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}" for end in (0, 1))
        rows.append(",".join(("brook-1", "hydro", "0.01", *times, str(1 + place % 3), "", "", "")))
    for place in range(2 * hours):
        at = start + place * timedelta(minutes=30)
        energy_wh = (6 - abs(at.hour - 4)) * 300 + place % 7 - 3 if at.hour < 10 else -(place % 3)
        quality = "estimated" if place % 50 == 49 else "measured"
        times = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (at, at + timedelta(minutes=30)))
        rows.append(",".join(("roof-1", "solar", "5", *times, str(energy_wh), quality, "39.9", "116.4")))
    if spoiled:
        rows[7] = rows[7].replace("Z,", ",", 1)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def own(path: Path) -> YearPlan:
    return plan_of(read_readings(path))


def test_the_same_rules_run_over_a_users_file(tmp_path: Path) -> None:
    path = interval_file(tmp_path / "roof.csv", 24 * 30)
    scenario = with_data(path)
    played_story = play(scenario, ChainStage(scenario))
    outcomes = {outcome.code for played in played_story.steps if isinstance(played.step, Act) for outcome in played.outcomes}
    assert outcomes == {"ok"}
    assert [finding for finding in scenario.findings(played_story) if finding.faults] == []
    plan = own(path)
    issued = sum(sum(states.values()) for states in endings(played_story.records).values())
    brook, roof = (device.judged for device in read_readings(path))
    assert issued == sum(max(energy_wh, 0) for judged in (brook, roof) for energy_wh in judged.hours.values())
    assert certified_hours(played_story.records, plan) == brook.positive_hours + roof.positive_hours
    assert (brook.refused, roof.refused) == ({}, {"estimated": 28})
    assert "estimated, not measured: 28;" in scenario.summary.en
    used = [
        key for key, bundle in played_story.records["bundles"].items() if isinstance(bundle, Bundle) and bundle.state == "claimed"
    ]
    assert used == ["brook-1:2024-02:464", "brook-1:2024-03:000", "roof-1:2024-02:464-1", "roof-1:2024-03:008-1"], "all or a part"
    shown = scenario.exhibits(played_story)
    assert all(exhibit.markup.en for exhibit in shown)
    notes = " ".join(exhibit.reading.en for exhibit in shown)
    assert "a standard profile (BDEW G25) made as large as what the plants of your file generate" in notes
    assert "own data" not in notes
    assert "standard load profile" in scenario.summary.en


def test_the_ledger_begins_with_the_files_first_month(tmp_path: Path) -> None:
    path = interval_file(tmp_path / "roof.csv", 24 * 30)
    plan = own(path)
    assert plan.months == ("2024-02", "2024-03")
    assert first_midnight_ms(plan) <= month_start_ms("2024-02") < first_midnight_ms(plan) + 24 * HOUR_MS
    assert with_data(path).specification().start_time_ms == first_midnight_ms(plan)


def test_the_load_is_as_large_as_the_files_generation_and_lies_within_its_hours(tmp_path: Path) -> None:
    plan = own(interval_file(tmp_path / "roof.csv", 24 * 30))
    load = [energy_wh for month in plan.months for energy_wh in plan.load_wh(month)]
    generated = sum(sum(device.fit_wh(month)) for device in plan.devices for month in plan.months)
    assert abs(sum(load) - generated) < generated // 100
    assert sum(energy_wh > 0 for energy_wh in load) == 24 * 30, "and nothing before and after"
    assert sum(load) <= generated < sum(load) * PPM


def test_one_wh_in_all_is_a_story_too(tmp_path: Path) -> None:
    path = tmp_path / "tiny.csv"
    times = "2026-04-01T00:00:00+08:00,2026-04-01T01:00:00+08:00"
    path.write_text(f"device,technology,capacity_kw,start,end,energy_wh\nwheel,hydro,1,{times},1\n", encoding="utf-8")
    scenario = with_data(path)
    played_story = play(scenario, ChainStage(scenario))
    assert all(exhibit.markup.en for exhibit in scenario.exhibits(played_story))


def test_a_file_with_a_fault_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        with_data(interval_file(tmp_path / "roof.csv", 24, spoiled=True))
    assert [(fault.line, fault.field, fault.reason) for fault in caught.value.faults] == [(8, "start", "no-time-zone")]


def test_the_command_line_takes_a_file_and_names_its_faults(tmp_path: Path) -> None:
    assert commands.choose("energy", None, "en") is SCENARIO
    good, bad = interval_file(tmp_path / "good.csv", 24), interval_file(tmp_path / "bad.csv", 24, spoiled=True)
    report = tmp_path / "report.html"
    arguments = ["simulate", "--scenario", "energy", "--seed", "1", "--report", str(report), "--data"]
    done = CliRunner().invoke(application, [*arguments, str(good)])
    assert done.exit_code == 0, done.output
    assert "good.csv" in report.read_text(encoding="utf-8")
    report.unlink()
    refused = CliRunner().invoke(application, [*arguments, str(bad)])
    assert refused.exit_code == 1
    assert "bad.csv:8" in refused.output
    assert not report.exists()
