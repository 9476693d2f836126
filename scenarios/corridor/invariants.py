"""What must be true of the four ledgers at the end, judged by their exports alone: it shares no rule with any contract.

A ledger is read as its transactions that took effect, in order, and the records that they left. What happened on one ledger
before something on another is judged by block time, and their clocks are not quite the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.audit.exported import parse_exported_block
from ledger.contract.refusal import Phrase
from ledger.encoding import decode, decode_object
from ledger.errors import JsonValue
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, SHIPPING
from scenarios.corridor.stage import Crossing, PlayedCorridor
from scenarios.story.story import Finding, PlayedStory

Faults = Iterator[str]
Row = Mapping[str, Any]
RELIED_MS = 10 * 60_000
"""How long what another ledger has shown may be relied on."""
CLOCKS_MS = 60_000
"""How far the clocks of two ledgers may be apart."""
BEGINS = ("apply_finance", "disburse", "early_pay")
"""Operations by which a supplier is newly financed."""
SHOWN: Mapping[str, frozenset[str]] = {
    "government.crossing_licences": frozenset(
        ("item", "holder", "holder_code", "state", "valid_from_on_ms", "valid_to_on_ms")
    ),
    "energy.crossing_claims": frozenset(("consumer", "energy_wh", "state")),
    "shipping.crossing_titles": frozenset(
        ("pledgee", "possessor", "title_holder", "entries", "under_credit", "in_transit")
    ),
    "shipping.crossing_documents": frozenset(("status", "checksum", "replaces", "flags", "times_flagged")),
    "shipping.crossing_versions": frozenset(("report", "posted_by", "posted_at_ms", "is_retraction")),
    "shipping.crossing_locks": frozenset(("is_locked",)),
    "deals.crossing_ends": frozenset(("end",)),
}  # fmt: skip
"""What may be shown of a record to another ledger, by place."""


@dataclass(frozen=True, slots=True)
class Done:
    """A transaction that took effect."""

    time_ms: int
    contract: str
    operation: str
    arguments: Row
    events: tuple[tuple[str, Row], ...]
    writes: tuple[tuple[str, str, str, Any], ...]
    """Contract, collection, key and value, None where it is gone."""


class Books:
    """One ledger, read from its export."""

    def __init__(self, lines: tuple[bytes, ...]) -> None:
        self.lines = lines

    @cached_property
    def done(self) -> tuple[Done, ...]:
        """In order."""
        return tuple(_done(self.lines))

    @cached_property
    def state(self) -> Mapping[tuple[str, str], Mapping[str, Row]]:
        """The records that are left, by contract and collection; those of the genesis are left out."""
        found: defaultdict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for one in self.done:
            for contract, collection, key, value in one.writes:
                if value is None:
                    found[contract, collection].pop(key, None)
                else:
                    found[contract, collection][key] = value
        return found

    def rows(self, contract: str, collection: str) -> Mapping[str, Row]:
        """Of one collection."""
        return self.state.get((contract, collection), {})

    def written(self, contract: str, collection: str, key: str) -> Iterator[tuple[int, Row | None]]:
        """Every value of a record with its time."""
        for one in self.done:
            yield from ((one.time_ms, value) for *name, value in one.writes if name == [contract, collection, key])


Ledgers = Mapping[str, Books]


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    assert isinstance(played_story, PlayedCorridor)
    return judged({name: Books(ledger.export) for name, ledger in played_story.ledgers.items()}, played_story.crossings)


def judged(ledgers: Ledgers, crossings: Sequence[Crossing] = ()) -> tuple[Finding, ...]:
    """The same of four ledgers, however they were played."""
    found = [Finding(code, words, tuple(judge(ledgers))) for code, words, judge in INVARIANTS]
    return (*found, Finding("X7", X7, tuple(no_more_is_shown(ledgers, crossings))))


def one_holder(ledgers: Ledgers) -> Faults:
    """X1: a bill is in one hand, each entry of its chain by the hand before; while it is locked for a deal it does not move."""
    sea, holder, locked = ledgers[SHIPPING], dict[str, str](), dict[str, str]()
    for one in sea.done:
        for name, data in one.events:
            bill = str(data.get("document", ""))
            if name == "locked":
                locked[bill] = str(data["deal"])
            elif name == "given-back":
                locked.pop(bill, None)
            elif name == "entry":
                if one.operation == "hand_over":
                    locked.pop(bill, None)
                if bill in locked:
                    yield f"{bill} moved by {one.operation} while locked for {locked[bill]}"
                if holder.get(bill, data["actor"]) != data["actor"] and data["action"] != "SACC":
                    yield f"{bill}: {data['action']} by {data['actor']}, held by {holder[bill]}"
                holder[bill] = _holder_after(data)
    for bill, cited in ledgers[FINANCE].rows("supply-chain-finance", "cited_bills").items():
        pledged = [(at, t) for at, t in sea.written("shipping", "titles", bill) if t and t["pledgee"] == cited["pledgee"]]
        if not pledged:
            yield f"{bill} is evidence on finance for {cited['pledgee']}, to whom it was never pledged"


def counted_once(ledgers: Ledgers) -> Faults:
    """X2: a bill is evidence for one certificate, on no invoice more is promised than its face, and parts come to the whole."""
    cash = ledgers[FINANCE]
    paid, faces, promised = Counter[str](), Counter[str](), Counter[str]()
    for one in cash.done:
        if one.operation == "register_invoice":
            faces[one.arguments["invoice"]] = one.arguments["paper"]["net_cents"] + one.arguments["paper"]["tax_cents"]
        elif one.operation == "issue" and one.contract == "supply-chain-finance":
            promised[", ".join(one.arguments["promise"]["invoices"])] += one.arguments["promise"]["amount_cents"]
        for contract, collection, key, value in one.writes:
            if (contract, collection) == ("supply-chain-finance", "cited_bills") and value is not None:
                paid[key] += 1
    yield from (f"{bill} is evidence {count} times" for bill, count in paid.items() if count > 1)
    for named, cents in promised.items():
        if cents > sum(faces[invoice] for invoice in named.split(", ")):
            yield f"{cents} cents are promised on {named}"
    certificates = cash.rows("supply-chain-finance", "certificates")
    for name, whole in certificates.items():
        parts = [part for other, part in certificates.items() if other.rpartition("-")[0] == name]
        if parts and sum(part["amount_cents"] for part in parts) != whole["amount_cents"]:
            yield f"the parts of {name} do not come to {whole['amount_cents']}"


def claimed_once(ledgers: Ledgers) -> Faults:
    """X3: certificates of power are used for one claim that stands, and only by whom they were cancelled for."""
    power = ledgers[ENERGY]
    used: dict[str, str] = {}
    for name, claim in power.rows("energy", "claims").items():
        if claim["state"] == "withdrawn":
            continue
        for bundle in claim["bundles"]:
            if bundle in used:
                yield f"{bundle} is used for {used[bundle]} and {name}"
            used[bundle] = name
            whose = power.rows("energy", "bundles")[bundle]["beneficiary"]
            if whose != claim["consumer"]:
                yield f"{bundle} was cancelled for {whose}, and claimed by {claim['consumer']}"
    for certificate, one in ledgers[FINANCE].rows("supply-chain-finance", "applications").items():
        claim = power.rows("energy", "claims").get(one["green_claim"], {})
        if one["green_margin_ppm"] and (claim.get("consumer"), claim.get("state")) != (one["applicant"], "attested"):
            yield f"{certificate} has a green margin for {one['green_claim'] or 'no claim'}"


def financed_with_licence(ledgers: Ledgers) -> Faults:
    """X4: who was let in or newly financed had a licence that was valid then, or within what may be relied on."""
    cash, parties = ledgers[FINANCE], ledgers[FINANCE].rows("supply-chain-finance", "parties")
    for one in cash.done:
        if one.contract != "supply-chain-finance" or one.operation not in (*BEGINS, "onboard"):
            continue
        supplier = _financed(cash, one)
        licence = str(parties.get(supplier, {}).get("licence_number", ""))
        if not licence and one.operation == "onboard":
            continue
        if not _was_valid(ledgers[GOVERNMENT], licence, one.time_ms):
            yield f"{one.operation} for {supplier} at {one.time_ms}, whose licence was not valid"


def deals_end_once(ledgers: Ledgers) -> Faults:
    """X5: a deal ends once; a bill goes to the buyer of an executed one or back to the seller of a cancelled one, never both."""
    ends, out = Counter[str](), defaultdict[str, list[str]](list)
    said: dict[str, str] = {}
    for one in ledgers[FINANCE].done:
        for _, collection, deal, value in one.writes:
            if collection == "crossing_ends":
                ends[deal] += 1
                said[deal] = "" if value is None else value["end"]
    lock_of: dict[str, str] = {}
    for one in ledgers[SHIPPING].done:
        for name, data in one.events:
            if name == "locked":
                lock_of[str(data["document"])] = str(data["deal"])
        if one.operation in ("hand_over", "give_back"):
            out[lock_of[one.arguments["goods"]["bill"]]].append(one.operation)
    yield from (f"deal {deal} ended {count} times" for deal, count in ends.items() if count > 1)
    due = {"executed": "hand_over", "cancelled": "give_back"}
    for deal, ways in out.items():
        if ways != [due.get(said.get(deal, ""), "")]:
            yield f"deal {deal} is {said.get(deal, 'open')}, and the bill: {', '.join(ways)}"


def money_is_kept(ledgers: Ledgers) -> Faults:
    """X6: what members have is what came in less what went out, and each executed deal moved its price once."""
    has = Counter[str]()
    for one in ledgers[FINANCE].done:
        if one.contract != "deals":
            continue
        said = one.arguments
        if one.operation in ("deposit", "withdraw"):
            has[said["member"]] += said["cents"] if one.operation == "deposit" else -said["cents"]
        elif one.operation == "execute":
            has[said["money"]["payer"]] -= said["money"]["price_cents"]
            has[said["money"]["payee"]] += said["money"]["price_cents"]
    accounts = {member: row["cents"] for member, row in ledgers[FINANCE].rows("deals", "accounts").items()}
    for member in sorted({*has, *accounts}):
        if has[member] != accounts.get(member, 0) or has[member] < 0:
            yield f"{member} has {accounts.get(member, 0)} cents, and should have {has[member]}"


def no_more_is_shown(ledgers: Ledgers, crossings: Sequence[Crossing]) -> Faults:
    """X7: no proof that stands on another ledger shows a field beyond those that may be shown."""
    for crossing in crossings:
        yield from _beyond(crossing.place, crossing.proof["value"])
    for name, ledger in ledgers.items():
        for (_, collection), rows in ledger.state.items():
            place = next((one for one in SHOWN if one.endswith(f".{collection}")), "")
            for key, row in rows.items() if place else ():
                yield from (f"{name}: {fault} of {key}" for fault in _beyond(place, dict(row)))


INVARIANTS: tuple[tuple[str, Phrase, Callable[[Ledgers], Faults]], ...] = (
    ("X1", Phrase("A bill is in one hand, and locked it does not move", "提单只在一人手中，锁定后不动"), one_holder),
    ("X2", Phrase("What is pledged or promised counts once", "质押和承诺只计一次"), counted_once),
    ("X3", Phrase("Each certificate of power is used for one claim", "每份绿证只用于一个声明"), claimed_once),
    ("X4", Phrase("Nobody was financed without a valid licence", "无有效执照者未获融资"), financed_with_licence),
    ("X5", Phrase("Each deal ended once, for bill and money alike", "每笔交易只有一个结局，货款一致"), deals_end_once),
    ("X6", Phrase("No money was made or lost", "款项不多不少"), money_is_kept),
)
X7 = Phrase("No proof showed more than it may", "证明所示不超出许可")


def _done(lines: tuple[bytes, ...]) -> Iterator[Done]:
    for line in lines[1:]:
        block = parse_exported_block(line)
        for transaction, receipt, written in zip(block.transactions, block.receipts, block.writes, strict=True):
            if receipt.committed:
                yield Done(
                    block.header.time,
                    transaction.contract,
                    transaction.operation,
                    transaction.arguments,
                    tuple((event["name"], event["data"]) for event in _events(receipt.raw)),
                    tuple((w.contract, w.collection, w.key, None if w.value is None else decode(w.value)) for w in written),
                )


def _events(receipt: bytes) -> list[Any]:
    events: Any = decode_object(receipt)["events"]
    return list(events)


def _holder_after(data: Row) -> str:
    """Who has the bill in hand after an entry: endorsing does not pass it on."""
    passes = data["action"] in ("ISSUE", "TRANSFER", "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT", "SREJ")
    return str(data["recipient"] if passes else data["actor"])


def _financed(cash: Books, one: Done) -> str:
    """Whom an operation of finance is for."""
    if one.operation == "onboard":
        return str(one.arguments["member"])
    return str(cash.rows("supply-chain-finance", "applications")[one.arguments["certificate"]]["applicant"])


def _was_valid(registry: Books, licence: str, time_ms: int) -> bool:
    """Whether a licence was valid at some instant from which it may be relied on at this time."""
    changes = [(at_ms, row["state"] if row else "") for at_ms, row in registry.written("government", "licences", licence)]
    ends = [*(at_ms for at_ms, _ in changes[1:]), time_ms]
    return any(
        state == "valid" and at_ms <= time_ms + CLOCKS_MS and end_ms >= time_ms - RELIED_MS
        for (at_ms, state), end_ms in zip(changes, ends, strict=False)
    )


def _beyond(place: str, value: JsonValue) -> Faults:
    if isinstance(value, dict) and (more := sorted(value.keys() - SHOWN[place])):
        yield f"{place} shows {', '.join(more)}"
