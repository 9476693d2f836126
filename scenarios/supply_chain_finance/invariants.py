"""What must be true of the whole state at the end, whatever the story was: I1 to I12.

The oracle shares no rule with the contract: it adds up, compares, and reads who signed from the submitted steps.
"""

from collections.abc import Callable, Iterator
from typing import cast

from ledger.contract.calendar import add_months
from ledger.contract.refusal import Phrase
from scenarios.story.play import played_events, rows
from scenarios.story.story import Act, Finding, PlayedStory
from scenarios.supply_chain_finance import records
from scenarios.supply_chain_finance.figures import certificates, disbursed
from scenarios.supply_chain_finance.signatures import faults_of_blocked_issues, faults_of_signatures

Faults = Iterator[str]


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    return tuple(Finding(code, words, tuple(judge(played_story))) for code, words, judge in INVARIANTS)


def conserved(played_story: PlayedStory) -> Faults:
    """I1: what a root promised is held, paid or written off, to the cent; every split adds up."""
    held = certificates(played_story.records)
    for key, certificate in held.items():
        parts = sum(held[child].amount_cents for child in certificate.children)
        if certificate.children and parts != certificate.amount_cents:
            yield f"{key}: parts of {parts}"
        if not certificate.parent:
            leaves = [leaf for leaf in held.values() if leaf.root == key and not leaf.children]
            if sum(leaf.amount_cents for leaf in leaves) != certificate.amount_cents:
                yield f"{key}: leaves do not add up"
    for key, leaf in held.items():
        got = leaf.paid_cents + leaf.discount_cents
        if got > leaf.amount_cents or (leaf.state != "frozen" and (leaf.state == "settled") != (got == leaf.amount_cents)):
            yield f"{key}: {leaf.state} with {got} paid or let go"


def held_once(played_story: PlayedStory) -> Faults:
    """I2: a live leaf has one holder that was let in, at most one open application, at most one registration, by that bank."""
    state = played_story.records
    applications = rows(state, "applications", records.Application)
    registrations = rows(state, "registrations", records.Registration)
    for key, certificate in certificates(state).items():
        application, registration = applications.get(key), registrations.get(key)
        bank = application.bank if application else ""
        if certificate.state in records.LIVE and certificate.holder not in state["parties"]:
            yield f"{key}: held by {certificate.holder}"
        if certificate.state == "locked" and (application is None or application.state != "applied"):
            yield f"{key}: locked for nobody"
        if registration and registration.state == "registered" and registration.assignee != bank:
            yield f"{key}: registered by {registration.assignee}"
        if certificate.state == "financed" and certificate.holder != bank:
            yield f"{key}: financed, and not with its bank"


def inherited(played_story: PlayedStory) -> Faults:
    """I3: due date, core, currency and platform never change on the way."""
    held = certificates(played_story.records)
    for key, certificate in held.items():
        root = held[certificate.root]
        for field in ("due_on_ms", "core", "currency", "platform", "issued_on_ms"):
            if getattr(certificate, field) != getattr(root, field):
                yield f"{key}: {field}"


def used_once(played_story: PlayedStory) -> Faults:
    """I4: an invoice backs no more than its amount, a sealed one a single certificate."""
    held = certificates(played_story.records)
    for key, invoice in rows(played_story.records, "invoices", records.Invoice).items():
        backed = [part.amount_cents for c in held.values() for part in c.backing if part.invoice == key]
        is_over = len(backed) > 1 if invoice.document else sum(backed) > invoice.amount_cents
        if is_over or sum(backed) != invoice.used_cents or (backed and invoice.state != "confirmed"):
            yield f"{key}: {sum(backed)} of {invoice.amount_cents}"


