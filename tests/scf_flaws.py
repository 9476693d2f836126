"""Files of trades for tests: a small one, and rows that are flawed on purpose, each with what it must be refused with.

These show what a user's own files meet. Every flawed row stands at the end of its file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from scenarios.supply_chain_finance.generate import HEADERS

Rows = dict[str, list[tuple[object, ...]]]
SMALL = {
    "companies": "big,core,91110105MA00000012,Big <b>Works</b>,大厂,0,\nsmall,supplier,91110105MA00000025,Small & Co,小店,1,\n"
    "money,bank,91110105MA00000038,<img onerror=alert(1)>,银行,0,\n",
    "lines": "2026-05-06,money,big,1000.00,2027-05-06\n",
    "invoices": "2026-05-06,i-1,26110000000000000001,small,big,2026-05-05,800.00,104.00,2026-05-06\n",
    "certificates": "2026-05-07,C-0001,big,small,904.00,2026-06-08,i-1,,2026-05-07\n",
    "transfers": "",
    "finance": "2026-05-08,C-0001,small,money,3.6,ACT/360,1.00,no,i-1,,,,,no-outside-answer,2026-05-08,900.20\n",
    "payments": "2026-06-08,C-0001,big,904.00\n",
}
"""One certificate: 904.00 at 3.6 % for 31 days by ACT/360 is 2.80 of interest; the fee is 1.00."""

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(slots=True)
class Flaws:
    """Sound rows, to which flawed ones are added."""

    rows: Rows
    refused: dict[str, str] = field(default_factory=dict)
    """`FILE:LINE` -> code of the first refusal that it meets."""

    def add(self, name: str, code: str, **cells: object) -> None:
        """One row; columns that are not named stay empty."""
        columns = HEADERS[name].split(",")
        assert set(cells) <= set(columns), cells
        self.rows[name].append(tuple(cells.get(column, "") for column in columns))
        self.refused[f"{name}.csv:{len(self.rows[name]) + 1}"] = code

    def named(self, name: str) -> Iterator[dict[str, str]]:
        """The rows of a file by column."""
        columns = HEADERS[name].split(",")
        return (dict(zip(columns, map(str, row), strict=True)) for row in tuple(self.rows[name]))


def flawed(rows: Rows) -> tuple[Rows, dict[str, str]]:
    """The rows with the flawed ones, and what each of these must be refused with."""
    flaws = Flaws({name: list(part) for name, part in rows.items()})
    _companies_and_invoices(flaws)
    _promises(flaws)
    _splits(flaws)
    _finance(flaws)
    return flaws.rows, flaws.refused


def _companies_and_invoices(flaws: Flaws) -> None:
    first = next(flaws.named("invoices"))
    flaws.add("companies", "bad-uscc", company="zhizhi", kind="supplier", uscc="91110105MA000000XA", name_en="Zhizhi Paper",
              name_zh="纸纸公司", tier=1)  # fmt: skip
    sold = {"seller": first["seller"], "buyer": first["buyer"], "net_cny": first["net_cny"], "tax_cny": first["tax_cny"]}
    again = {**sold, "day": _later(first["confirmed"], 3), "issued": first["issued"]}
    flaws.add("invoices", "duplicate-invoice", **again, invoice="again-1", number=first["number"].translate(FULL_WIDTH))
    flaws.add("invoices", "duplicate-invoice", **again, invoice="again-2", number=" ".join(first["number"]))
    flaws.add("invoices", "not-onboarded", **{**again, "seller": "zhizhi"}, invoice="paper-1", number="00000001")
    flaws.add("invoices", "dated-ahead", **{**again, "issued": "2027-12-01"}, invoice="ahead-1", number="00000002")
    flaws.add("invoices", "bad-invoice-number", **again, invoice="letter-1", number=first["number"].replace("0", "O"))


def _promises(flaws: Flaws) -> None:
    sold = next(row for row in flaws.named("certificates"))
    day = _later(sold["accepted"], 7)
    promise = {"day": day, "core": sold["core"], "to": sold["to"], "invoices": "fresh-1", "amount_cny": "113.00"}
    flaws.rows["invoices"].append((day, "fresh-1", "27110000000000000001", sold["to"], sold["core"], day, "100.00", "13.00", ""))
    flaws.add("certificates", "not-confirmed", **promise, certificate="FLAW-0001", due=_later(day, 60))
    flaws.add("certificates", "tenor-too-long", **promise, certificate="FLAW-0002", due=_later(day, 400), reason="long")
    flaws.add("certificates", "tenor-without-reason", **promise, certificate="FLAW-0003", due=_later(day, 215))
    flaws.add("certificates", "over-line", **{**promise, "amount_cny": "900000000.00"}, certificate="FLAW-0004",
              due=_later(day, 60))  # fmt: skip
    flaws.add("certificates", "invoice-used-up", **{**promise, "invoices": sold["invoices"]}, certificate="FLAW-0005",
              due=_later(day, 60))  # fmt: skip


def _splits(flaws: Flaws) -> None:
    split = next(flaws.named("transfers"))
    later = {"day": _later(split["day"], 5), "certificate": split["certificate"], "to": split["to"], "amount_cny": "1.00"}
    flaws.add("transfers", "wrong-state", **later, holder=split["holder"], invoices=split["invoices"])
    free = _unsplit(flaws)
    flaws.add("transfers", "wrong-sum", day=free["accepted"], certificate=free["certificate"], holder=free["to"], to=split["to"],
              amount_cny="1.00", invoices=split["invoices"])  # fmt: skip
    flaws.add("transfers", "not-holder", day=_later(free["accepted"], 1), certificate=free["certificate"], holder=free["core"],
              to=free["to"], amount_cny=free["amount_cny"], invoices=free["invoices"])  # fmt: skip


def _finance(flaws: Flaws) -> None:
    banks = [row["company"] for row in flaws.named("companies") if row["kind"] == "bank"]
    done = next(flaws.named("finance"))
    other = next(bank for bank in banks if bank != done["bank"])
    flaws.add("finance", "wrong-state", **{**done, "bank": other, "day": done["disbursed"], "disbursed": "", "net_cny": ""})
    paid = next(flaws.named("payments"))
    early = {"certificate": paid["certificate"], "core": paid["core"]}
    flaws.add("payments", "not-due", **early, day=_later(paid["day"], -1), amount_cny=paid["amount_cny"])
    flaws.add("payments", "over-payment", **early, day=_later(paid["day"], 1), amount_cny="1.00")


def _unsplit(flaws: Flaws) -> dict[str, str]:
    """A root that nobody splits or offers to a bank."""
    moved = {row["certificate"] for name in ("transfers", "finance") for row in flaws.named(name)}
    return next(row for row in flaws.named("certificates") if row["certificate"] not in moved)


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def small(folder: Path, **changes: str) -> Path:
    """The files of one certificate, some of them with other rows."""
    for name, header in HEADERS.items():
        (folder / f"{name}.csv").write_text(f"{header}\n{changes.get(name, SMALL[name])}", encoding="utf-8")
    return folder
