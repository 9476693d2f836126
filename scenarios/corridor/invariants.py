"""X0 to X7 of four ledgers, whatever was played, by a model of their exports alone that shares no rule with any contract.

What a ledger relied on is compared with what the other one really decided, not with what was proved. Of a ledger that forked each
branch counts as decided: until the others know, they may believe either, and each branch must hold by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.contract.refusal import Phrase
from scenarios.corridor.books import Books, Done, Row, deal_name, part_name
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, SHIPPING
from scenarios.corridor.stage import PlayedCorridor
from scenarios.story.story import Finding, PlayedStory

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
MOVES = ("transfer", "endorse_to_order", "pledge", "lock_bill", "request_surrender")
"""What only the one may do who has the bill, and nobody while it is locked."""
PASSES = ("ISSUE", "TRANSFER", "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT", "SREJ")
"""Entries after which the recipient has the bill."""
LICENCES = {
    "issue_licence": "valid", "withhold_licence": "withheld", "restore_licence": "valid", "revoke_licence": "revoked"
}  # fmt: skip
CLAIMS = {"claim": "pending", "attest_claim": "attested", "dispute_claim": "disputed", "withdraw_claim": "withdrawn"}
ENDS = {"execute": "executed", "cancel": "cancelled"}
Spans = list[tuple[int, object]]
"""From when on something was so."""


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


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant of a story with what breaks it."""
    assert isinstance(played_story, PlayedCorridor)
    books = {name: Books(ledger.export) for name, ledger in played_story.ledgers.items()}
    return judged(Ledgers(books, {name: (one,) for name, one in books.items()}))


def judged(ledgers: Ledgers) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    return tuple(Finding(code, words, tuple(judge(ledgers))) for code, words, judge in INVARIANTS)


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
    """X0, on which the others rest: a header that a ledger took is one that the other one decided."""
    for name, books in ledgers.of.items():
        for one in books.of("foreign", "advance"):
            source = one.arguments["ledger"]
            for block in one.arguments["blocks"]:
                height = block["header"]["height"]
                if not any(branch.headers.get(height) == block["header"] for branch in ledgers.branches[source]):
                    yield f"{name} believes a block {height} that {source} never decided"


def one_hand(ledgers: Ledgers) -> Faults:
    """X1: a bill is in one hand; who has it moves it; while it is locked for a deal nobody does."""
    yield from _hands(ledgers.sea)[0]


def counted_once(ledgers: Ledgers) -> Faults:
    """X2: a bill is evidence once, and was pledged to the bank and with it when that was relied on; promises are covered."""
    kept = [_hands(branch)[1] for branch in ledgers.branches[SHIPPING]]
    cited: dict[str, str] = {}
    bills: dict[str, list[Row]] = {}
    for one in ledgers.cash.of(SCF, "apply_finance", "check_documents", "disburse"):
        certificate = one.arguments["certificate"]
        if one.operation == "apply_finance":
            bills.pop(certificate, None)
        elif one.operation == "check_documents":
            bills[certificate] = one.arguments.get("bills", [])
        for bill in bills.get(certificate, ()):
            name, pledgee = bill["document"], bill["pledgee"]
            if not any(_was(spans.get(name, []), (pledgee, pledgee), one.time_ms) for spans in kept):
                yield f"{certificate}: {one} on {name}, which was not pledged to {pledgee} and with it"
            if one.operation == "disburse":
                if name in cited:
                    yield f"{name} is evidence for {cited[name]} and again for {certificate}"
                cited[name] = certificate
    faces, promised = Counter[str](), Counter[tuple[str, ...]]()
    for one in ledgers.cash.of(SCF, "register_invoice", "issue"):
        if one.operation == "register_invoice":
            faces[one.arguments["invoice"]] = one.arguments["paper"]["net_cents"] + one.arguments["paper"]["tax_cents"]
        else:
            promised[tuple(one.arguments["promise"]["invoices"])] += one.arguments["promise"]["amount_cents"]
    for invoices, cents in promised.items():
        if cents > sum(faces[invoice] for invoice in invoices):
            yield f"{cents} cents are promised on {', '.join(invoices)}"
    certificates = ledgers.cash.rows(SCF, "certificates")
    for name, whole in certificates.items():
        parts = [part["amount_cents"] for other, part in certificates.items() if other.rpartition("-")[0] == name]
        if parts and sum(parts) != whole["amount_cents"]:
            yield f"the parts of {name} do not come to {whole['amount_cents']}"


