"""Numbers in sentences: units by the end of a name, whatever the number."""

import pytest

from ledger.contract.description import sentence
from ledger.contract.quantities import quantity
from ledger.contract.refusal import Refusal
from ledger.contract.words import ContractWords
from ledger.errors import JsonValue
from ledger.primitives import INTEGER_MAX, moment

NOON_MS = 1_795_161_600_000


@pytest.mark.parametrize(
    ("detail", "value", "en", "zh"),
    [
        ("deadline_ms", NOON_MS, "2026-11-20 08:00:00 UTC", "2026-11-20 08:00:00 UTC"),
        ("due_on_ms", NOON_MS, "2026-11-20", "2026-11-20"),
        ("window_ms", 5_400_000, "90 min", "90 分钟"),
        ("amount_cents", 123_456_789, "1,234,567.89", "1,234,567.89"),
        ("energy_wh", 53_000_000, "53 MWh", "53 MWh"),
        ("weight_g", 20_480, "20,480 g", "20,480 g"),
        ("rate_ppm", 35_000, "3.50 %", "3.50 %"),
        ("year", 2026, "2026", "2026"),
        ("prices_cents", [100, 250], "1.00, 2.50", "1.00、2.50"),
        ("amount_cents", True, "true", "true"),
        ("deadline_ms", "text", "text", "text"),
    ],
)
def test_a_detail_is_written_by_the_end_of_its_name(detail: str, value: JsonValue, en: str, zh: str) -> None:
    words = ContractWords({"no": Refusal(en=f"Until {{{detail}}}.", zh=f"至 {{{detail}}}。")})
    assert sentence(words, "no", {detail: value}, "en") == f"Until {en}."
    assert sentence(words, "no", {detail: value}, "zh") == f"至 {zh}。"


@pytest.mark.parametrize("value", [0, 1, -1, -NOON_MS, 253_402_300_799_999, 253_402_300_800_000, INTEGER_MAX, -INTEGER_MAX])
@pytest.mark.parametrize("name", ["at_ms", "on_ms", "due_on_ms", "a_cents", "a_wh", "a_ppm", "a_g", "year", "count"])
def test_every_integer_can_be_written(name: str, value: int) -> None:
    assert quantity(name, value)
    assert moment(value)
