"""A month of trade, generated: `python -m scenarios.supply_chain_finance.generate --seed 7 DIR`.

The same seed gives the same files on any Python and machine: whole numbers alone, drawn by rejection from the generator's
bits. Everything is invented. The method:

- 3 cores, 3 banks and 40 suppliers in four tiers (12, 13, 9, 6). Names are composed of syllables and characters. Codes have
  the check sign of GB 32100-2015 and stand for nobody.
- An invoice is a median of its tier (640,000, 210,000, 80,000, 30,000 yuan) times 4/3 or 3/4, twelve times over: a walk in
  the logarithm, so that sizes spread about like those of a log-normal law with a deviation of 1; up to a
  fifth is added, so that no two are alike. Tax is 13 % on top.
- Every supplier of tier 1 delivers to a core in January, the others to two or three buyers a tier above. Numbers have twenty
  digits, as those of electronic invoices have. Papers are worked through on Mondays, Wednesdays and Fridays: that is what a
  working day is here. The buyer confirms after 0 to 2 of them.
- A core promises what it owes to one supplier at a time, until the 10th or 25th after 45, 60, 75 or 90 days; the supplier
  accepts on the next working day. A holder then pays its own suppliers with parts, as far as whole invoices fit, and keeps
  what remains.
- Of what is kept, three in five are offered to a bank, at the price of the core's credit: 3.5 to 4.2 % a year, fee by size;
  ACT/360, in tier 1 one in three with recourse. The bank pays on the next working day.
- Lines are then set a fifth above what is used. On the days of payment up to the end of March cores pay in full.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from stdnum.cn import uscc

from ledger.contract.calendar import DAY_MS, civil_date, next_working_day, weekday
from nodes.simulator.chance import Chance
from scenarios.dates import on
from scenarios.money import PPM, half_up, interest_cents
from scenarios.supply_chain_finance.certificates import ACCEPT_DAYS
from scenarios.supply_chain_finance.documents import outside_answer
from scenarios.supply_chain_finance.trade_files import COLUMNS

FIRST_DAY, END = on("2027-01-04"), on("2027-03-31")
SPRING_FESTIVAL = tuple(map(on, ("2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11", "2027-02-12")))
"""Nobody works then: assumed, since the holidays of 2027 have not been announced."""
LINES_EXPIRE = on("2027-12-31")
MEDIANS_CENTS = (640_000_00, 210_000_00, 80_000_00, 30_000_00)
TENORS_DAYS = (45, 60, 75, 90)
TAX_PPM = 130_000
FEES = ((100_000_00, 60_00), (1_000_000_00, 150_00), (10**15, 300_00))
"""Up to this face, this fee."""


TIER_SIZES = (12, 13, 9, 6)
BANK_COUNT = 3
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Signs of a unified social credit code."""
SYLLABLES = (
    ("heng", "恒"), ("xin", "鑫"), ("tai", "泰"), ("rui", "瑞"), ("jia", "嘉"), ("sheng", "晟"), ("hao", "昊"), ("yuan", "元"),
    ("lan", "岚"), ("qing", "清"), ("dong", "栋"), ("he", "禾"), ("mu", "沐"), ("chuan", "川"), ("ling", "凌"), ("zhou", "洲"),
    ("bai", "柏"), ("song", "松"), ("jing", "璟"), ("wei", "巍"), ("feng", "沣"), ("ning", "宁"), ("shuo", "朔"), ("lu", "麓"),
)  # fmt: skip
TRADES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Motors", "汽车"), ("Appliances", "电器"), ("Turbines", "风机")),
    (("Gearboxes", "变速器"), ("Axles", "车桥"), ("Compressors", "压缩机"), ("Blades", "叶片"), ("Control Units", "控制器")),
    (("Castings", "铸造"), ("Bearings", "轴承"), ("Wiring", "线束"), ("Forgings", "锻造"), ("Resins", "树脂")),
    (("Steel", "钢材"), ("Copper", "铜材"), ("Moulds", "模具"), ("Fasteners", "紧固件")),
    (("Tooling", "刀具"), ("Packaging", "包装"), ("Coatings", "涂装")),
)
BANK = ("Bank", "银行")
REGIONS = ("110105", "120116", "130202", "310115", "320505", "330106", "370103", "410105", "420106", "440305")


@dataclass(frozen=True, slots=True)
class Firm:
    """A company."""

    code: str
    kind: str
    tier: int
    en: str
    zh: str
    uscc: str


@dataclass(slots=True)
class Bill:
    """An invoice."""

    name: str
    seller: Firm
    buyer: Firm
    confirmed: int
    amount: int


@dataclass(slots=True)
class Held:
    """A certificate in somebody's hand, with the trades behind it."""

    name: str
    holder: Firm
    core: Firm
    amount: int
    due: int
    since: int
    behind: tuple[str, ...]


@dataclass(slots=True)
class Market:
    """All that is generated, and the draws."""

    chance: Chance
    firms: list[Firm] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    outstanding: dict[str, int] = field(default_factory=dict)
    financed: dict[tuple[str, str], int] = field(default_factory=dict)