def claimed_once(ledgers: Ledgers) -> Faults:
    """X3: power is used for one claim that stands, by whom it was cancelled for, and a margin given for one that was attested."""
    used: dict[str, str] = {}
    power = ledgers.of[ENERGY]
    for one in power.of("energy", "claim", "withdraw_claim"):
        claim = one.arguments["claim"]
        if one.operation == "withdraw_claim":
            used = {bundle: by for bundle, by in used.items() if by != claim}
            continue
        for bundle in one.arguments["bundles"]:
            if used.setdefault(bundle, claim) != claim:
                yield f"{bundle} is used for {used[bundle]} and for {claim}"
    for name, row in power.rows("energy", "claims").items():
        for bundle in row["bundles"] if row["state"] != "withdrawn" else ():
            whose = power.rows("energy", "bundles")[bundle]["beneficiary"]
            if (used.get(bundle), whose) != (name, row["consumer"]):
                yield f"{bundle}, cancelled for {whose}, stands under {name} of {row['consumer']}"
    for one in ledgers.cash.of(SCF, "apply_finance"):
        terms = one.arguments["terms"]
        claim = terms["green_claim"]
        if terms["green_margin_ppm"] and not any(
            _was(_states(branch, "energy", "claims", CLAIMS).get(claim, []), "attested", one.time_ms)
            and branch.rows("energy", "claims")[claim]["consumer"] == one.signers[0]
            for branch in ledgers.branches[ENERGY]
        ):
            yield f"{one.arguments['certificate']} has a margin for {claim}, which was not attested for {one.signers[0]}"


def licensed(ledgers: Ledgers) -> Faults:
    """X4: who is let in or newly financed had a licence that was valid then, or not longer ago than it may be relied on."""
    parties = ledgers.cash.rows(SCF, "parties")
    registries = [_states(branch, "government", "licences", LICENCES) for branch in ledgers.branches[GOVERNMENT]]
    supplier: dict[str, str] = {}
    for one in ledgers.cash.of(SCF, "onboard", "apply_finance", "disburse", "early_pay"):
        what: str = one.arguments["member" if one.operation == "onboard" else "certificate"]
        if one.operation in ("apply_finance", "early_pay"):
            supplier[what] = one.signers[0]
        who = supplier.get(what, what)
        licence = parties[who]["licence_number"]
        if one.operation == "onboard" and not licence:
            continue
        if not any(_was(states.get(licence, []), "valid", one.time_ms) for states in registries):
            yield f"{what}: {one} for {who}, whose licence was not valid"


def ended_once(ledgers: Ledgers) -> Faults:
    """X5: a deal ends once; its bill is handed over or given back, never both, and as it ended; one payment frees one bill."""
    ends = [_ends(branch) for branch in ledgers.branches[FINANCE]]
    locks = [{_deal(one) for one in branch.of("shipping", "lock_bill")} for branch in ledgers.branches[SHIPPING]]
    ended = Counter(map(_deal, ledgers.cash.of("deals", *ENDS)))
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
    """X6: accounts hold what was paid in less what went out, and each executed deal moved its price once."""
    has = Counter[str]()
    for one in ledgers.cash.of("deals", "deposit", "withdraw", "execute"):
        said = one.arguments
        payer, cents = said.get("member", ""), said.get("cents", 0)
        if one.operation == "execute":
            payer, cents = said["money"]["payer"], said["money"]["price_cents"]
            has[said["money"]["payee"]] += cents
        if one.operation != "deposit" and payer not in one.signers:
            yield f"{payer} paid in {one} without its signature"
        has[payer] += cents if one.operation == "deposit" else -cents
        if has[payer] < 0:
            yield f"{payer} paid in {one} what it had not"
    accounts = {member: row["cents"] for member, row in ledgers.cash.rows("deals", "accounts").items()}
    for member in sorted({*has, *accounts}):
        if has[member] != accounts.get(member, 0):
            yield f"{member} has {accounts.get(member, 0)} cents, and should have {has[member]}"


def no_more_is_shown(ledgers: Ledgers) -> Faults:
    """X7: what may cross, and what did, even in vain, has no field beyond those that may be shown."""
    for name, books in ledgers.of.items():
        for one in books.all:
            found = crossing(one)
            if found is not None and (more := (found[2] or {}).keys() - SHOWN[found[1]]):
                yield f"{name}: {one} shows {', '.join(sorted(more))}"
        for kind, fields in SHOWN.items():
            for key, row in books.rows(CONTRACTS_THAT_SHOW[name], f"crossing_{kind}").items():
                if more := row.keys() - fields:
                    yield f"{name} would show {', '.join(sorted(more))} of {key}"


