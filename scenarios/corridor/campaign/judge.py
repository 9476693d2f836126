"""X1 to X7 of four ledgers, by a model that shares no rule with any contract, whatever was played.

What a ledger relied on is compared with what the other one really decided, not with what was proved. Of a ledger that forked each
branch counts as decided: until the others know, they may believe either, and each branch must hold by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.corridor.campaign.books import Books, Done, Row, deal_name, part_name
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, SHIPPING

Faults = Iterator[str]
RELIED_MS, SLACK_MS = 10 * 60_000, 20_000
"""How long what another ledger showed may be relied on, and how far the times of two ledgers' blocks may differ."""
SCF = "supply-chain-finance"
SHOWN: Mapping[str, frozenset[str]] = {
    "licences": frozenset(("item", "holder", "holder_code", "state", "valid_from_on_ms", "valid_to_on_ms")),
    "claims": frozenset(("consumer", "energy_wh", "state")),
    "titles": frozenset(("pledgee", "possessor", "title_holder", "entries", "under_credit", "in_transit")),
    "documents": frozenset(("status", "checksum", "replaces", "flags", "times_flagged")),
    "versions": frozenset(("report", "posted_by", "posted_at_ms", "is_retraction")),
    "locks": frozenset(("is_locked",)),
    "ends": frozenset(("end",)),
}
"""Fields that may cross, by collection."""
SOURCE = {
    "licences": GOVERNMENT, "claims": ENERGY, "titles": SHIPPING, "documents": SHIPPING, "versions": SHIPPING
}  # fmt: skip
CONTRACTS_THAT_SHOW = {GOVERNMENT: "government", ENERGY: "energy", FINANCE: "deals", SHIPPING: "shipping"}


@dataclass(frozen=True, slots=True)
class Ledgers:
    """One branch of each ledger, and all branches of each."""

    of: Mapping[str, Books]
    branches: Mapping[str, Sequence[Books]]

    @property
    def sea(self) -> Books:
        """The ledger with the bills."""
        return self.of[SHIPPING]

    @property
    def cash(self) -> Books:
        """The ledger with the money."""
        return self.of[FINANCE]


def judged(ledgers: Ledgers) -> list[str]:
    """What is broken, with the invariant's name first."""
    return [f"{code}: {fault}" for code, judge in INVARIANTS for fault in judge(ledgers)]


def crossing(one: Done) -> tuple[str, str, Row | None] | None:
    """Of a transaction with a proof: the ledger that shows, the collection, and the value that was shown."""
    if one.contract == "brought":
        kind = one.arguments["kind"]
        return SOURCE[kind], kind, one.arguments["proof"]["value"]
    if (one.contract, one.operation) == ("deals", "execute"):
        return SHIPPING, "locks", one.arguments["lock"]["value"]
    if one.contract == "shipping" and one.operation in ("hand_over", "give_back"):
        return FINANCE, "ends", one.arguments["end"]["value"]
    return None


def only_decided_blocks_are_believed(ledgers: Ledgers) -> Faults:
    """What all else rests on: a header that a ledger took is one that the other one decided."""
    for name, books in ledgers.of.items():
        for one in books.of("foreign", "advance"):
            source = one.arguments["ledger"]
            for block in one.arguments["blocks"]:
                height = block["header"]["height"]
                if not any(branch.headers.get(height) == block["header"] for branch in ledgers.branches[source]):
                    yield f"{name} believes a block {height} that {source} never decided"


def one_hand(ledgers: Ledgers) -> Faults:
    """X1: a bill is in one hand; who has it moves it; while it is locked for a deal nobody does."""
    titles = ledgers.sea.first["shipping", "titles"]
    holder = {bill: title["possessor"] for bill, title in titles.items()}
    pledgee = {bill: title["pledgee"] for bill, title in titles.items()}
    locked: dict[str, str] = {}
    for one in ledgers.sea.done:
        if one.contract != "shipping":
            continue
        said = one.arguments
        bill = said["goods"]["bill"] if "goods" in said else said.get("document", "")
        if one.operation in ("transfer", "endorse_to_order", "pledge", "lock_bill"):
            if bill in locked:
                yield f"{bill} moved by {one} while locked for {locked[bill]}"
            if holder[bill] not in one.signers:
                yield f"{bill} moved by {one}, without {holder[bill]} who has it"
            if pledgee[bill] and pledgee[bill] not in one.signers:
                yield f"{bill} moved by {one}, without {pledgee[bill]} to whom it is pledged"
        match one.operation:
            case "transfer":
                holder[bill] = said["to"]
            case "pledge":
                pledgee[bill] = said["pledgee"]
            case "unpledge":
                pledgee[bill] = ""
            case "lock_bill":
                locked[bill] = _deal(one)
            case "hand_over" | "give_back":
                if locked.pop(bill, "") != _deal(one):
                    yield f"{bill} freed by {one} of a deal for which it was not locked"
                if one.operation == "hand_over":
                    holder[bill] = said["goods"]["buyer"]
    for bill, title in ledgers.sea.rows("shipping", "titles").items():
        if (title["possessor"], title["pledgee"]) != (holder[bill], pledgee[bill]):
            yield f"{bill} is held by {title['possessor']}, and should be by {holder[bill]}"
    locks = {bill: lock["deal"] for bill, lock in ledgers.sea.rows("shipping", "bill_locks").items()}
    if locks != locked:
        yield f"locked are {locks}, and should be {locked}"


