"""What a random walk through supply-chain finance is given, beyond the rule tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.contract.refusal import Phrase
from scenarios.story.story import Finding, PlayedStory
from scenarios.supply_chain_finance import cast, finance, invariants, payments, services
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import LIVE
from scenarios.supply_chain_finance.state import invoices_behind
from tests import scf_rules, test_scenarios_scf_rules
from tests import scf_world as given
from tests.walker import Known, Trade, Walk

TRADES = (
    (cast.BEICHEN, cast.HAIHE), (cast.LULIN, cast.BEICHEN), (cast.MINGHE, cast.LULIN), (cast.BEICHEN, cast.MINGHE),
    (cast.LULIN, cast.HAIHE),
)  # fmt: skip
"""Seller and buyer; a round among them."""


def paper(walk: Walk, known: Known) -> Mapping[str, Any]:
    """An open invoice of one of the trades."""
    known["seller"], known["buyer"] = walk.chance.choice(TRADES)
    known["number"] = given.vat(f"{known['seller']} {walk.chance.randrange(20)}")
    cents = walk.chance.choice((2, 8, given.MILLION + 1))
    arguments = given.registration("", known["number"], known["seller"], known["buyer"], "2026-04-03", cents)
    return dict(arguments["paper"])


def printed(kind: str) -> Any:
    """A fingerprint by an honest registry, of the invoice before it or of any."""

    def draw(walk: Walk, known: Known) -> str:
        seller, buyer = (known["seller"], known["buyer"]) if "seller" in known else walk.chance.choice(TRADES)
        number = known.setdefault("number", given.vat(f"{seller} {walk.chance.randrange(20)}"))
        return str(given.prints(number, seller, buyer)[kind])

    return draw


def backing(walk: Walk, known: Known, seller: str, buyer: str) -> tuple[str, ...]:
    """An invoice of this trade, mostly one that is confirmed and not used up."""
    of_trade = [(key, one) for key, one in walk.rows("invoices") if (one.seller, one.buyer) == (seller, buyer)]
    fit = [
        key for key, one in of_trade if one.state == "confirmed" and not one.used_by and one.used_cents < max(1, one.amount_cents)
    ]
    return (walk.chance.choice(fit or [key for key, _ in of_trade] or ["none"]),)


def promise(walk: Walk, known: Known) -> Mapping[str, Any]:
    """What an invoice covers, a part of it, or a cent more."""
    to = walk.chance.choice((cast.BEICHEN, cast.LULIN))
    named = backing(walk, known, to, cast.HAIHE)
    invoice = dict(walk.rows("invoices")).get(named[0])
    left = min(invoice.amount_cents - invoice.used_cents, 2 * given.MILLION) if invoice else 1
    due = walk.world.time_ms + walk.chance.choice((0, 40, 90, 150)) * 86_400_000
    return {"to": to, "amount_cents": amount(walk, left), "due_on_ms": due, "invoices": named, "platform": cast.TONGDA}


def amount(walk: Walk, whole: int) -> int:
    """All of it, a part, one cent, or one cent too much."""
    return max(1, walk.chance.choice((whole, whole, whole // 2, 1, whole + 1)))


def parts(walk: Walk, known: Known) -> list[Mapping[str, Any]]:
    """A part for a supplier of the holder, and what remains."""
    face, holder = known.get("amount_cents", 2), known.get("holder", cast.BEICHEN)
    to = walk.chance.choice([seller for seller, buyer in TRADES if buyer == holder] or [cast.MINGHE])
    cents = amount(walk, face)
    split: list[Mapping[str, Any]] = [{"to": to, "amount_cents": cents, "invoices": backing(walk, known, to, holder)}]
    return split if cents == face else [*split, {"to": holder, "amount_cents": face - cents, "invoices": ()}]


def owed(walk: Walk, known: Known) -> int:
    """What a root's leaves are owed, or another amount."""
    leaves = (
        payments.live_leaves(walk.world.contract, known["certificate"])
        if known.get("certificate") in walk.world.contract.certificates
        else ()
    )
    return amount(walk, sum(leaf.owed_cents for _, leaf in leaves))


def behind(walk: Walk, known: Known) -> tuple[str, ...]:
    """All invoices behind the certificate."""
    return (
        invoices_behind(walk.world.contract, known["certificate"])
        if known.get("certificate") in walk.world.contract.certificates
        else ()
    )


def standing(walk: Walk, known: Known) -> tuple[str, ...]:
    """The flags that stand, if the certificate was offered to a bank."""
    key, state = known.get("certificate", ""), walk.world.contract
    application = state.applications.get(key) if key else None
    return tuple(finance.flags_of(state, walk.world.context(), key, application)) if application else ()


def asked(*steps: str, is_registered: bool = True) -> Any:
    """A certificate for which a bank has been asked and has come so far."""

    def draw(walk: Walk, known: Known) -> str:
        open_ones = [(key, one) for key, one in walk.rows("applications") if one.state == "applied"]
        entries = {key for key, one in walk.rows("registrations") if one.stands(walk.world.time_ms)}
        fit = [
            key for key, one in open_ones if all(getattr(one, step) for step in steps) and (is_registered or key not in entries)
        ]
        key = walk.chance.choice(fit or [key for key, _ in open_ones] or [*(key for key, _ in walk.rows("certificates")), "none"])
        known["certificate"] = key
        return str(key)

    return draw


