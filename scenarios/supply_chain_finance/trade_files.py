"""A course of trade in seven CSV files: who takes part, and what happened on which day. Read whole, judged whole.

    companies.csv      who takes part                       lines.csv      what a bank is ready to finance of a core
    invoices.csv       what was delivered, and confirmed    certificates.csv   what a core promised, and who accepted
    transfers.csv      parts that went on to suppliers      finance.csv    what was offered to a bank, and disbursed
    payments.csv       what a core paid

Every row becomes operations of the companies that it names, signed with their own keys. Nothing is assumed: what a file
does not say does not happen. `data/README.md` describes the columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, OrganizationSpec
from scenarios.importing.faults import Fault, Faults, describe, raise_faults
from scenarios.importing.table import Amount, Day, Label, Name, Row, Whole, parse_decimal, read_csv, require_known, require_unique
from scenarios.money import Basis
from scenarios.supply_chain_finance.records import AMOUNT_CENTS_MAX, Flag, PartyKind

PACKAGE = "scenarios.supply_chain_finance"
DESK = "desk"
"""Every company of a file signs by one member of its own: `COMPANY.desk`."""
SERVICES = ("tongda", "registry", "clearing", "regulator")
"""Who serves the trade and is no company of it."""
ROWS_MAX = 20_000
DAYS_MAX = 3 * 366
FIRST_DAY = 946_684_800_000
"""2000-01-01: no trade of these files is older."""
REASONS = {
    "reserved": Phrase("That name belongs to one who serves the trade.", "该名称属于服务机构。"),
    "before": Phrase("It is earlier than the day of its row.", "早于本行日期。"),
    "too-many-rows": Phrase("The files have at most 20,000 rows.", "文件最多 20,000 行。"),
    "too-far": Phrase("More than three years after the first day of the files.", "距首日超过三年。"),
}

Company: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,31}$")]
Money: TypeAlias = Annotated[Amount, Field(gt=0, le=AMOUNT_CENTS_MAX)]
MoneyOrNone: TypeAlias = Annotated[Amount, Field(ge=0, le=AMOUNT_CENTS_MAX)]
Percent: TypeAlias = Annotated[int, BeforeValidator(lambda text: parse_decimal(text, 4)), Field(le=1_000_000)]
"""`3.65` per cent a year as millionths: 36,500."""


def _words(text: object) -> object:
    return tuple(text.split()) if isinstance(text, str) else text


Hash: TypeAlias = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Labels: TypeAlias = Annotated[tuple[Label, ...], BeforeValidator(_words)]
"""Identifiers with spaces between."""


class CompanyRow(Row):
    """A company of the trade."""

    company: Company
    kind: PartyKind
    uscc: Label
    name_en: Name
    name_zh: Name
    tier: Annotated[Whole, Field(le=9)] = 0
    """How far from a core it delivers; 0 for cores and banks. For figures alone."""
    related: Labels = ()
    """Companies to which it has declared that it belongs."""

    @property
    def member(self) -> str:
        """Who signs for it."""
        return member_of(self.company)


class LineRow(Row):
    """A line of credit."""

    day: Day
    bank: Company
    core: Company
    limit_cny: MoneyOrNone
    expires: Day


class InvoiceRow(Row):
    """An open invoice; without `confirmed` the buyer never confirms it."""

    day: Day
    invoice: Label
    number: Name
    seller: Company
    buyer: Company
    issued: Day
    net_cny: Money
    tax_cny: Money
    confirmed: Day | None = None


class IssueRow(Row):
    """A root certificate; without `accepted` nobody accepts it."""

    day: Day
    certificate: Label
    core: Company
    to: Company
    amount_cny: Money
    due: Day
    invoices: Labels
    reason: Name = ""
    accepted: Day | None = None


class TransferRow(Row):
    """One part of a split. Rows of one day, certificate and holder are one split; the first part is `CERTIFICATE-1`."""

    day: Day
    certificate: Label
    holder: Company
    to: Company
    amount_cny: Money
    invoices: Labels = ()
    accepted: Day | None = None


class FinanceRow(Row):
    """An application for finance; without `disbursed` the bank does not pay."""

    day: Day
    certificate: Label
    holder: Company
    bank: Company
    rate_percent: Percent
    basis: Basis
    fee_cny: MoneyOrNone
    recourse: Literal["yes", "no"]
    invoices: Labels
    """Trades that the bank has seen."""
    evidence: Hash = ""
    """Digest of what the bank was shown; without it that of the names of the invoices."""
    answer: Name = ""
    """Number of an outside registry's answer, with its day and digest; without it the certificate is flagged."""
    answered: Day | None = None
    answer_digest: Hash = ""
    acknowledged: Annotated[tuple[Flag, ...], BeforeValidator(_words)] = ()
    """Flags that the bank has taken upon itself."""
    disbursed: Day | None = None
    net_cny: MoneyOrNone | None = None


class PaymentRow(Row):
    """A core pays a root certificate."""

    day: Day
    certificate: Label
    core: Company
    amount_cny: Money


