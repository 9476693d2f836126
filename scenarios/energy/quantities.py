"""Energy arithmetic in whole watt-hours, and the market's calendar: months and hours of Beijing time (UTC+8, no summer time).

A month is written `2026-04`; an hour of it is its number from 0, so that `2026-04` hour 0 begins at 2026-03-31T16:00Z.
"""

from ledger.contract.calendar import add_months, civil_date, day_from_date, days_between

HOUR_MS = 3_600_000
MARKET_OFFSET_MS = 8 * HOUR_MS
"""Beijing time is ahead of UTC by this."""
WH_PER_MWH = 1_000_000
PPM = 1_000_000
CAPACITY_MARGIN_PPM = 1_100_000
"""A meter may show this part of capacity times hours, no more: EnergyTag's reference takes 110 %."""
VALID_MONTHS = 24
"""How long a certificate lives, counted from the month of generation, that month included."""


def month_start_ms(month: str) -> int:
    """The instant at which a month begins in Beijing."""
    return day_from_date(int(month[:4]), int(month[5:]), 1) - MARKET_OFFSET_MS


def month_end_ms(month: str) -> int:
    """The instant at which it ends."""
    return month_start_ms(months_after(month, 1))


def months_after(month: str, months: int) -> str:
    """The month that many months later."""
    return _month_text(add_months(day_from_date(int(month[:4]), int(month[5:]), 1), months))


def hours_in(month: str) -> int:
    """672 to 744."""
    return 24 * days_between(month_start_ms(month), month_end_ms(month))


def month_of(time_ms: int) -> str:
    """The month in which an instant lies, in Beijing."""
    return _month_text(time_ms + MARKET_OFFSET_MS)


def hour_ms(month: str, hour: int) -> int:
    """The instant at which an hour begins."""
    return month_start_ms(month) + hour * HOUR_MS


def expires_ms(month: str) -> int:
    """The instant from which certificates of a month are void."""
    return month_start_ms(months_after(month, VALID_MONTHS))


def capacity_wh(capacity_w: int) -> int:
    """The most that a device can have metered in one hour, with the margin, rounded down."""
    return capacity_w * CAPACITY_MARGIN_PPM // PPM


def whole_mwh(energy_wh: int, carry_wh: int) -> tuple[int, int]:
    """Green certificates of 1 MWh that a month's energy and the carry give, and the carry into the next month."""
    return divmod(energy_wh + carry_wh, WH_PER_MWH)


def after_losses_wh(charged_wh: int, efficiency_ppm: int) -> int:
    """What can come out of a storage for what went in, rounded down."""
    return charged_wh * efficiency_ppm // PPM


def _month_text(time_ms: int) -> str:
    year, month, _ = civil_date(time_ms)
    return f"{year:04}-{month:02}"