def within_lines(played_story: PlayedStory) -> Faults:
    """I5: what a core owes is what its leaves say, within its lines and its confirmed payables."""
    state = played_story.records
    lines = rows(state, "lines", records.Line)
    invoices = [one for one in rows(state, "invoices", records.Invoice).values() if one.state == "confirmed"]
    frozen = {key for key, freeze in rows(state, "freezes", records.Freeze).items() if freeze.before == "pending"}
    applications = rows(state, "applications", records.Application)
    for core, obligor in rows(state, "obligors", records.Obligor).items():
        leaves = {
            key: c for key, c in certificates(state).items() if c.core == core and not c.children and c.state in records.LIVE
        }
        owed = sum(leaf.amount_cents - leaf.paid_cents - leaf.discount_cents for leaf in leaves.values())
        limit = sum(line.limit_cents for key, line in lines.items() if key.startswith(f"{core}:"))
        payable = sum(invoice.amount_cents for invoice in invoices if invoice.buyer == core)
        if obligor.outstanding_cents != owed or owed > min(limit, payable):
            yield f"{core}: {obligor.outstanding_cents} booked, {owed} owed"
        roots = {key: leaf for key, leaf in leaves.items() if not leaf.parent}
        offered = sum(root.amount_cents for key, root in roots.items() if root.state == "pending" or key in frozen)
        maturities = rows(state, "maturities", records.Maturity).items()
        falling_due = sum(row.owed_cents for key, row in maturities if key.startswith(f"{core}:"))
        if falling_due != owed - offered:
            yield f"{core}: {falling_due} booked as falling due, {owed - offered} accepted and owed"
        financed = [leaf for key, leaf in leaves.items() if key in applications and applications[key].state == "disbursed"]
        for key, line in lines.items():
            of, _, bank = key.partition(":")
            held = sum(leaf.amount_cents - leaf.paid_cents for leaf in financed if leaf.holder == bank)
            if of == core and (held > line.limit_cents or held != line.financed_cents):
                yield f"{bank}: {held} of {core}, {line.financed_cents} booked"


def no_pooling(played_story: PlayedStory) -> Faults:
    """I6: the platform has no account, pays nobody and is paid by nobody."""
    platforms = {certificate.platform for certificate in certificates(played_story.records).values()}
    yield from (platform for platform in sorted(platforms) if platform in played_story.records["accounts"])
    for payment in _payments(played_story):
        if platforms & {payment["payer"], payment["payee"]}:
            yield str(payment)


def cash_conserved(played_story: PlayedStory) -> Faults:
    """I7: accounts sum to nothing and are what was paid; what cores paid is what certificates say, and all that was set aside
    waits with the settlement bank or has gone to the holder."""
    state = played_story.records
    accounts = {key: account.change_cents for key, account in rows(state, "accounts", records.Account).items()}
    if sum(accounts.values()):
        yield f"accounts sum to {sum(accounts.values())}"
    booked, purposes = dict.fromkeys(accounts, 0), dict.fromkeys(("maturity", "early", "deposit", "set-aside"), 0)
    for payment in _payments(played_story):
        cents = cast(int, payment["amount_cents"])
        booked[str(payment["payer"])] -= cents
        booked[str(payment["payee"])] += cents
        purposes[str(payment["purpose"])] = purposes.get(str(payment["purpose"]), 0) + cents
    yield from (
        f"{member}: {accounts[member]} booked, {booked[member]} paid" for member in accounts if accounts[member] != booked[member]
    )
    paid = purposes["maturity"] + purposes["early"] + purposes["deposit"]
    received = sum(certificate.paid_cents for certificate in certificates(state).values())
    if paid != received:
        yield f"{paid} paid by cores, {received} received"
    waiting = sum(freeze.held_cents for freeze in rows(state, "freezes", records.Freeze).values())
    if purposes["deposit"] - purposes["set-aside"] != waiting:
        yield f"{purposes['deposit']} set aside, {purposes['set-aside']} paid out, {waiting} waiting"


