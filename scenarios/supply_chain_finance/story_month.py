"""A course of trade: the generated month of 46 companies, or a folder of your own, each company signing for itself.

A day goes: lines; invoices; confirmations; certificates; acceptances and splits, level by level down the tiers; finance;
payments. All that one stage of the day holds is one list, and what happens within a list does not depend on the rest of it.
"""

from collections.abc import Iterator, Mapping

from ledger.contract.calendar import DAY_MS, weekday
from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.dates import START_MS, on
from scenarios.story.story import COMMITTED, OPEN, Act, Call, Story, StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, HOLIDAYS, MEMBERS, PACKAGE, REGISTRY, REGULATOR, TONGDA, limits, promise
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import evidence_of, licence_presentation, open_invoice
from scenarios.supply_chain_finance.records import FinanceTerms, OutsideAnswer, Part
from scenarios.supply_chain_finance.trade_files import SERVICES, FinanceRow, Trade, TransferRow, default_trade, member_of

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

Happening = tuple[int, str, int, Call]
"""Day, stage, level in the tree for acceptances and splits, and what is submitted."""


def gathered(trade: Trade) -> Iterator[tuple[int, str, list[Call]]]:
    """(day, stage, calls) in the order of time."""
    first, deepest = ORDER.index("accept"), len(trade.transfers) + 1
    calls: dict[tuple[int, int, int], list[Call]] = {}
    for day, stage, level, call in (*_invoices(trade), *_certificates(trade), *_finance(trade)):
        place = ORDER.index(stage)
        level = level if stage in ("accept", "split") else 0 if place < first else deepest
        calls.setdefault((day, level, place), []).append(call)
    for day, level, place in sorted(calls):
        yield day, ORDER[place], calls[day, level, place]


def _invoices(trade: Trade) -> Iterator[Happening]:
    for line, row in trade.lines:
        limit = {"core": member_of(row.core), "limit_cents": row.limit_cny, "expires_on_ms": row.expires}
        yield row.day, "line", 0, Call(Scf.set_line, limit, f"lines.csv:{line}", (member_of(row.bank),))
    for line, invoice in trade.invoices:
        origin, seller, buyer = f"invoices.csv:{line}", member_of(invoice.seller), member_of(invoice.buyer)
        paper = open_invoice(invoice.invoice, invoice.number, seller, buyer, invoice.issued, invoice.net_cny, invoice.tax_cny)
        made = (invoice.invoice,)
        yield invoice.day, "invoice", 0, Call(Scf.register_invoice, paper, origin, (seller, REGISTRY), makes=made)
        if invoice.confirmed is not None:
            it = {"invoice": invoice.invoice}
            yield invoice.confirmed, "confirm", 0, Call(Scf.confirm_payable, it, origin, (buyer,), makes=made)


def _certificates(trade: Trade) -> Iterator[Happening]:
    levels: dict[str, int] = {}
    """Certificate -> how often it was split before."""

    def accepted(day: int | None, certificate: str, origin: str, to: str) -> Iterator[Happening]:
        if day is not None:
            call = Call(Scf.accept, {"certificate": certificate}, origin, (member_of(to),))
            yield day, "accept", levels.get(certificate, 0), call

    for line, root in trade.certificates:
        origin, made = f"certificates.csv:{line}", (root.certificate,)
        order = promise(member_of(root.to), root.amount_cny, root.due, *root.invoices, reason=root.reason)
        issue = {"certificate": root.certificate, "promise": order}
        yield root.day, "issue", 0, Call(Scf.issue, issue, origin, (member_of(root.core),), makes=made)
        yield from accepted(root.accepted, root.certificate, origin, root.to)
    for (day, certificate, holder), rows in _splits(trade).items():
        level = levels.get(certificate, 0)
        parts = tuple(Part(to=member_of(r.to), amount_cents=r.amount_cny, invoices=r.invoices) for _, r in rows)
        names = tuple(f"{certificate}-{number}" for number in range(1, len(rows) + 1))
        split, origin = {"certificate": certificate, "parts": parts}, f"transfers.csv:{rows[0][0]}"
        yield day, "split", level, Call(Scf.split_transfer, split, origin, (member_of(holder),), makes=names)
        for name, (line, row) in zip(names, rows, strict=True):
            levels[name] = level + 1
            yield from accepted(row.accepted, name, f"transfers.csv:{line}", row.to)


