"""Who plays, and what they hold and agree on: members, certificates of the story, terms."""

from scenarios.data_files import read_cast, read_data
from scenarios.dates import on
from scenarios.money import YUAN, Basis, interest_cents
from scenarios.supply_chain_finance.records import FinanceTerms, Part, Promise, TenorRule

PACKAGE = "scenarios.supply_chain_finance"
PARTIES = read_cast(PACKAGE, "parties.json")
MEMBERS = PARTIES.members
"""Member id, kind of party (empty for those who serve), names, roles, code."""
CAST = PARTIES.words
TIERS = tuple(read_data(PACKAGE, "illustrative.json")["tiers"])
"""What finance costs and how long money takes without the ledger, by tier: assumptions."""
HOLIDAYS = tuple(read_data("scenarios", "holidays.json")["holidays"])

HAIHE, TUOHAI = "haihe.wang", "tuohai.sun"
BEICHEN, LULIN, MINGHE, XINYUAN = "beichen.li", "lulin.zhao", "minghe.chen", "xinyuan.he"
YANSHAN, LANHAI = "yanshan.liu", "lanhai.gao"
TONGDA, REGISTRY, CLEARING, REGULATOR = "tongda.ops", "registry.qian", "clearing.desk", "regulator.zheng"
JINQIAO, COURT = "jinqiao.lin", "jinghai.lu"

ROOT = "HH-2026-001"
SECOND = f"{ROOT}-2"
"""Lulin's share of the root."""
THIRD = f"{SECOND}-3"
"""Minghe's share of that."""
FOURTH = f"{THIRD}-2-1-1"
"""Xinyuan's share, after a first offer that it declined."""
FROZEN = f"{SECOND}-2"
"""Lulin's 1.5 million of the root."""
DUE, PAID_ON = on("2026-10-01"), on("2026-10-08")
"""The root is due on a holiday; payment is a week later."""
FLAGGED_ROOT = "HH-2026-002"
BRIEF_ROOT, ROLLED_ROOT, BARRED_ROOT = "HH-2026-006", "HH-2026-007", "HH-2026-008"
"""Small ones of June: paid within two weeks; put in its place; on an invoice that is used elsewhere."""
LONG_ROOT, LONG_DUE = "HH-2026-003", on("2026-12-22")
"""Eight months, issued while the limit was twelve."""
DEFAULT_ROOT, DEFAULT_DUE = "TH-2026-001", on("2026-10-15")
K = 1_000 * YUAN
"""A thousand yuan."""
FEE_CENTS = 300_00
PRICE_PPM = 35_000
"""3.5 % a year: the price of the motor maker's credit, whoever holds its promise. Illustrative."""


def promise(to: str, amount_cents: int, due_on_ms: int, *invoices: str, reason: str = "") -> Promise:
    """What a core writes on a root."""
    return Promise(to=to, amount_cents=amount_cents, due_on_ms=due_on_ms, invoices=invoices, platform=TONGDA, reason=reason)


def limits(months_max: int, months_without_reason: int, *, licence_needed: bool = False) -> TenorRule:
    """What a regulator lays down; a year and sixty days for the age of invoices."""
    months = {"months_max": months_max, "months_without_reason": months_without_reason}
    return TenorRule(**months, invoice_days_max=365, invoice_days=60, licence_needed=licence_needed)


def parts(*asked: tuple[str, int] | tuple[str, int, str]) -> tuple[Part, ...]:
    """(to, cents) or (to, cents, invoice) as parts of a split."""
    return tuple(Part(to=to, amount_cents=cents, invoices=tuple(invoices)) for to, cents, *invoices in asked)


def terms(bank: str, rate_ppm: int = PRICE_PPM, with_recourse: bool = False) -> FinanceTerms:
    """What holder and bank agree on."""
    return FinanceTerms(bank=bank, rate_ppm=rate_ppm, basis="ACT/360", fee_cents=FEE_CENTS, with_recourse=with_recourse)


def net(face: int, today: int, basis: Basis = "ACT/360", rate_ppm: int = PRICE_PPM, paid_on: int = PAID_ON) -> int:
    """What a bank pays out: the face without interest and fee."""
    return face - interest_cents(face, rate_ppm, basis, today, paid_on) - FEE_CENTS