def counted_once(ledgers: Ledgers) -> Faults:
    """X2: a bill is evidence for one certificate, and was pledged to the bank and with it when that was relied on."""
    kept = [spans for branch in ledgers.branches[SHIPPING] for spans in [_pledges(branch)]]
    cited: dict[str, str] = {}
    bills: dict[str, list[Row]] = {}
    for one in ledgers.cash.of(SCF, "apply_finance", "check_documents", "disburse"):
        certificate = one.arguments["certificate"]
        if one.operation == "apply_finance":
            bills.pop(certificate, None)
            continue
        if one.operation == "check_documents":
            bills[certificate] = one.arguments["bills"]
        for bill in bills.get(certificate, ()):
            name, pledgee = bill["document"], bill["pledgee"]
            if not any(_was(spans[name], (pledgee, pledgee), one.time_ms) for spans in kept):
                yield f"{certificate}: {one} on {name}, which was not pledged to {pledgee} and with it"
            if one.operation == "disburse" and cited.setdefault(name, certificate) != certificate:
                yield f"{name} is evidence for {cited[name]} and for {certificate}"


def claimed_once(ledgers: Ledgers) -> Faults:
    """X3: power is used for one claim that stands, and a margin given for one that was attested."""
    used: dict[str, str] = {}
    for one in ledgers.of[ENERGY].of("energy", "claim", "withdraw_claim"):
        claim = one.arguments["claim"]
        if one.operation == "withdraw_claim":
            used = {bundle: by for bundle, by in used.items() if by != claim}
            continue
        for bundle in one.arguments["bundles"]:
            if used.setdefault(bundle, claim) != claim:
                yield f"{bundle} is used for {used[bundle]} and for {claim}"
    for one in ledgers.cash.of(SCF, "apply_finance"):
        terms = one.arguments["terms"]
        claim = terms["green_claim"]
        if terms["green_margin_ppm"] and not any(
            _was(_claims(branch).get(claim, []), "attested", one.time_ms) for branch in ledgers.branches[ENERGY]
        ):
            yield f"{one.arguments['certificate']} has a margin for {claim}, which was not attested"


def licensed(ledgers: Ledgers) -> Faults:
    """X4: who is newly financed had a licence that was valid then, or not longer ago than it may be relied on."""
    parties = ledgers.cash.rows(SCF, "parties")
    supplier: dict[str, str] = {}
    for one in ledgers.cash.of(SCF, "apply_finance", "disburse"):
        certificate = one.arguments["certificate"]
        if one.operation == "apply_finance":
            supplier[certificate] = one.signers[0]
        licence = parties[supplier[certificate]]["licence_number"]
        if not any(_was(_licences(branch).get(licence, []), "valid", one.time_ms) for branch in ledgers.branches[GOVERNMENT]):
            yield f"{certificate}: {one} for {supplier[certificate]}, whose licence was not valid"


def ended_once(ledgers: Ledgers) -> Faults:
    """X5: a deal ends once; its bill is handed over or given back, never both, and as it ended; one payment frees one bill."""
    ends = [_ends(branch) for branch in ledgers.branches[FINANCE]]
    locks = [{_deal(one) for one in branch.of("shipping", "lock_bill")} for branch in ledgers.branches[SHIPPING]]
    ended = Counter(deal_name(one.arguments["goods"], part_name(one.arguments["money"])) for one in _ending(ledgers.cash))
    yield from (f"deal {deal} ended {count} times" for deal, count in ended.items() if count > 1)
    for deal, end in _ends(ledgers.cash).items():
        if end == "executed" and not any(deal in known for known in locks):
            yield f"deal {deal} was paid, and its bill was never locked"
    locked = Counter(_deal(one) for one in ledgers.sea.of("shipping", "lock_bill"))
    yield from (f"deal {deal} locked {count} times" for deal, count in locked.items() if count > 1)
    freed: defaultdict[str, list[str]] = defaultdict(list)
    for one in ledgers.sea.of("shipping", "hand_over", "give_back"):
        freed[_deal(one)].append(one.operation)
    for deal, ways in freed.items():
        if len(ways) > 1:
            yield f"the bill of deal {deal} was freed {len(ways)} times: {', '.join(ways)}"
        due = {"hand_over": "executed", "give_back": "cancelled"}[ways[0]]
        if not any(known.get(deal) == due for known in ends):
            yield f"{ways[0]} for deal {deal}, which was never {due}"
    shown = {deal: end["end"] for deal, end in ledgers.cash.rows("deals", "crossing_ends").items()}
    if shown != _ends(ledgers.cash):
        yield "finance shows other ends than those that it decided"