def _finance(trade: Trade) -> Iterator[Happening]:
    for line, row in trade.finance:
        origin, bank, it = f"finance.csv:{line}", member_of(row.bank), {"certificate": row.certificate}
        terms = FinanceTerms(
            bank=bank, rate_ppm=row.rate_percent, basis=row.basis, fee_cents=row.fee_cny, with_recourse=row.recourse == "yes"
        )
        seen = {**it, "invoices": row.invoices, "evidence": row.evidence or evidence_of(*row.invoices)}
        query = {**it, "outside": answer_of(row)}
        entry = {**it, "contract_on_ms": row.day, "months": REGISTRATION_MONTHS}
        apply, applicant = {**it, "terms": terms}, (member_of(row.holder),)
        yield row.day, "apply", 0, Call(Scf.apply_finance, apply, origin, applicant, makes=(row.certificate,))
        yield row.day, "check", 0, Call(Scf.query_registry, query, origin, (bank,))
        yield row.day, "check", 0, Call(Scf.check_documents, seen, origin, (bank,))
        if row.acknowledged:
            borne = {**it, "flags": row.acknowledged, "reason": origin}
            yield row.day, "check", 0, Call(Scf.acknowledge_flags, borne, origin, (bank,))
        yield row.day, "register", 0, Call(Scf.register_assignment, entry, origin, (bank,))
        if row.disbursed is not None:
            paid = {**it, "net_cents": row.net_cny}
            yield row.disbursed, "disburse", 0, Call(Scf.disburse, paid, origin, (bank, CLEARING))
    for line, payment in trade.payments:
        paid = {"certificate": payment.certificate, "amount_cents": payment.amount_cny}
        payers = (member_of(payment.core), CLEARING)
        yield payment.day, "pay", 0, Call(Scf.pay_at_maturity, paid, f"payments.csv:{line}", payers)


def answer_of(row: FinanceRow) -> OutsideAnswer | None:
    """What an outside registry answered to the bank, if the row says so: that nobody else has the certificate."""
    if row.answered is None:
        return None
    return OutsideAnswer(number=row.answer, answered_at_ms=row.answered, digest=row.answer_digest, names_another=False)


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
        limits=limits(12, 6),
        en="A certificate runs at most twelve months, and beyond six only with a reason; an invoice backs it for a year.",
        zh="凭证期限最长十二个月，超过六个月须说明理由；发票一年内可作为依据。",
    )
    announced = [(holiday["name"], tuple(day for day in map(on, holiday["days"]) if day > start_ms)) for holiday in HOLIDAYS]
    if holidays := [(Scf.set_holidays, {"days": days, "name": name}) for name, days in announced if days]:
        writer.batch(
            CLEARING,
            holidays,
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
    for day, stage, calls in (*_admission(trade), *gathered(trade)):
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
    related = [
        Call(
            Scf.declare_relation,
            {"member": row.member, "other": member_of(other), "ground": "declared"},
            f"companies.csv:{line}",
            (TONGDA,),
        )
        for line, row in trade.companies
        for other in row.related
    ]
    yield trade.days()[0], "onboard", calls + related


def _splits(trade: Trade) -> dict[tuple[int, str, str], list[tuple[int, TransferRow]]]:
    """Rows that make one split each, those of a parent before those of its parts."""
    found: dict[tuple[int, str, str], list[tuple[int, TransferRow]]] = {}
    for line, row in sorted(trade.transfers, key=lambda entry: len(entry[1].certificate)):
        found.setdefault((row.day, row.certificate, row.holder), []).append((line, row))
    return found
