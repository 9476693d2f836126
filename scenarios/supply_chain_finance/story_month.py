"""A course of trade: the generated month of 46 companies, or a folder of your own, each company signing for itself.

A day goes: lines; invoices; confirmations; certificates; acceptances and splits, level by level down the tiers; finance;
payments. All that one stage of the day holds is one list, and what happens within a list does not depend on the rest of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.contract import Operation
from ledger.contract.calendar import DAY_MS, weekday
from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.dates import START_MS, on
from scenarios.story.story import COMMITTED, OPEN, Act, Call, Story, StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, HOLIDAYS, MEMBERS, PACKAGE, REGISTRY, REGULATOR, TONGDA, promise
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import licence_presentation, open_invoice
from scenarios.supply_chain_finance.records import FinanceTerms, Part
from scenarios.supply_chain_finance.trade_files import SERVICES, Trade, TransferRow, default_trade, member_of

WEEKDAYS = tuple(
    zip(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), "一二三四五六日", strict=True)
)
"""From 0; the date stands before them wherever a clock is shown."""
LIST_MAX = 250
"""Most calls that go out at once."""
REGISTRATION_MONTHS = 12
GROUPS: Mapping[str, Phrase] = {
    "cores": Phrase("The cores", "各核心企业"), "suppliers": Phrase("The suppliers", "各供应商"),
    "companies": Phrase("The companies", "各企业"), "banks": Phrase("The banks", "各银行"),
}  # fmt: skip
"""How those are called who do the same on one morning; each signs for itself."""
STAGES: Mapping[str, tuple[str, Phrase]] = {
    "onboard": (TONGDA, Phrase("lets in companies that show their business licence: {}.", "准入出示营业执照的企业：{} 家。")),
    "line": ("banks", Phrase("open lines of credit on cores: {}.", "为核心企业开立授信额度：{} 笔。")),
    "invoice": ("suppliers", Phrase("register invoices, and the registry signs each: {}.", "登记发票，登记处共同签署：{} 张。")),
    "confirm": ("companies", Phrase("confirm payables as buyers: {}.", "作为买方确认应付账款：{} 笔。")),
    "issue": ("cores", Phrase("issue certificates: {}.", "开立凭证：{} 张。")),
    "accept": ("suppliers", Phrase("accept certificates: {}.", "签收凭证：{} 张。")),
    "split": ("suppliers", Phrase("split certificates to pay their own suppliers: {}.", "拆分凭证支付上游供应商：{} 张。")),
    "apply": ("suppliers", Phrase("apply for finance: {}.", "申请融资：{} 笔。")),
    "check": ("banks", Phrase("query the registry, and check the trades behind: {}.", "查询登记并审查贸易背景：{} 笔。")),
    "register": ("banks", Phrase("register assignments: {}.", "办理转让登记：{} 笔。")),
    "disburse": ("banks", Phrase("pay, by the settlement bank's hand: {}.", "经结算银行放款：{} 笔。")),
    "pay": ("cores", Phrase("pay whoever holds their certificates today: {}.", "到期付款给当日持有人：{} 笔。")),
}
"""Who does what, in the order of a day, but that acceptances and splits alternate down the tiers."""
ORDER = tuple(STAGES)

Place = tuple[int, int, int]
"""Day, level in the tree for acceptances and splits, stage."""


@dataclass(slots=True)
class Course:
    """What happens when, gathered from the files."""

    trade: Trade
    calls: dict[Place, list[Call]] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    """Certificate -> how often it was split before."""

    def gathered(self) -> Iterator[tuple[int, str, list[Call]]]:
        """(day, stage, calls) in the order of time."""
        self._gather_invoices()
        self._gather_certificates()
        self._gather_finance()
        for day, level, stage in sorted(self.calls):
            yield day, ORDER[stage], self.calls[day, level, stage]

    def _gather_invoices(self) -> None:
        for line, row in self.trade.lines:
            limit = {"core": member_of(row.core), "limit_cents": row.limit_cny, "expires_on_ms": row.expires}
            self._add(row.day, "line", f"lines.csv:{line}", (member_of(row.bank),), Scf.set_line, limit)
        for line, invoice in self.trade.invoices:
            origin, seller, buyer = f"invoices.csv:{line}", member_of(invoice.seller), member_of(invoice.buyer)
            arguments = open_invoice(
                invoice.invoice, invoice.number, seller, buyer, invoice.issued, invoice.net_cny, invoice.tax_cny
            )
            made = (invoice.invoice,)
            self._add(invoice.day, "invoice", origin, (seller, REGISTRY), Scf.register_invoice, arguments, makes=made)
            if invoice.confirmed is not None:
                confirmed = {"invoice": invoice.invoice}
                self._add(invoice.confirmed, "confirm", origin, (buyer,), Scf.confirm_payable, confirmed, makes=made)

    def _gather_certificates(self) -> None:
        for line, root in self.trade.certificates:
            origin, to = f"certificates.csv:{line}", member_of(root.to)
            order = promise(to, root.amount_cny, root.due, *root.invoices, reason=root.reason)
            issue, made = {"certificate": root.certificate, "promise": order}, (root.certificate,)
            self._add(root.day, "issue", origin, (member_of(root.core),), Scf.issue, issue, makes=made)
            self._accept(root.accepted, root.certificate, origin, to)
        for (day, certificate, holder), rows in _splits(self.trade).items():
            level = self.levels.get(certificate, 0)
            parts = tuple(Part(to=member_of(r.to), amount_cents=r.amount_cny, invoices=r.invoices) for _, r in rows)
            origin = f"transfers.csv:{rows[0][0]}"
            arguments = {"certificate": certificate, "parts": parts}
            names = tuple(f"{certificate}-{number}" for number in range(1, len(rows) + 1))
            self._add(day, "split", origin, (member_of(holder),), Scf.split_transfer, arguments, level, makes=names)
            for name, (line, row) in zip(names, rows, strict=True):
                self.levels[name] = level + 1
                self._accept(row.accepted, name, f"transfers.csv:{line}", member_of(row.to))

    def _accept(self, day: int | None, certificate: str, origin: str, to: str) -> None:
        if day is not None:
            level = self.levels.get(certificate, 0)
            self._add(day, "accept", origin, (to,), Scf.accept, {"certificate": certificate}, level)

    def _gather_finance(self) -> None:
        for line, row in self.trade.finance:
            origin, bank, it = f"finance.csv:{line}", member_of(row.bank), {"certificate": row.certificate}
            terms = FinanceTerms(
                bank=bank, rate_ppm=row.rate_percent, basis=row.basis, fee_cents=row.fee_cny, with_recourse=row.recourse == "yes"
            )
            apply, made = {**it, "terms": terms}, (row.certificate,)
            self._add(row.day, "apply", origin, (member_of(row.holder),), Scf.apply_finance, apply, makes=made)
            self._add(row.day, "check", origin, (bank,), Scf.query_registry, it)
            seen = {"invoices": row.invoices, "flags": row.reviewed}
            self._add(row.day, "check", origin, (bank,), Scf.check_documents, {**it, **seen})
            entry = {"contract_on_ms": row.day, "months": REGISTRATION_MONTHS}
            self._add(row.day, "register", origin, (bank,), Scf.register_assignment, {**it, **entry})
            if row.disbursed is not None:
                self._add(row.disbursed, "disburse", origin, (bank, CLEARING), Scf.disburse, {**it, "net_cents": row.net_cny})
        for line, payment in self.trade.payments:
            arguments = {"certificate": payment.certificate, "amount_cents": payment.amount_cny}
            signers = (member_of(payment.core), CLEARING)
            self._add(payment.day, "pay", f"payments.csv:{line}", signers, Scf.pay_at_maturity, arguments)

    def _add(
        self,
        day: int,
        stage: str,
        origin: str,
        signers: tuple[str, ...],
        operation: Operation,
        arguments: Mapping[str, Any],
        level: int = 0,
        makes: tuple[str, ...] = (),
    ) -> None:
        place = ORDER.index(stage)
        level = {"accept": level, "split": level}.get(
            stage, 0 if place < ORDER.index("accept") else len(self.trade.transfers) + 1
        )
        self.calls.setdefault((day, level, place), []).append(Call(operation, arguments, origin, signers, makes=makes))


def write_month(writer: StoryWriter) -> None:
    """The data that lie beside this file."""
    writer.chapter(en="A month of trade", zh="一个月的贸易")
    write_trade(writer, default_trade(), START_MS, is_open=False)


def story_of(trade: Trade, start_ms: int) -> Story:
    """A user's own course of trade, on a ledger of its own that begins two days before it."""
    writer = StoryWriter()
    writer.chapter(en="The rules", zh="规则")
    writer.step(
        REGULATOR,
        Scf.set_tenor_rule,
        effective_on_ms=start_ms + DAY_MS,
        months_max=12,
        months_without_reason=6,
        en="A certificate runs at most twelve months, and beyond six only with a reason.",
        zh="凭证期限最长十二个月，超过六个月须说明理由。",
    )
    holidays = [
        {"days": later, "name": h["name"]}
        for h in HOLIDAYS
        if (later := tuple(day for day in map(on, h["days"]) if day > start_ms))
    ]
    if holidays:
        writer.batch(
            CLEARING,
            [(Scf.set_holidays, holiday) for holiday in holidays],
            en="The settlement bank announces the holidays of 2026.",
            zh="结算银行公布 2026 年节假日。",
        )
    writer.chapter(en="The trade of the files", zh="文件中的贸易")
    write_trade(writer, trade, start_ms, is_open=True)
    return writer.story()