def money_is_kept(ledgers: Ledgers) -> Faults:
    """X6: accounts hold what was paid in, and each executed deal moved its price once."""
    has = Counter[str]()
    for one in ledgers.cash.of("deals", "deposit", "withdraw", "execute"):
        said = one.arguments
        if one.operation == "execute":
            money = said["money"]
            if money["payer"] not in one.signers:
                yield f"{money['payer']} paid in {one} without its signature"
            has[money["payer"]] -= money["price_cents"]
            has[money["payee"]] += money["price_cents"]
            if has[money["payer"]] < 0:
                yield f"{money['payer']} paid in {one} what it had not"
        else:
            has[said["member"]] += said["cents"] if one.operation == "deposit" else -said["cents"]
    accounts = {member: row["cents"] for member, row in ledgers.cash.rows("deals", "accounts").items()}
    for member in sorted({*has, *accounts}):
        if has[member] != accounts.get(member, 0):
            yield f"{member} has {accounts.get(member, 0)} cents, and should have {has[member]}"


def no_more_is_shown(ledgers: Ledgers) -> Faults:
    """X7: what may cross, and what did, has no field beyond those that may be shown."""
    for name, books in ledgers.of.items():
        for one in books.done:
            found = crossing(one)
            if found is not None and (more := (found[2] or {}).keys() - SHOWN[found[1]]):
                yield f"{name}: {one} shows {', '.join(sorted(more))}"
        for kind, fields in SHOWN.items():
            for key, row in books.rows(CONTRACTS_THAT_SHOW[name], f"crossing_{kind}").items():
                if more := row.keys() - fields:
                    yield f"{name} would show {', '.join(sorted(more))} of {key}"


INVARIANTS: tuple[tuple[str, Callable[[Ledgers], Faults]], ...] = (
    ("believed", only_decided_blocks_are_believed),
    ("X1", one_hand),
    ("X2", counted_once),
    ("X3", claimed_once),
    ("X4", licensed),
    ("X5", ended_once),
    ("X6", money_is_kept),
    ("X7", no_more_is_shown),
)
Spans = list[tuple[int, object]]
"""From when on something was so."""


def _was(spans: Spans, wanted: object, time_ms: int) -> bool:
    """Whether something was so at some instant from which it may be relied on at this time."""
    for place, (since, value) in enumerate(spans):
        until = spans[place + 1][0] if place + 1 < len(spans) else time_ms + SLACK_MS
        if value == wanted and since <= time_ms + SLACK_MS and until >= time_ms - RELIED_MS - SLACK_MS:
            return True
    return False


def _licences(registry: Books) -> dict[str, Spans]:
    spans: dict[str, Spans] = {}
    for key, row in registry.first["government", "licences"].items():
        spans[key] = [(0, row["state"])]
    states = {"withhold_licence": "withheld", "restore_licence": "valid", "revoke_licence": "revoked"}
    for one in registry.of("government", *states):
        spans[one.arguments["licence"]].append((one.time_ms, states[one.operation]))
    return spans


def _claims(power: Books) -> dict[str, Spans]:
    spans: dict[str, Spans] = {}
    states = {"claim": "pending", "attest_claim": "attested", "dispute_claim": "disputed", "withdraw_claim": "withdrawn"}
    for one in power.of("energy", *states):
        spans.setdefault(one.arguments["claim"], []).append((one.time_ms, states[one.operation]))
    return spans


def _pledges(sea: Books) -> dict[str, Spans]:
    """Of each bill to whom it was pledged and who had it."""
    spans: dict[str, Spans] = {}
    now: dict[str, tuple[str, str]] = {}
    for bill, title in sea.first["shipping", "titles"].items():
        now[bill] = title["pledgee"], title["possessor"]
        spans[bill] = [(0, now[bill])]
    for one in sea.of("shipping", "transfer", "pledge", "unpledge", "hand_over"):
        said = one.arguments
        bill = said["goods"]["bill"] if "goods" in said else said["document"]
        pledgee, holder = now[bill]
        match one.operation:
            case "transfer":
                now[bill] = pledgee, said["to"]
            case "hand_over":
                now[bill] = pledgee, said["goods"]["buyer"]
            case _:
                now[bill] = said.get("pledgee", ""), holder
        spans[bill].append((one.time_ms, now[bill]))
    return spans


def _ending(cash: Books) -> list[Done]:
    return cash.of("deals", "execute", "cancel")


def _ends(cash: Books) -> dict[str, str]:
    ways = {"execute": "executed", "cancel": "cancelled"}
    return {deal_name(one.arguments["goods"], part_name(one.arguments["money"])): ways[one.operation] for one in _ending(cash)}


def _deal(one: Done) -> str:
    return deal_name(part_name(one.arguments["goods"]), one.arguments["money"])