@dataclass(frozen=True, slots=True)
class Trade:
    """The rows of all files, each with its line."""

    companies: tuple[tuple[int, CompanyRow], ...]
    lines: tuple[tuple[int, LineRow], ...] = ()
    invoices: tuple[tuple[int, InvoiceRow], ...] = ()
    certificates: tuple[tuple[int, IssueRow], ...] = ()
    transfers: tuple[tuple[int, TransferRow], ...] = ()
    finance: tuple[tuple[int, FinanceRow], ...] = ()
    payments: tuple[tuple[int, PaymentRow], ...] = ()

    @property
    def cast(self) -> dict[str, Phrase]:
        """Member id -> name."""
        return {row.member: Phrase(row.name_en, row.name_zh) for _, row in self.companies}

    @property
    def tiers(self) -> dict[str, int]:
        """Member id of a supplier -> tier."""
        return {row.member: row.tier for _, row in self.companies if row.kind == "supplier"}

    @property
    def organizations(self) -> tuple[OrganizationSpec, ...]:
        """Each company as an organization of its own: no other can sign for it."""
        return tuple(OrganizationSpec(row.company, (MemberSpec(DESK, (row.kind, "admin")),)) for _, row in self.companies)

    def days(self) -> tuple[int, ...]:
        """Every day on which something happens, in order, as midnight UTC."""
        return tuple(sorted({day for _, _, _, day in self.dated()}))

    def dated(self) -> Iterator[tuple[str, int, str, int]]:
        """(file, line, field, day) of everything that happens on a day."""
        for name, fields in HAPPENS.items():
            for line, row in getattr(self, name):
                for field in fields:
                    day = getattr(row, field)
                    if day is not None:
                        yield f"{name}.csv", line, field, day


COLUMNS: dict[str, type[Row]] = {
    "companies": CompanyRow, "lines": LineRow, "invoices": InvoiceRow, "certificates": IssueRow,
    "transfers": TransferRow, "finance": FinanceRow, "payments": PaymentRow,
}  # fmt: skip
HAPPENS = {
    name: [field for field in ("day", "confirmed", "accepted", "disbursed") if field in row.model_fields]
    for name, row in COLUMNS.items()
}
"""Fields that say when something happens; other days (due, issued, expires) are what a row speaks of."""
MAY_BE_EMPTY = ("transfers", "finance", "payments")
NAMED = ("bank", "core", "seller", "buyer", "to", "holder")
"""Fields that name a company of companies.csv."""


def member_of(company: str) -> str:
    """The member that signs for a company."""
    return f"{company}.{DESK}"


def read_trade(folder: Path) -> Trade:
    """Raises InputFaults that name every wrong row of all files."""
    faults = Faults()
    if not folder.is_dir():  # check: trade-folder
        faults.append(describe(folder.name, 0, "", "no-folder", str(folder)))
        raise_faults(faults)
    rows: dict[str, Any] = {
        name: tuple(read_csv(folder / f"{name}.csv", columns, faults, rows_min=name not in MAY_BE_EMPTY, words=REASONS))
        for name, columns in COLUMNS.items()
    }
    trade = Trade(**rows)
    _judge(trade, faults)
    raise_faults(faults)
    return trade


@cache
def default_trade() -> Trade:
    """The generated month of trade that lies beside this file."""
    return read_trade(Path(str(files(PACKAGE) / "data" / "trade")))


def _judge(trade: Trade, faults: list[Fault]) -> None:
    """What rows say of each other."""
    for name, field in (
        ("companies", "company"),
        ("companies", "uscc"),
        ("invoices", "invoice"),
        ("certificates", "certificate"),
    ):
        require_unique(list(getattr(trade, name)), field, faults, f"{name}.csv")
    for line, row in trade.companies:
        if row.company in SERVICES:  # check: scf-company-reserved
            faults.append(describe("companies.csv", line, "company", "reserved", row.company, REASONS))
    known = {row.company for _, row in trade.companies}
    for name, columns in COLUMNS.items():
        for field in NAMED:
            if field in columns.model_fields:
                require_known(list(getattr(trade, name)), field, known, faults, f"{name}.csv")
    related = [(line, other) for line, row in trade.companies for other in row.related if other not in known]
    faults.extend(describe("companies.csv", line, "related", "unknown-reference", other) for line, other in related)
    _judge_days(trade, faults)
    _judge_finance(trade.finance, faults)


def _judge_days(trade: Trade, faults: list[Fault]) -> None:
    dated = list(trade.dated())
    if (size := len(trade.companies) + len(dated)) > ROWS_MAX:  # check: scf-trade-size
        faults.append(describe("invoices.csv", 0, "", "too-many-rows", str(size), REASONS))
    first = min((day for _, _, _, day in dated), default=0)
    for file, line, field, day in dated:
        if day < FIRST_DAY:  # check: scf-trade-begin
            faults.append(describe(file, line, field, "out-of-range", "", REASONS))
        if day > first + DAYS_MAX * DAY_MS:  # check: scf-trade-days
            faults.append(describe(file, line, field, "too-far", "", REASONS))
    for name, fields in HAPPENS.items():
        for line, row in getattr(trade, name):
            for field in fields[1:]:
                later = getattr(row, field)
                if later is not None and later < row.day:  # check: scf-trade-order
                    faults.append(describe(f"{name}.csv", line, field, "before", "", REASONS))


def _judge_finance(rows: Sequence[tuple[int, FinanceRow]], faults: list[Fault]) -> None:
    for line, row in rows:
        if (row.disbursed is None) != (row.net_cny is None):  # check: scf-trade-net
            field = "net_cny" if row.net_cny is None else "disbursed"
            faults.append(describe("finance.csv", line, field, "missing", "", REASONS))
        given = {"answer": row.answer, "answered": row.answered, "answer_digest": row.answer_digest}
        if any(given.values()) and not all(given.values()):  # check: scf-trade-answer
            missing = next(field for field, value in given.items() if not value)
            faults.append(describe("finance.csv", line, missing, "missing", "", REASONS))
