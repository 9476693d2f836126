"""Where the trade's rules come from. [S] read at the source; [P] secondary source; [A] assumption or own safeguard."""

from collections.abc import Mapping

from scenarios.story import Words

_ENERGYTAG = Words("EnergyTag registry API v2, validation [S]", "EnergyTag 登记 API v2 校验规则 [S]")
_STATES = Words(
    "EnergyTag states, with the guards that the reference lacks [S, A]", "EnergyTag 状态机，补上参考实现缺失的状态校验 [S, A]"
)
_CLAIM = Words("Project Origin: equal quantity, same area and period [S]", "Project Origin：等量、同区、同时段 [S]")
_STORAGE = Words("EnergyTag storage records [S]", "EnergyTag 储能记录 [S]")
_METER = Words("Metering practice; quality codes after ESPI [S, A]", "计量惯例；质量码参照 ESPI [S, A]")
_GREEN = Words("National Energy Administration, green certificate rules of 2024, No. 67 [P]", "国能发新能规〔2024〕67号 [P]")
_GREEN_2026 = Words(
    "Implementing rules for green certificates of 2026 [P]", "《可再生能源绿色电力证书管理实施细则（试行）》2026 [P]"
)

SOURCES: Mapping[str, Words] = {
    "bad-uscc": Words("GB 32100-2015", "GB 32100-2015"),
    "company-has-account": _GREEN_2026,
    "office-holder": Words("Nobody vouches for himself: this project's safeguard [A]", "不得自证：本项目的保护措施 [A]"),
    "meter-taken": _GREEN_2026,
    "before-commissioning": _METER,
    "reading-conflicts": _METER,
    "reading-repeated": _METER,
    "quality-unfit": _METER,
    "above-capacity": _ENERGYTAG,
    "hour-issued": _ENERGYTAG,
    "ids-overlap": _ENERGYTAG,
    "above-metered": _ENERGYTAG,
    "nothing-generated": _ENERGYTAG,
    "already-certified": _STATES,
    "wrong-state": _STATES,
    "reserved-for-other": _STATES,
    "not-whitelisted": _ENERGYTAG,
    "wrong-sum": Words("Splitting keeps every Wh; Project Origin slice sums [S]", "拆分分毫不差；Project Origin 切片求和 [S]"),
    "expired": Words(
        "Two years from the month of generation, rules of 2024 No. 67 [P]; EnergyTag default [S]",
        "自电量生产自然月起两年，67号 [P]；EnergyTag 默认 [S]",
    ),
    "wrong-zone": _CLAIM,
    "hour-mismatch": _CLAIM,
    "not-hourly": _CLAIM,
    "wrong-opening": Words("Salted digest on the ledger", "账本上的加盐摘要"),
    "wrong-disclosure": Words("Salted digest of each hour", "每小时的加盐摘要"),
    "too-few-consumers": Words("This project's safeguard: three or more [A]", "本项目的保护措施：至少三户 [A]"),
    "above-charged": _STORAGE,
    "beyond-losses": _STORAGE,
    "discharge-before-charge": _STORAGE,
    "storage-no-green": _GREEN_2026,
    "certified-otherwise": Words("One MWh, one certificate: this project's safeguard [A]", "一兆瓦时一张证：本项目保护措施 [A]"),
    "not-tradable": _GREEN,
    "already-traded": _GREEN,
    "listed-elsewhere": _GREEN_2026,
    "wrong-year": _GREEN_2026,
    "ccer-kind": _GREEN,
    "ccer-window": _GREEN,
    "green-or-carbon": _GREEN_2026,
}