HEADERS = {name: ",".join(row.model_fields) for name, row in COLUMNS.items()}
"""First line of each file."""


def generate(seed: int) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every file, in order of time."""
    market = Market(Chance(seed), rows={name: [] for name in HEADERS})
    market.firms.extend(invent(market.chance))
    market.rows["companies"] = [(firm.code, firm.kind, firm.uscc, firm.en, firm.zh, firm.tier, "") for firm in market.firms]
    _deliver(market)
    roots = list(_promise(market))
    for root in roots:
        for kept in _pass_on(market, root):
            _finance(market, kept)
    for root in roots:
        _pay(market, root)
    _open_lines(market)
    for name in ("invoices", "certificates", "transfers", "finance", "payments"):
        market.rows[name].sort(key=lambda row: str(row[0]))
    return market.rows


def invent(chance: Chance) -> Sequence[Firm]:
    """Three cores, three banks, and the suppliers tier by tier."""
    kinds = [("core", 0, name) for name in TRADES[0]] + [("bank", 0, BANK)] * BANK_COUNT
    kinds += [
        ("supplier", tier, TRADES[tier][number % len(TRADES[tier])])
        for tier, size in enumerate(TIER_SIZES, 1)
        for number in range(size)
    ]
    firms: list[Firm] = []
    for kind, tier, (en, zh) in kinds:
        code, name_zh = _name(chance, {firm.code for firm in firms})
        firms.append(Firm(code, kind, tier, f"{code.capitalize()} {en}", f"{name_zh}{zh}", _uscc(chance)))
    return firms


def _name(chance: Chance, taken: set[str]) -> tuple[str, str]:
    """A name that no other has, in both scripts."""
    while True:
        first, second = chance.pick(SYLLABLES), chance.pick(SYLLABLES)
        code = first[0] + second[0]
        if first != second and code not in taken:
            return code, first[1] + second[1]


def _uscc(chance: Chance) -> str:
    body = "91" + chance.pick(REGIONS) + "MA" + "".join(chance.pick(CODE_SIGNS) for _ in range(7))
    return body + str(uscc.calc_check_digit(body))


def write(rows: dict[str, list[tuple[object, ...]]], folder: Path) -> None:
    """One CSV file a kind of row."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in HEADERS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(rows[name])


def _deliver(market: Market) -> None:
    """Invoices from each supplier to a buyer one tier above."""
    for tier in range(1, 5):
        above = [firm for firm in market.firms if firm.tier == tier - 1 and firm.kind != "bank"]
        for number, seller in enumerate(_of_tier(market, tier)):
            buyers = [above[(number + step) % len(above)] for step in range(1 if tier == 1 else market.chance.between(2, 3))]
            for _ in range(market.chance.between(6, 9)):
                _bill(market, seller, market.chance.pick(buyers), tier)