def registered(walk: Walk, known: Known) -> str:
    """An entry of the registry, mostly one that stands or has run out unmarked."""
    rows = walk.rows("registrations")
    entries = [(key, one) for key, one in rows if one.state == "registered" or walk.chance.randrange(4) == 0]
    late = [key for key, one in entries if one.expires_on_ms <= walk.world.time_ms]
    return str(walk.chance.choice(late or [key for key, _ in entries] or ["none"]))


def root(walk: Walk, known: Known) -> str:
    """A root of which something is owed, mostly one that is due."""
    open_roots = [
        one for _, one in walk.rows("certificates") if not one.children and one.state in LIVE and one.state != "pending"
    ]
    due = [one.root for one in open_roots if one.due_on_ms <= walk.world.time_ms]
    key = walk.chance.choice(due or [one.root for one in open_roots] or ["none"])
    known["root"] = known["certificate"] = key
    return str(key)


def findings(story: PlayedStory) -> Iterator[Finding]:
    """The invariants, and what a state keeps beside them: counts of leaves, orders of courts, sums of each core."""
    yield from invariants.findings(story)
    yield Finding("counts", Phrase("Counts are true", "计数属实"), tuple(counted(story)))


def counted(story: PlayedStory) -> Iterator[str]:
    """What does not add up. It shares no rule with the contract."""
    state: Mapping[str, Mapping[str, Any]] = story.records
    held, freezes = state["certificates"], state["freezes"]
    standing = {key: freezes[key].before if key in freezes else one.state for key, one in held.items()}
    for key, one in held.items():
        leaves = [leaf for leaf in held.values() if leaf.root == key and not leaf.children]
        if one.root == key and len(leaves) != one.leaves:
            yield f"{key}: {len(leaves)} leaves, {one.leaves} counted"
        if one.parent and key not in held[one.parent].children:
            yield f"{key}: no child of {one.parent}"
        if (one.state == "frozen") != (key in freezes):
            yield f"{key}: {one.state}, and the court's order says otherwise"
        if (standing[key] == "settled") != (one.paid_cents + one.discount_cents == one.amount_cents):
            yield f"{key}: {one.state} with {one.paid_cents} paid"
        registration = state["registrations"].get(key)
        if one.state == "financed" and (registration is None or registration.state == "cancelled"):
            yield f"{key}: financed without a registration"
    for core, obligor in state["obligors"].items():
        own = {key: one for key, one in held.items() if one.core == core}
        late = sum(one.amount_cents - one.paid_cents for key, one in own.items() if standing[key] in ("overdue", "recourse"))
        lost = sum(one.amount_cents - one.paid_cents for one in own.values() if one.state == "written-off")
        if (obligor.overdue_cents, obligor.written_off_cents) != (late, lost) or obligor.blocked != (late + lost > 0):
            yield f"{core}: {late} late, {lost} lost, booked {obligor}"


TRADE = Trade(
    contract=Scf,
    findings=findings,
    tables=(test_scenarios_scf_rules.certificates(), test_scenarios_scf_rules.trades()),
    rules=scf_rules.RULES,
    arguments={
        "paper": paper,
        "fingerprint": printed("fingerprint"),
        "promise": promise,
        "parts": parts,
        "onboard.member": lambda walk, known: "new.person",
        "uscc": lambda walk, known: given.USCC,
        "query_registry.certificate": asked(),
        "check_documents.certificate": asked("queried_at_ms"),
        "register_assignment.certificate": asked("queried_at_ms", is_registered=False),
        "disburse.certificate": asked("queried_at_ms", "checked_at_ms"),
        "expire_registration.certificate": registered,
        "cancel_registration.certificate": registered,
        "months": lambda walk, known: walk.chance.choice((1, 1, 1, 12)),
        "fee_cents": lambda walk, known: walk.chance.choice((0, 0, 3, 2 * given.MILLION)),
        "with_recourse": lambda walk, known: walk.chance.choice((True, True, False)),
        "pay_at_maturity.certificate": root,
        "mark_overdue.certificate": root,
        "pay_at_maturity.amount_cents": owed,
        "check_documents.invoices": behind,
        "acknowledge_flags.certificate": asked("queried_at_ms", "checked_at_ms"),
        "flags": standing,
        "tallies": lambda walk, known: services.tallies_of(walk.world.contract, cast.TONGDA),
        "day_ms": lambda walk, known: walk.world.time_ms,
    },
    weights={
        **dict.fromkeys(("announce_default", "announce_cure", "suspend", "set_tenor_rule", "set_holidays", "set_line"), 1),
        **dict.fromkeys(("dispute",), 1),
        **dict.fromkeys(("reconcile", "reinstate", "mark_overdue"), 3),
        **dict.fromkeys(("issue", "accept", "split_transfer", "apply_finance", "query_registry", "check_documents"), 25),
        **dict.fromkeys(("register_assignment", "disburse", "claim_recourse", "pay_recourse"), 25),
        **dict.fromkeys(("pay_at_maturity", "write_off", "early_pay", "expire_registration"), 12),
    },
    flaws=("core-blocked", "still-live"),
)
