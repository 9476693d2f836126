"""How values are written for people: units by the end of a name, exact, in both languages."""

from dataclasses import replace

import pytest

from ledger.contract.quantities import energy, money, percent
from ledger.errors import JsonValue
from scenarios.dates import on
from scenarios.story.tell import shown
from scenarios.supply_chain_finance.scenario import SCENARIO

DIGEST = "ab" * 32
BARE = replace(SCENARIO, currency="")


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("amount_cents", 123_456_789, "1,234,567.89"),
        ("amount_cents", -5, "-0.05"),
        ("amount_cents", 10**15 + 1, "10,000,000,000,000.01"),
        ("energy_wh", 999, "999 Wh"),
        ("energy_wh", 1_500, "1.5 kWh"),
        ("energy_wh", 1_234_567, "1.234567 MWh"),
        ("energy_wh", -12_000_000, "-12 MWh"),
        ("rate_ppm", 35_000, "3.50 %"),
        ("rate_ppm", 33_333, "3.3333 %"),
        ("share_ppm", 1_000_000, "100.00 %"),
        ("due_on_ms", on("2026-10-01"), "2026-10-01"),
        ("accept_by_ms", on("2026-04-03") + 32_412_000, "2026-04-03 09:00:12 UTC"),
        ("disbursed_at_ms", 0, "–"),
        ("lifetime_ms", 5_400_000, "90 min"),
        ("lifetime_ms", 86_400_000, "1 d"),
        ("count", 12_345, "12,345"),
        ("to", "lulin.zhao", "Lulin Castings"),
        ("to", "", "–"),
        ("hash", DIGEST, "abababababab…"),
        ("document", {"sealed": DIGEST}, "sealed, digest abababababab…"),
        ("blocked", True, "yes"),
        ("nothing", None, "–"),
        ("lineage", ["haihe.wang", "lulin.zhao"], "Haihe Motors, Lulin Castings"),
        ("lineage", [], "–"),
        ("hours_wh", [1_000] * 744, ", ".join(["1 kWh"] * 20) + " … (744 in all)"),
        ("parts", [{"to": "lulin.zhao", "amount_cents": 100}], "to: Lulin Castings; amount_cents: 1.00"),
        ("prices_cents", [100, 250], "1.00, 2.50"),
    ],
)
def test_a_value_is_written_by_the_end_of_its_name(name: str, value: JsonValue, written: str) -> None:
    assert shown(BARE, name, value, "en").replace("amount: ", "amount_cents: ") == written


def test_chinese_has_its_own_words() -> None:
    assert shown(BARE, "blocked", False, "zh") == "否"
    assert shown(BARE, "lineage", ["haihe.wang", "lulin.zhao"], "zh") == "海河汽车、鲁林铸造"
    assert shown(BARE, "document", {"sealed": DIGEST}, "zh") == "已密封，摘要 abababababab…"


def test_what_is_hidden_in_a_text_is_spelled_out_and_a_long_one_is_cut() -> None:
    assert shown(BARE, "goods", "a\u202eb", "en") == "a\\u{202e}b"
    assert len(shown(BARE, "goods", "x" * 65_536, "zh")) == 240


def test_a_currency_stands_before_the_amount_and_behind_the_sign() -> None:
    priced = replace(SCENARIO, currency="¥")
    assert shown(priced, "net_cents", 250, "zh") == "¥2.50"
    assert shown(priced, "change_cents", -250, "en") == "-¥2.50"


@pytest.mark.parametrize("value", [0, 1, 999, 1_000, 999_999, 1_000_000, 123_456_789, 10**15])
def test_no_digit_is_lost(value: int) -> None:
    assert round(float(money(value).replace(",", "")) * 100) == value
    number, unit = energy(value).replace(",", "").split()
    factor = {"Wh": 1, "kWh": 1_000, "MWh": 1_000_000}[unit]
    assert round(float(number) * factor) == value
    assert round(float(percent(value).removesuffix(" %").replace(",", "")) * 10_000) == value