def within_terms(played_story: PlayedStory) -> Faults:
    """I9: the term keeps to the limit of the day of issue, and beyond the shorter limit a reason was given."""
    limits = sorted((int(key), rule) for key, rule in rows(played_story.records, "tenor_rules", records.TenorRule).items())
    reasons = {
        arguments.get("certificate"): cast("dict[str, str]", arguments["promise"]).get("reason")
        for played in played_story.steps
        if isinstance(played.step, Act)
        for call, arguments in zip(played.step.calls, played.arguments, strict=True)
        if call.operation.name == "issue"
    }
    for key, root in certificates(played_story.records).items():
        limit = next((limit for start, limit in reversed(limits) if start <= root.issued_on_ms), None)
        if root.parent:
            continue
        if limit is None or root.due_on_ms > add_months(root.issued_on_ms, limit.months_max):
            yield f"{key}: too long"
        elif root.due_on_ms > add_months(root.issued_on_ms, limit.months_without_reason) and not reasons.get(key):
            yield f"{key}: no reason"


def in_order(played_story: PlayedStory) -> Faults:
    """I11: the registry was queried before the assignment was registered, and that before money moved."""
    registrations = rows(played_story.records, "registrations", records.Registration)
    for key, application in disbursed(played_story.records).items():
        paid_at_ms = application.disbursed_at_ms
        registered_at_ms = registrations[key].registered_at_ms if key in registrations else paid_at_ms + 1
        if not 0 < application.queried_at_ms <= registered_at_ms <= paid_at_ms:
            yield f"{key}: out of order"


def with_open_eyes(played_story: PlayedStory) -> Faults:
    """I12: no bank paid before it took each flag upon itself, or on an invoice that was reported as used elsewhere by then."""
    held, barred = certificates(played_story.records), set()
    for event in played_events(played_story):
        if event.name == "use-reported":
            barred.add(event.data["invoice"])
        elif event.name == "use-withdrawn":
            barred.discard(event.data["invoice"])
        elif event.name == "moved" and (event.data["before"], event.data["after"]) == ("locked", "financed"):
            name = str(event.data["certificate"])
            while name:
                if barred & {part.invoice for part in held[name].backing}:
                    yield f"{name}: paid on an invoice used elsewhere"
                name = held[name].parent
    for key, application in disbursed(played_story.records).items():
        if not application.evidence or {*application.flags} - {*application.acknowledged}:
            yield f"{key}: paid with {application.flags}, acknowledged {application.acknowledged}"


INVARIANTS: tuple[tuple[str, Phrase, Callable[[PlayedStory], Faults]], ...] = (
    ("I1", Phrase("Every root is held, paid or written off, to the cent", "每张原始凭证的去向分毫不差"), conserved),
    (
        "I2",
        Phrase("Every certificate has one holder, one financing, one registration", "每张凭证只有一个持有人、一次融资、一次登记"),
        held_once,
    ),
    ("I3", Phrase("Due date, core, currency and platform never change", "到期日、核心企业、币种、平台始终不变"), inherited),
    ("I4", Phrase("No invoice is used beyond its amount", "任何发票都未超额使用"), used_once),
    ("I5", Phrase("A core owes what its leaves say, within its lines", "核心企业债务与末端凭证一致，且在额度内"), within_lines),
    ("I6", Phrase("The platform never held or moved money", "平台从未持有或划转资金"), no_pooling),
    ("I7", Phrase("Cash is conserved; holders got what cores paid", "资金守恒，兑付款全部到达持有人"), cash_conserved),
    ("I8", Phrase("No certificate was issued by a blocked core", "被限制的核心企业没有开立凭证"), faults_of_blocked_issues),
    ("I9", Phrase("Every term is within the limit of its day", "期限都符合当日规定"), within_terms),
    ("I10", Phrase("Every change was signed by the one entitled to it", "每次变更都由有权者签署"), faults_of_signatures),
    ("I11", Phrase("Query, then registration, then money", "先查询，再登记，后放款"), in_order),
    ("I12", Phrase("Money went only on flags that a bank has acknowledged", "风险提示经银行确认后方才放款"), with_open_eyes),
)


def _payments(played_story: PlayedStory) -> list[dict[str, object]]:
    return [dict(one.data) for one in played_events(played_story) if one.name == "paid"]
