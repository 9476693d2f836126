"""Every rule of the energy records, what they allow, their arithmetic, and who may read what."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.identity.records import Member
from scenarios.dates import on
from scenarios.energy import cast, quantities
from scenarios.energy.cast import MONTH
from scenarios.energy.contract import Energy
from scenarios.energy.daylight import is_dark
from scenarios.energy.first_day import MWH, SOLAR_WH, WIND_WH
from scenarios.energy.records import PRICE_MAX, Place, StorageTerms
from scenarios.energy.storage import first_out
from tests import energy_world as given
from tests.energy_rules import attempt
from tests.energy_world import BUNDLE, LOT, NOON, SEA

# What is allowed


def test_a_part_is_cut_by_hours_and_ids() -> None:
    world = given.certified().then(Energy.split, parts=given.parts((1, 0, 5), (30, 33, 0), (0, 0, 30)))
    slices = [[tuple(part) for part in world.contract.bundles[f"{BUNDLE}-{number}"].slices] for number in (1, 2, 3)]
    assert slices == [
        [(0, 1, MWH), (2, 64 * MWH + 1, 69 * MWH)],
        [(0, MWH + 1, 31 * MWH), (1, 31 * MWH + 1, 64 * MWH)],
        [(2, 69 * MWH + 1, 99 * MWH)],
    ]


def test_a_gap_is_filled_with_a_reason_and_both_values_stay() -> None:
    world = given.opened().at("2026-04-02").then(Energy.submit_readings, energy_wh=(5, None), quality="V-")
    for value in (7, 8):
        world.then(Energy.correct_reading, hour=1, energy_wh=value)
    held = world.contract.readings[f"FL-1:{MONTH}"]
    assert (held.energy_wh[:3], held.quality[:3]) == ((5, 8, None), "VM-")
    versions = [(key, found.before_wh, found.after_wh) for key, found in world.contract.corrections.items()]
    assert versions == [(f"FL-1:{MONTH}:001:1", None, 7), (f"FL-1:{MONTH}:001:2", 7, 8)]


def test_what_was_withdrawn_may_be_corrected_and_is_not_certified_again() -> None:
    world = given.certified().then(Energy.withdraw)
    world.then(Energy.correct_reading, hour=0, energy_wh=30 * MWH)
    assert attempt(Energy.issue, energy_wh=given.wh(30), first_id=99 * MWH + 1)(world) == "hour-issued"


def test_a_lock_keeps_what_it_was() -> None:
    for world, state in ((given.certified(), "active"), (given.reserved(), "reserved")):
        world.then(Energy.lock).then(Energy.unlock)
        assert world.contract.bundles[BUNDLE].state == state


def test_two_charges_come_out_in_one_hour() -> None:
    world = given.certified().then(Energy.split, by=cast.SOLAR, bundle=NOON, parts=given.parts((10, 0), (0, 10), (11, 12)))
    for bundle in (f"{NOON}-1", f"{NOON}-2"):
        world.then(Energy.cancel, by=cast.SOLAR, bundle=bundle, beneficiary=cast.BATTERY).then(Energy.charge, bundle=bundle)
    first_wh, second_wh = 8_600_000 - given.EVENING_WH, 8_400_000 - (8_600_000 - given.EVENING_WH)
    world.then(Energy.discharge, charge=f"{NOON}-1", hour=20, energy_wh=first_wh)
    more = attempt(Energy.discharge, charge=f"{NOON}-1", hour=20, energy_wh=1, first_id=first_wh + 1)
    assert more(world) == "not-first-out"
    world.then(Energy.discharge, charge=f"{NOON}-2", hour=20, energy_wh=second_wh, first_id=first_wh + 1)
    assert [key for key, found in world.contract.bundles.items() if found.is_storage] == [
        f"XN-1:{MONTH}:020",
        f"XN-1:{MONTH}:020#{first_wh + 1}",
    ]


def test_first_in_first_out_by_hand() -> None:
    terms = StorageTerms(efficiency_ppm=500_000, holds_wh=100, opening_wh=10)
    hour = quantities.HOUR_MS
    drawn_and_given = (-100, -60, 30, None, -40, 120)
    out = first_out([(number * hour, energy_wh) for number, energy_wh in enumerate(drawn_and_given, 1)], terms)
    assert {start_ms // hour: dict(+origins) for start_ms, origins in out.items()} == {3: {-1: 10, hour: 20}, 6: {-1: 100}}


def test_what_does_not_fit_into_a_storage_is_lost() -> None:
    terms = StorageTerms(efficiency_ppm=500_000, holds_wh=100, opening_wh=90)
    hour = quantities.HOUR_MS
    assert first_out([(hour, -100), (2 * hour, 150)], terms)[2 * hour] == {-1: 90, hour: 10}


def test_a_deficit_is_paid_off_before_anything_is_certified() -> None:
    world = given.cancelled().then(Energy.correct_reading, hour=0, energy_wh=29 * MWH)
    assert world.contract.devices["FL-1"].deficit_wh == 2 * MWH
    world.then(Energy.correct_reading, hour=0, energy_wh=30 * MWH)
    assert world.contract.devices["FL-1"].deficit_wh == MWH
    world.then(Energy.issue, first_hour=11, energy_wh=(MWH // 2, MWH // 2), first_id=99 * MWH + 1)
    assert f"FL-1:{MONTH}:011" not in world.contract.bundles
    world.then(Energy.issue, first_hour=4, energy_wh=(MWH,), first_id=99 * MWH + 1)
    assert world.contract.devices["FL-1"].deficit_wh == 0
    assert attempt(Energy.issue, first_hour=11, energy_wh=(MWH,), first_id=100 * MWH + 1)(world) == "hour-issued"


def test_who_paid_a_deficit_and_was_right_does_not_pay_again() -> None:
    world = given.cancelled().then(Energy.correct_reading, hour=0, energy_wh=29 * MWH)
    world.then(Energy.issue, first_hour=4, energy_wh=(2 * MWH,), first_id=99 * MWH + 1)
    for shown_mwh, owed_mwh in ((31, -2), (30, -1), (28, 1)):
        world.then(Energy.correct_reading, hour=0, energy_wh=shown_mwh * MWH)
        assert world.contract.devices["FL-1"].deficit_wh == owed_mwh * MWH


def test_over_reading_of_a_month_in_mwh_is_paid_off_by_the_next() -> None:
    world = given.month_metered().then(Energy.issue_green)
    lot, before = world.contract.green_lots[LOT], world.contract.devices["FL-SEA"]
    world.then(Energy.correct_reading, **SEA, hour=0, energy_wh=0)
    owed_wh = given.first_day("FL-SEA", "2026-03")["energy_wh"][0]
    assert (world.contract.devices["FL-SEA"].deficit_wh, world.contract.green_lots[LOT]) == (owed_wh, lot)
    world.then(Energy.issue_green, month=MONTH)
    after, april_wh = world.contract.devices["FL-SEA"], sum(given.first_day("FL-SEA", MONTH)["energy_wh"])
    assert after.deficit_wh == 0
    assert (after.green_max - before.green_max) * MWH + after.carry_wh - before.carry_wh == april_wh - owed_wh


def test_power_that_never_came_to_the_grid_is_in_no_mix_and_certified_after_it() -> None:
    world = given.month_metered().then(Energy.publish_residual_mix, month="2026-03")
    mix = world.contract.residual_mixes["CN-NORTH:2026-03"]
    assert [part.technology for part in mix.generation] == ["offshore-wind", "solar", "wind"]
    assert mix.generation[1].generated_wh == 0
    world.then(Energy.issue_green, device="GH-ROOF")


def test_a_withdrawn_claim_lets_go_of_hours_and_bundles() -> None:
    world = given.claimed().then(Energy.dispute_claim).then(Energy.withdraw_claim)
    load, bundle = world.contract.consumptions[f"{cast.DATA_CENTRE}:{MONTH}"], world.contract.bundles[BUNDLE]
    assert (load.scheme, any(load.is_claimed)) == ("", False)
    assert (bundle.state, bundle.beneficiary, bundle.used_by) == ("cancelled", cast.DATA_CENTRE, "")
    world.then(Energy.claim, claim="C-2").then(Energy.attest_claim, claim="C-2")


def test_what_green_certificates_met_stands_once_attested_and_is_let_go_when_withdrawn() -> None:
    world = given.green().then(Energy.consume_green)
    claims, loads = world.contract.claims, world.contract.consumptions
    assert (claims["C-G"].state, claims["C-G"].energy_wh, claims["C-G"].lot) == ("pending", given.ALL_OF_LOT * MWH, LOT)
    assert world.copy().then(Energy.attest_claim, claim="C-G").contract.claims["C-G"].state == "attested"
    world.then(Energy.dispute_claim, claim="C-G").then(Energy.withdraw_claim, by=cast.WIND, claim="C-G")
    assert (loads[f"{cast.WIND}:{MONTH}"].scheme, loads[f"{cast.WIND}:{MONTH}"].green_count) == ("", 0)
    assert (world.contract.green_lots[LOT].state, world.contract.green_lots[LOT].used_by) == ("consumed", "")
    world.then(Energy.consume_green, claim="C-G2").then(Energy.attest_claim, claim="C-G2")
    assert loads[f"{cast.WIND}:{MONTH}"].green_count == given.ALL_OF_LOT


def test_the_residual_mix_is_what_no_certificate_tracks() -> None:
    world = given.certified().at("2026-05-02").then(Energy.publish_residual_mix)
    mix = world.contract.residual_mixes[f"CN-NORTH:{MONTH}"]
    sun_wh = sum(energy_wh for energy_wh in SOLAR_WH if energy_wh > 0)
    wind_wh = sum(WIND_WH) - WIND_WH[3]
    kinds = {part.technology: (part.generated_wh, part.certified_wh) for part in mix.generation}
    assert kinds == {"offshore-wind": (0, 0), "solar": (sun_wh, 43 * MWH), "wind": (wind_wh, 99 * MWH)}
    assert mix.residual_wh == sun_wh - 43 * MWH + wind_wh - 99 * MWH


def test_the_night_at_a_site() -> None:
    """Against sunrise and sunset of almanacs, in hours of Beijing: 6 degrees of twilight are about half an hour."""
    beijing, far_north = Place(latitude_mdeg=39_900, longitude_mdeg=116_400), Place(latitude_mdeg=69_600, longitude_mdeg=18_900)
    for day, first, last in (("2026-03-21", 5, 18), ("2026-06-21", 4, 20), ("2026-12-21", 7, 17)):
        midnight_ms = on(day) - 8 * quantities.HOUR_MS
        light = [hour for hour in range(24) if not is_dark(beijing, midnight_ms + hour * quantities.HOUR_MS)]
        assert light == [*range(first, last + 1)], day
    assert not any(is_dark(far_north, on("2026-06-21") + hour * quantities.HOUR_MS) for hour in range(24))
    assert sum(is_dark(far_north, on("2026-12-21") + hour * quantities.HOUR_MS) for hour in range(24)) > 16


def test_the_remainder_of_a_month_is_carried_into_the_next() -> None:
    world = given.month_metered()
    energy = [sum(given.first_day("FL-SEA", month)["energy_wh"]) for month in ("2026-03", MONTH)]
    for month in ("2026-03", MONTH):
        world.then(Energy.issue_green, month=month)
    sea = world.contract.devices["FL-SEA"]
    assert energy[0] % MWH > 0
    assert (sea.green_max, sea.carry_wh) == divmod(sum(energy), MWH)
    lots = [world.contract.green_lots[f"FL-SEA:{month}"] for month in ("2026-03", MONTH)]
    assert [(lot.first, lot.last) for lot in lots] == [(1, energy[0] // MWH), (energy[0] // MWH + 1, sum(energy) // MWH)]


def test_less_than_a_mwh_is_carried_without_a_certificate() -> None:
    world = given.opened().at("2026-05-02").then(Energy.submit_readings, energy_wh=(999_999,), quality="V")
    world.then(Energy.issue_green, device="FL-1", month=MONTH)
    assert world.contract.devices["FL-1"].carry_wh == 999_999
    assert dict(world.contract.green_lots.items()) == {}


def test_estimates_and_power_drawn_make_no_green_certificate() -> None:
    world = given.opened().at("2026-05-02")
    world.then(Energy.submit_readings, energy_wh=given.wh(3, 2, -1), quality="VEV")
    world.then(Energy.issue_green, device="FL-1", month=MONTH)
    assert world.contract.green_lots[f"FL-1:{MONTH}"].count == 3


@pytest.mark.parametrize(
    ("technology", "connection", "commissioned", "is_tradable"),
    [
        ("hydro", "grid", "2022-12-31", False),
        ("hydro", "grid", "2023-01-01", True),
        ("wind", "grid", "2010-01-01", True),
        ("wind", "self-use", "2024-01-01", False),
        ("biomass", "off-grid", "2024-01-01", False),
    ],
)
def test_what_may_be_sold(technology: str, connection: str, commissioned: str, is_tradable: bool) -> None:
    asked = given.device(
        "FL-1", "T", technology=technology, connection=connection, commissioned_on_ms=on(commissioned), meter="M-T"
    )
    world = given.opened().then(Energy.register_device, **asked).at("2026-05-02")
    world.then(Energy.submit_readings, **{**given.first_day("FL-1", "2026-03"), "device": "T"})
    world.then(Energy.issue_green, device="T", month="2026-03")
    assert world.contract.green_lots["T:2026-03"].is_tradable == is_tradable


def test_certificates_of_before_2026_serve_another_year() -> None:
    world = given.month_metered().then(Energy.submit_readings, **given.first_day("FL-SEA", "2025-12"))
    world.then(Energy.issue_green, month="2025-12")
    world.then(Energy.consume_green, lot="FL-SEA:2025-12")
    assert world.contract.green_lots["FL-SEA:2025-12"].state == "consumed"


def test_deviations_are_priced_by_the_hour() -> None:
    world = given.planned().then(Energy.settle_imbalance, hours=24)
    found = world.contract.imbalances[f"FL-1:{MONTH}:000"]
    long_mwh = 1 + 3 + 5 + 4  # 31, 33, 35, 34 of 30 given.planned in each hour
    short_mwh = 4 + 9 + 13 + 16 + 19 + 22 + 24 + 25 + 25 + 24 + 22 + 21 + 22 + 24 + 26 + 27 + 26 + 21 + 16
    assert (found.short_wh, found.long_wh) == (short_mwh * MWH, long_mwh * MWH)
    assert found.owed_cents == short_mwh * 420_00 - long_mwh * 180_00
    assert found.metered_wh == found.forecast_wh + (long_mwh - short_mwh) * MWH


def test_the_largest_deviation_fits_the_record() -> None:
    world = given.opened().then(Energy.register_device, **given.device("FL-1", "BIG", meter="M-BIG", capacity_w=10**11))
    most: Mapping[str, Any] = {"device": "BIG", "month": "2026-05", "first_hour": 0}
    world.then(Energy.submit_forecast, **most, energy_wh=(11 * 10**10,) * 744).at("2026-06-02")
    world.then(Energy.submit_readings, **most, energy_wh=(-11 * 10**10,) * 744, quality="V" * 744)
    world.then(Energy.settle_imbalance, **most, hours=744, short_price_cents=PRICE_MAX, long_price_cents=PRICE_MAX)
    assert world.contract.imbalances["BIG:2026-05:000"].owed_cents == 22 * 10**10 * 744 * PRICE_MAX // MWH


def test_the_same_meter_is_not_written_in_another_way() -> None:
    again = given.device("XN-1", "XN-2", meter="m-gh-1")
    assert attempt(Energy.register_device, **again)(given.opened()) == "bad-arguments"


# Arithmetic


def test_months_and_hours_of_beijing() -> None:
    assert quantities.month_start_ms("2026-04") == on("2026-03-31") + 16 * 3_600_000
    assert [quantities.hours_in(month) for month in ("2026-04", "2026-05", "2026-02", "2028-02")] == [720, 744, 672, 696]
    assert quantities.months_after("2026-12", 1) == "2027-01"
    for month, hour in (("2026-04", 0), ("2026-04", 719), ("2026-12", 743)):
        assert quantities.month_of(quantities.hour_ms(month, hour)) == month
    assert quantities.month_of(quantities.expires_ms("2026-04") - 1) == "2028-03"


def test_quantities_are_rounded_against_the_one_who_asks() -> None:
    assert quantities.capacity_wh(5) == 5
    assert quantities.capacity_wh(48_000_000) == 52_800_000
    assert quantities.whole_mwh(999_999, 999_999) == (1, 999_998)
    assert quantities.after_losses_wh(20_000_001, 860_000) == 17_200_000


# Who may read what


READERS: Mapping[str, str] = {
    cast.DATA_CENTRE: "consumer consumer",
    cast.ISSUER: "meter meter",
    cast.METERS: "meter meter",
    "heyan.su": "- verifier",
}
"""Load and claim of the data centre; everybody else reads neither."""


def test_access_matrix() -> None:
    world = given.claimed()
    records = (world.contract.consumptions[f"{cast.DATA_CENTRE}:{MONTH}"], world.contract.claims["C-1"])
    for person in cast.MEMBERS:
        member = world.context().member(person["member"])
        assert member is not None
        rules = [Energy.read_rule(world.state, record, member, world.time_ms, 1) or "-" for record in records]
        assert " ".join(rules) == READERS.get(person["member"], "- -"), person["member"]
        assert Energy.read_rule(world.state, world.contract.bundles[BUNDLE], member, world.time_ms, 1) == "open"


def test_another_verifier_and_an_auditor_see_no_claim() -> None:
    world = given.claimed()
    world.enrol("other.verifier", "claim-verifier")
    world.enrol("yunhai.auditor", "auditor")
    for name in ("other.verifier", "yunhai.auditor"):
        member = world.context().member(name)
        assert isinstance(member, Member)
        assert Energy.read_rule(world.state, world.contract.claims["C-1"], member, world.time_ms, 1) == ""


def test_nothing_of_a_load_stands_open() -> None:
    load = given.claimed().contract.consumptions[f"{cast.DATA_CENTRE}:{MONTH}"]
    assert set(type(load).model_fields) == {"consumer", "zone", "load", "scheme", "is_claimed", "green_count"}