INVARIANTS: tuple[tuple[str, Phrase, Callable[[Ledgers], Faults]], ...] = (
    ("X0", Phrase("Only decided blocks were believed", "只采信已决定的区块"), only_decided_blocks_are_believed),
    ("X1", Phrase("A bill is in one hand, and locked it does not move", "提单只在一人手中，锁定后不动"), one_hand),
    ("X2", Phrase("What is pledged or promised counts once", "质押和承诺只计一次"), counted_once),
    ("X3", Phrase("Each certificate of power is used for one claim", "每份绿证只用于一个声明"), claimed_once),
    ("X4", Phrase("Nobody was financed without a valid licence", "无有效执照者未获融资"), licensed),
    ("X5", Phrase("Each deal ended once, for bill and money alike", "每笔交易只有一个结局，货款一致"), ended_once),
    ("X6", Phrase("No money was made or lost", "款项不多不少"), money_is_kept),
    ("X7", Phrase("No proof showed more than it may", "证明所示不超出许可"), no_more_is_shown),
)


def _was(spans: Spans, wanted: object, time_ms: int) -> bool:
    """Whether something was so at some instant from which it may be relied on at this time."""
    for place, (since, value) in enumerate(spans):
        until = spans[place + 1][0] if place + 1 < len(spans) else time_ms + SLACK_MS
        if value == wanted and since <= time_ms + SLACK_MS and until >= time_ms - RELIED_MS - SLACK_MS:
            return True
    return False


def _states(books: Books, contract: str, collection: str, states: Mapping[str, str]) -> dict[str, Spans]:
    """Of each record of a collection the state in which these operations left it."""
    spans: dict[str, Spans] = {key: [(0, row["state"])] for key, row in books.first.get((contract, collection), {}).items()}
    for one in books.of(contract, *states):
        spans.setdefault(one.arguments[collection.removesuffix("s")], []).append((one.time_ms, states[one.operation]))
    return spans


def _hands(sea: Books) -> tuple[list[str], dict[str, Spans]]:
    """What is wrong with how bills moved; and of each bill to whom it was pledged and who had it."""
    faults, titles = list[str](), sea.first.get(("shipping", "titles"), {})
    holder = {bill: title["possessor"] for bill, title in titles.items()}
    pledgee = {bill: title["pledgee"] for bill, title in titles.items()}
    spans: dict[str, Spans] = {bill: [(0, (pledgee[bill], holder[bill]))] for bill in titles}
    locked: dict[str, str] = {}
    for one in (one for one in sea.done if one.contract == "shipping"):
        said = one.arguments
        bill = str(said["goods"]["bill"] if "goods" in said else said.get("document", ""))
        entries = [data for name, data in one.events if name == "entry"]
        if one.operation in ("hand_over", "give_back") and locked.pop(bill, "") != _deal(one):
            faults.append(f"{bill} freed by {one} of a deal for which it was not locked")
        moved = {data["document"] for data in entries} | ({bill} if one.operation in MOVES else set[str]())
        faults += [f"{name} moved by {one} while locked for {locked[name]}" for name in sorted(moved & locked.keys())]
        if one.operation in MOVES:
            needed = {holder.get(bill, ""), pledgee.get(bill, "")} - {"", *one.signers}
            faults += [f"{bill} moved by {one}, without {who} who has it or its pledge" for who in sorted(needed)]
        for data in entries:
            name, actor = data["document"], data["actor"]
            if data["action"] != "SACC" and holder.get(name, actor) != actor:
                faults.append(f"{name}: {data['action']} by {actor}, held by {holder[name]}")
            holder[name] = data["recipient"] if data["action"] in PASSES else actor
        match one.operation:
            case "transfer":
                holder[bill] = said["to"]
            case "pledge":
                pledgee[bill] = said["pledgee"]
            case "unpledge" | "accept_surrender":
                pledgee[bill] = ""
            case "lock_bill":
                locked[bill] = _deal(one)
            case "hand_over":
                holder[bill] = said["goods"]["buyer"]
        for name in {bill, *moved} & holder.keys():
            spans.setdefault(name, []).append((one.time_ms, (pledgee.get(name, ""), holder[name])))
    for bill, title in sea.rows("shipping", "titles").items():
        expected = (pledgee.get(bill, ""), holder.get(bill, title["possessor"]))
        if (title["pledgee"], title["possessor"]) != expected:
            faults.append(f"{bill} is pledged to and held by {title['pledgee']}, {title['possessor']}, and not {expected}")
    locks = {bill: lock["deal"] for bill, lock in sea.rows("shipping", "bill_locks").items()}
    if locks != locked:
        faults.append(f"locked are {locks}, and should be {locked}")
    return faults, spans


def _ends(cash: Books) -> dict[str, str]:
    return {_deal(one): ENDS[one.operation] for one in cash.of("deals", *ENDS)}


def _deal(one: Done) -> str:
    """The name of a deal, of whose parts one is told in full and the other by its name."""
    goods, money = one.arguments["goods"], one.arguments["money"]
    return deal_name(*(part if isinstance(part, str) else part_name(part) for part in (goods, money)))