def drawn_cents(chance: Chance, median_cents: int) -> int:
    """The size of an invoice."""
    for _ in range(12):
        median_cents = median_cents * 4 // 3 if chance.happens(500) else median_cents * 3 // 4
    return median_cents + chance.below(median_cents // 5)


def _bill(market: Market, seller: Firm, buyer: Firm, tier: int) -> None:
    net = drawn_cents(market.chance, MEDIANS_CENTS[tier - 1])
    tax = half_up(net * TAX_PPM, PPM)
    issued = _workday(FIRST_DAY + market.chance.below(12) * DAY_MS)
    day = _after(issued, market.chance.below(2))
    confirmed = _after(day, market.chance.below(3))
    name = f"{seller.code}-{len(market.bills) + 1:04}"
    number = f"27{market.chance.pick(REGIONS)[:2]}2000{market.chance.below(10**12):012}"
    market.bills.append(Bill(name, seller, buyer, confirmed, net + tax))
    row = (_date(day), name, number, seller.code, buyer.code, _date(issued), _yuan(net), _yuan(tax), _date(confirmed))
    market.rows["invoices"].append(row)


def _promise(market: Market) -> Iterator[Held]:
    """Each core pays a supplier's confirmed invoices with a certificate, up to four at a time."""
    for supplier in _of_tier(market, 1):
        own = sorted((bill for bill in market.bills if bill.seller is supplier), key=lambda bill: (bill.confirmed, bill.name))
        while own:
            some = own[: market.chance.between(2, 4)]
            own = own[len(some) :]
            core, day = some[0].buyer, _after(max(bill.confirmed for bill in some), 1)
            due = _payday(day + market.chance.pick(TENORS_DAYS) * DAY_MS)
            accepted, amount = _answered(day), sum(bill.amount for bill in some)
            name = f"{core.code.upper()}-2027-{len(market.rows['certificates']) + 1:04}"
            bills = tuple(bill.name for bill in some)
            row = (_date(day), name, core.code, supplier.code, _yuan(amount), _date(due), " ".join(bills), "", _date(accepted))
            market.rows["certificates"].append(row)
            market.outstanding[core.code] = market.outstanding.get(core.code, 0) + amount
            yield Held(name, supplier, core, amount, due, accepted, bills)


def _pass_on(market: Market, held: Held) -> Iterator[Held]:
    """Splits a certificate among the holder's own suppliers as far as whole invoices fit; what ends in a hand."""
    day = _after(held.since, market.chance.below(3))
    waiting: dict[str, list[Bill]] = {}
    left = held.amount
    for bill in [one for one in market.bills if one.buyer is held.holder and one.confirmed <= day]:
        if bill.amount < left and (len(waiting) < 4 or bill.seller.code in waiting):
            waiting.setdefault(bill.seller.code, []).append(bill)
            left -= bill.amount
    if not waiting or _answered(day) >= held.due or market.chance.happens(150):
        yield held
        return
    for bills in waiting.values():
        market.bills = [bill for bill in market.bills if bill not in bills]
    for number, bills in enumerate(waiting.values(), 1):
        seller, amount, accepted = bills[0].seller, sum(bill.amount for bill in bills), _answered(day)
        names = tuple(bill.name for bill in bills)
        row = (_date(day), held.name, held.holder.code, seller.code, _yuan(amount), " ".join(names), _date(accepted))
        market.rows["transfers"].append(row)
        part = Held(f"{held.name}-{number}", seller, held.core, amount, held.due, accepted, (*held.behind, *names))
        yield from _pass_on(market, part)
    kept = f"{held.name}-{len(waiting) + 1}"
    market.rows["transfers"].append((_date(day), held.name, held.holder.code, held.holder.code, _yuan(left), "", ""))
    yield Held(kept, held.holder, held.core, left, held.due, day, held.behind)


def _finance(market: Market, held: Held) -> None:
    """Three in five are offered to a bank and paid on the next working day."""
    day = _after(held.since, market.chance.between(0, 3))
    paid = _after(day, 1)
    if not market.chance.happens(600) or paid >= held.due or held.amount < 5_000_00:
        return
    bank = market.chance.pick([firm for firm in market.firms if firm.kind == "bank"])
    rate = 35_000 + 1_000 * market.chance.below(8)
    fee = next(fee for most, fee in FEES if held.amount <= most)
    recourse = "yes" if held.holder.tier == 1 and market.chance.happens(333) else "no"
    net = held.amount - interest_cents(held.amount, rate, "ACT/360", paid, next_working_day(held.due, ())) - fee
    answer = outside_answer(held.name, day)
    row = (
        _date(day), held.name, held.holder.code, bank.code, f"{rate // 10_000}.{rate % 10_000 // 100:02}", "ACT/360", _yuan(fee),
        recourse, " ".join(held.behind), "", answer.number, _date(day), answer.digest, "", _date(paid), _yuan(net),
    )  # fmt: skip
    market.rows["finance"].append(row)
    key = (bank.code, held.core.code)
    market.financed[key] = market.financed.get(key, 0) + held.amount


def _pay(market: Market, root: Held) -> None:
    pays_on = next_working_day(root.due, ())
    if pays_on <= END:
        market.rows["payments"].append((_date(pays_on), root.name, root.core.code, _yuan(root.amount)))


def _open_lines(market: Market) -> None:
    """A fifth above what a bank finances of a core, and above what the core promises in all; in whole ten thousand yuan."""
    banks = [firm for firm in market.firms if firm.kind == "bank"]
    for core in (firm for firm in market.firms if firm.kind == "core"):
        share = market.outstanding.get(core.code, 0) // len(banks)
        for bank in banks:
            used = max(share, market.financed.get((bank.code, core.code), 0))
            limit = -(-used * 6 // 5 // 10_000_00) * 10_000_00
            market.rows["lines"].append((_date(FIRST_DAY), bank.code, core.code, _yuan(limit), _date(LINES_EXPIRE)))


def _of_tier(market: Market, tier: int) -> Sequence[Firm]:
    return [firm for firm in market.firms if firm.tier == tier]


def _workday(day: int) -> int:
    """This day, or the next Monday, Wednesday or Friday on which people work."""
    while weekday(day) not in (0, 2, 4) or day in SPRING_FESTIVAL:
        day += DAY_MS
    return day


def _payday(day: int) -> int:
    """The next 10th or 25th."""
    while civil_date(day)[2] not in (10, 25):
        day += DAY_MS
    return day


def _after(day: int, days: int) -> int:
    for _ in range(days):
        day = _workday(day + DAY_MS)
    return _workday(day)


def _answered(day: int) -> int:
    """When an offer is accepted: on the next working day, and at once if that is after a long holiday, since offers lapse."""
    next_day = _after(day, 1)
    return next_day if next_day < day + ACCEPT_DAYS * DAY_MS else day


def _date(day: int) -> str:
    return date.fromordinal(day // DAY_MS + date(1970, 1, 1).toordinal()).isoformat()


def _yuan(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def main(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 7,
) -> None:
    """Generate a month of trade as CSV files."""
    rows = generate(seed)
    write(rows, folder)
    sys.stdout.write("".join(f"{name}.csv {len(part)}\n" for name, part in rows.items()))


if __name__ == "__main__":
    typer.run(main)