def begin_of(trade: Trade) -> int:
    """The genesis of a ledger for a user's own data: two days before anything happens, so that its rules stand by then."""
    return trade.days()[0] - 2 * DAY_MS


def specification_of(trade: Trade, start_ms: int) -> NetworkSpecification:
    """Those who serve the trade run the four nodes; every company of the files is an organization with its own key."""
    roles = {person["member"]: tuple(person["roles"]) for person in MEMBERS}
    services = [
        OrganizationSpec(name, (MemberSpec(member.partition(".")[2], (*own, "admin")), MemberSpec("node", ("validator",))))
        for name in SERVICES
        for member, own in roles.items()
        if member.partition(".")[0] == name
    ]
    return NetworkSpecification(
        organizations=(*services, *trade.organizations),
        validators=tuple(f"{name}.node" for name in SERVICES),
        contracts=((Scf.name, f"{PACKAGE}.contract:{Scf.__name__}"),),
        start_time_ms=start_ms,
    )


def write_trade(writer: StoryWriter, trade: Trade, start_ms: int, *, is_open: bool) -> None:
    """Tells a whole course of trade, from the admission of its companies on; `is_open`: the ledger alone judges the rows."""
    ending = OPEN if is_open else COMMITTED
    on_day = -1
    for day, stage, calls in (*_admission(trade), *Course(trade).gathered()):
        if day != on_day:
            on_day = day
            en, zh = WEEKDAYS[weekday(day)]
            writer.clock((day - start_ms) // DAY_MS, en=f"{en}.", zh=f"星期{zh}。")
        for first in range(0, len(calls), LIST_MAX):
            some = tuple(calls[first : first + LIST_MAX])
            who, words = STAGES[stage]
            writer.add(Act((who,), some, ending, Phrase(words.en.format(len(some)), words.zh.format(len(some)))))


def _admission(trade: Trade) -> Iterator[tuple[int, str, list[Call]]]:
    calls = []
    for line, row in trade.companies:
        licence = licence_presentation(TONGDA, row.member, row.uscc)
        arguments = {"member": row.member, "kind": row.kind, "uscc": row.uscc, "licence": licence}
        calls.append(Call(Scf.onboard, arguments, f"companies.csv:{line}", (TONGDA,), makes=(row.member,)))
    yield trade.days()[0], "onboard", calls


def _splits(trade: Trade) -> dict[tuple[int, str, str], list[tuple[int, TransferRow]]]:
    """Rows that make one split each, those of a parent before those of its parts."""
    found: dict[tuple[int, str, str], list[tuple[int, TransferRow]]] = {}
    for line, row in sorted(trade.transfers, key=lambda entry: len(entry[1].certificate)):
        found.setdefault((row.day, row.certificate, row.holder), []).append((line, row))
    return found
