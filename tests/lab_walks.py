"""Every lab as a group does it: what the handout says, step by step, at the page of a node; and answers that are wrong."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.contract.records import Collection, R
from ledger.errors import InputError
from ledger.genesis import parse_genesis
from ledger.transaction import parse_transaction
from ledger.verify.proof_file import encode_proof_file
from nodes.foreign.contract import Foreign
from nodes.lab.export_rows import ExportRow
from nodes.node.files import GENESIS_FILE
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.workshop.labs import auditor, believe, contract, crash, keys, proofs, sealed, seed, trust
from scenarios.workshop.labs.fork import make_fork
from scenarios.workshop.labs.material import MEMBERS
from scenarios.workshop.labs.receipt import write_contract
from scenarios.workshop.loans import Loans
from scenarios.workshop.room import Room
from scenarios.workshop.tender import MINUTE_MS, REVEAL_MS
from tests.network_support import wait_until
from tests.workshop_lab import Group, tallystick

Answers = dict[str, str]
Deeds = Generator[tuple[str, ...], None, Answers]
"""After a deed yields the keys of the sentences that it makes go away; at its end returns the answers."""
SECONDS_MAX = 30


@dataclass(frozen=True)
class LabWalk:
    """One lab for the tests that all labs share."""

    walker: Callable[[Group, Room], Deeds]
    deeds: int
    """Sentences of the start state, beside those of unanswered questions."""
    seed: int = 7
    other: int = 8
    """A seed whose answers are other ones."""
    differ: frozenset[str] = frozenset()
    """Questions that the other seed's group answers otherwise, at the least."""
    wrong: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Answers that are not right, beside none and the example."""
    also_right: tuple[Callable[[Answers], Answers], ...] = ()
    """Other ways to write right answers."""
    comes: Mapping[str, str] = field(default_factory=dict)
    """Sentence that goes away -> how the key of another one begins that may come in its place."""
    is_other_walked: bool = True
    """Whether the other group does its lab as well; not where that takes long."""


def finish(walk: Deeds) -> Answers:
    """The answers at its end."""
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return dict(end.value)


def walk_chain(group: Group, room: Room) -> Deeds:
    """Reads the fact, looks for it among the blocks, and does to a copy what the handout says."""
    words = (room.files / "chain.txt").read_text(encoding="utf-8").splitlines()[0].rstrip(".").split()
    number, giver, taker = words[3], words[6], words[8]
    with room.client() as client:
        rows = client.get("/v1/transactions", contract="asset", operation="transfer")["transactions"]
        blocks = [client.get(f"/v1/blocks/{row['height']}") for row in rows if row["signers"] == [giver]]
    moved = {"number": number, "to": taker}
    (found,) = ((b, place) for b in blocks for place, t in enumerate(b["transactions"]) if t["body"]["arguments"] == moved)
    block, place = found
    nodes = [node["member"] for node in room.control.get("/network")["nodes"]]

    def tamper(keys: list[str], *, rehash: bool) -> dict[str, Any]:
        other = next(member for member in reversed(MEMBERS) if member != taker)
        edits: Any = [{"path": ["transactions", place, "body", "arguments", "to"], "value": other}]
        return room.control.post("/tamper", {"height": block["height"], "edits": edits, "rehash": rehash, "keys": list(keys)})

    all_keys = tamper([*nodes[1:], giver], rehash=True)
    assert all_keys["verdict"]["broken"] is None
    assert set(all_keys["convicted"]) <= set(nodes[1:])
    assert len(all_keys["convicted"]) >= 2  # those of the three that had signed the real block too
    yield from ()
    answers = {
        "edited": str(tamper([], rehash=False)["verdict"]["broken"]["number"]),
        "rehashed": str(tamper([], rehash=True)["verdict"]["broken"]["number"]),
        "missing": str(tamper([nodes[2]], rehash=True)["certificate"]["missing"]),
        "three": str(tamper(nodes[1:], rehash=True)["verdict"]["broken"]["number"]),
    }
    assert [*answers.values()] == ["8", "7", "2", "9"]
    return {**answers, "block": str(block["height"]), "id": block["id"][:8]}


def walk_keys(group: Group, room: Room) -> Deeds:
    """Signs, fails to sign for another, hands in three letters, revokes a key."""
    made = keys.plan(room.chance())
    assert group.submit(room, made.me, "asset.issue", number=made.own, to=made.me) == "ok"
    yield ("not-issued",)
    assert group.submit(room, made.me, "asset.transfer", number=made.held, to=made.me) == "not-holder"
    yield ("not-tried",)
    handed_in = {place: hand_in(room, place) for place in (1, 2, 3)}
    (genuine,) = (place for place, (code, _) in handed_in.items() if code == "ok")
    (door,) = {code for code, _ in handed_in.values()} - {"ok"}
    assert hand_in(room, genuine) == handed_in[genuine]
    yield ("not-handed-in",)
    assert group.submit(room, made.admin, "membership.revoke", member=made.lost) == "ok"
    yield ("not-revoked",)
    ended = group.submit(room, made.lost, "asset.issue", number="ANY-1", to=made.lost)
    assert (door, ended) == ("wrong-signature", "revoked")
    with room.client() as client:  # the Ledger view shows a history, whoever signed
        (row,) = client.get(f"/v1/state/asset/assets/{made.kept}/history")["history"]
    again = str(handed_in[genuine][1])
    return {"door": door, "genuine": str(genuine), "again": again, "ended": ended, "before": str(row["height"])}


def hand_in(room: Room, place: int) -> tuple[str, int]:
    """Code and height of the answer to a letter."""
    with room.client() as client:
        try:
            status = client.submit(parse_transaction((room.files / f"letter-{place}.json").read_bytes()), 20)
        except InputError as error:
            return error.code, 0
        return status["receipt"]["code"], status["place"]["height"]


def walk_proofs(group: Group, room: Room) -> Deeds:
    """Takes a proof, asks for what is absent, verifies three files by the page and by the file in the folder."""
    made = proofs.plan(room.chance())
    assert group.submit(room, made.me, "asset.issue", number=made.own, to=made.me) == "ok"
    yield ("not-issued",)
    ledger = room.control.get("/network")["ledger"]
    with room.client() as client:
        proof = client.get(f"/v1/state/asset/assets/{made.own}", proof=True)["proof"]
        (absent,) = (number for number in made.asked if client.read(Asset.assets, number) is None)
    genesis = parse_genesis((room.directory / GENESIS_FILE).read_bytes().removesuffix(b"\n"))
    (fact,) = room.control.post("/verify", {"text": encode_proof_file([proof], genesis).decode()})["facts"]
    answers = {"height": str(fact["height"]), "root": fact["state_root"][:8], "absent": absent}
    for name in proofs.PROOFS:
        told = room.control.post("/verify", {"name": f"proof-{name}.json"})
        answers[name] = "true" if told["holds"] else told["broken"]["rule"]
        printed = verify_in_folder(room, f"proof-{name}.json", "--ledger", ledger)
        assert printed == told["printed"][-1]
        assert told["holds"] == (printed == "Everything holds.")
        assert told["holds"] or f", {answers[name]}, is broken" in printed
    return answers


def verify_in_folder(room: Room, name: str, *options: str) -> str:
    """The last line of what the verifier in the folder prints of a file in the folder."""
    command = [sys.executable, str(room.files / "verify.py"), str(room.files / name), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()[-1]


class Outages:
    """A group at lab 4, which stops and starts nodes."""

    def __init__(self, group: Group, room: Room) -> None:
        self.group = group
        self.room = room
        self.plan = crash.plan(room.chance())
        self.down: set[str] = set()

    def turn(self, node: str, do: str) -> None:
        """Stops, kills or starts it."""
        self.room.control.order(f"/nodes/{node}", {"do": do})
        (self.down.discard if do == "start" else self.down.add)(node)

    def issue(self, number: str) -> int:
        """Height of the block."""
        with self.room.client(self.plan.me) as client:
            return client.call(Asset.issue, number=number, to=self.plan.me).height

    def hand_in(self, number: str) -> str:
        """Id of a transaction that waits."""
        with self.room.client(self.plan.me) as client:
            return str(client.submit(client.sign(Asset.issue, number=number, to=self.plan.me))["transaction"])

    def look(self) -> Answers:
        """What the Consensus view says of the certificate `skip` at a node, when every timer has fired."""

        def skip() -> dict[str, Any]:
            node = next(row for row in self.room.control.get("/network")["nodes"] if row["running"])
            views = [view["certificates"]["skip"] for view in node["consensus"]["views"]]
            return views[-1] if views and len(views[-1]["stated"]) == 2 else {}

        seen = wait_until(skip, "two do not say skip")
        return {"lacks": str(seen["missing"]), "stated": ", ".join(one["member"] for one in seen["stated"])}

    def height_of(self, transaction: str) -> int:
        """Of the block in which it stands at last."""
        with self.room.client() as client:
            return client.outcome(transaction, SECONDS_MAX).height

    def settle(self) -> None:
        """Waits until the nodes that run have come to one height."""

        def is_level() -> bool:
            nodes = self.room.control.get("/network")["nodes"]
            is_seen = {row["member"] for row in nodes if not row["running"]} == self.down
            return is_seen and len({row["height"] for row in nodes if row["running"]}) == 1

        wait_until(is_level, "the nodes come to no height")

    def check(self, **answers: str) -> list[str]:
        """What is missing when all has settled."""
        self.settle()
        return self.group.check(self.room, **answers)


def walk_crash(group: Group, room: Room) -> Deeds:
    """Stops one node, then another, looks, and starts both."""
    lab = Outages(group, room)
    lab.turn(lab.plan.first, "stop")
    lab.issue(lab.plan.one)
    lab.turn(lab.plan.second, "kill")
    waiting = lab.hand_in(lab.plan.two)
    answers = lab.look()
    assert answers["lacks"] == "1"
    lab.turn(lab.plan.second, "start")
    answers["height"] = str(lab.height_of(waiting))
    lab.turn(lab.plan.first, "start")
    lab.settle()
    yield from ()
    return answers


def walk_trust(group: Group, room: Room) -> Deeds:
    """Reads what was noted, convicts, and counts."""
    for number in range(5):
        assert group.submit(room, "west.member1", "asset.issue", number=f"X-{number}", to="west.member1") == "ok"
    traitor, kind, pair = _detect(room)
    task = (room.files / "trust.txt").read_text(encoding="utf-8")
    first, second = sorted(path.name for path in room.files.glob("export-*.jsonl") if path.name in task)
    told = room.control.post("/convict", {"first": first, "second": second})
    rows = [row for name in (first, second) for row in room.control.post("/read", {"name": name})["rows"]]
    sold = {row["arguments"] for row in rows if row["height"] == told["height"]}
    (asset,) = {words.split()[1].rstrip(",") for words in sold}
    assert len(sold) == 2
    n = int(task.split("network, of ")[1].split()[0])
    f = (n - 1) // 3
    quorum = n - f
    halt, fork = n - quorum + 1, 2 * quorum - n
    assert halt != fork == len(told["convicted"])
    yield from ()
    answers = {"traitor": traitor, "kind": kind, "pair": pair, "guilty": ", ".join(told["convicted"])}
    return {**answers, "height": str(told["height"]), "asset": asset, "halt": str(halt), "fork": str(fork)}


def _detect(room: Room) -> tuple[str, str, str]:
    """Who, of which kind, and the pair: from nothing but the table of the page, as the handout says to read it."""
    rows: list[dict[str, Any]] = room.control.get("/noted")["rows"]
    found = {row["what"]: row for row in reversed(rows)}
    if "evidence" in found:
        pair = found["evidence"]["detail"].split(",")[0]
        return found["evidence"]["about"], "skip-and-final" if "skip" in pair else "double-voter", pair
    for what, kind in (("invalid-block", "invalid-proposer"), ("wrong-signature", "impersonator")):
        if what in found:
            return found[what]["about"], kind, "none"
    heard = {row["about"]: row["times"] for row in rows if row["what"] == "heard"}
    names = [node["member"] for node in room.control.get("/network")["nodes"]]
    return min(names, key=lambda name: heard.get(name, 0)), "silent", "none"


PRICE = 420_000


def seen(room: Room, node: str, path: str) -> Any:
    """What another node tells, once it has all that the first one has."""
    with room.client(node="north.validator") as first, room.client(node=node) as client:
        height = first.node()["height"]
        wait_until(lambda: client.node()["height"] >= height, f"{node} does not reach height {height}")
        return client.get(path)


def walk_sealed(group: Group, room: Room) -> Deeds:
    """Bids, tries to open too early and cheaper, reveals, and awards with too few, too early, and at last."""
    made = sealed.plan(room.chance())
    plain = (room.files / "sealed.txt").read_text(encoding="utf-8").split("\n  ")[1].split("\n")[0]
    (line,) = [one for one in (room.files / "dictionary.txt").read_text().splitlines() if plain in one]
    offer = room.control.post("/seal", {"bidder": made.me, "price_cents": PRICE})
    salt = offer["opening"]["salt"]

    def do(signers: str, operation: str, **arguments: Any) -> str:
        return group.submit(room, signers, f"tender.{operation}", number=made.number, **arguments)

    def readers() -> str:
        rows = seen(room, "west.validator", f"/v1/access/tender/bids/{made.key}")["members"]
        return ", ".join(row["member"] for row in rows if row["level"] == "value")

    assert do(made.me, "bid", offer={"sealed": offer["sealed"]}) == "ok"
    yield ("no-bid",)
    digest = seen(room, "east.validator", f"/v1/state/tender/bids/{made.key}")["value"]["offer"]["sealed"][:8]
    before = readers()
    assert do(made.me, "reveal", price_cents=PRICE + 7, salt=salt[::-1]) == "not-closed"
    yield ("no-attempt",)
    room.control.order("/clock", {"forward_ms": sealed.MINUTES * MINUTE_MS})
    assert do(made.me, "reveal", price_cents=PRICE - 1, salt=salt) == "wrong-opening"
    yield ("no-attempt",)
    assert do(made.me, "reveal", price_cents=PRICE, salt=salt) == "ok"
    yield ("not-revealed",)
    height = str(room.standings()[-1].header.height)
    lacking = do(made.buyer, "award")
    yield ("not-alone",)
    both = f"{made.buyer} {made.witness}"
    assert do(both, "award") == "still-sealed"
    yield ("no-attempt",)
    room.control.order("/clock", {"forward_ms": REVEAL_MS})
    assert do(both, "award") == "ok"
    yield ("not-awarded",)
    answers = {"digest": digest, "before": before, "open": height, "after": readers(), "lacking": lacking}
    return {**answers, "plain": line.split()[0]}


def walk_contract(group: Group, room: Room) -> Deeds:
    """Mends the contract in two goes, has it approved on the page, installs it, and uses it as those who have only the page."""
    made = contract.plan(room.chance())
    path = room.files / contract.FILE
    path.write_text(write_contract(made.warehouse, made.flaws[1:]), encoding="utf-8")  # what the rules find is mended
    yield ("not-checked",)
    path.write_text(write_contract(made.warehouse), encoding="utf-8")
    yield tuple(f"promise-{flaw.breaks}" for flaw in made.flaws[1:])
    install = ("contract", "install", str(path), "--dir", str(room.directory))
    assert "Open: 1/3" in tallystick(*install, "--propose-only")
    (waiting,) = (said for said in group.missing(room) if said.key == "waits")
    for organization in ("north", "south"):
        number = waiting.values["number"]
        assert group.submit(room, f"{organization}.admin", "governance.approve", number=number) == "ok"
    assert "acts now" in tallystick(*install)
    yield ("not-installed",)
    goods: dict[str, Any] = {"number": made.number, "to": made.first, "goods": made.goods, "weight_g": made.weight_g}
    passed = {"number": made.number, "to": made.second}
    receipt = contract.CONTRACT
    assert group.submit(room, made.second, f"{receipt}.issue", **goods) == "policy-not-satisfied"
    assert group.submit(room, made.second, f"{receipt}.transfer", **passed) == "not-found"  # before the issue: no attempt
    assert group.submit(room, made.warehouse, f"{receipt}.issue", **goods) == "ok"
    yield ("not-issued",)
    height = room.standings()[-1].header.height
    assert group.submit(room, made.second, f"{receipt}.transfer", **passed) == "not-holder"
    yield ("not-tried",)
    assert group.submit(room, made.first, f"{receipt}.transfer", **passed) == "ok"
    yield ("not-passed-on",)
    mended = path.read_text(encoding="utf-8")
    path.write_text(mended.replace("Receipts for stored goods.", "Receipts for all goods."), encoding="utf-8")
    assert "other-version" in [said.key for said in group.missing(room)]
    path.write_text(mended, encoding="utf-8")
    return {"block": str(height), "needed": "3"}


def walk_auditor(group: Group, room: Room) -> Deeds:
    """Verifies three copies with what is known from elsewhere, and reads the whole one."""
    words = (room.files / "auditor.txt").read_text(encoding="utf-8").split()
    ledger, block = (word for word in words if len(word) == 64)
    answers = {}
    for name in auditor.COPIES:
        told = room.control.post("/verify", {"name": f"copy-{name}.jsonl", "ledger": ledger, "block": block})
        answers[name] = "whole" if told["holds"] else f"{told['broken']['rule']} {told['broken']['height']}"
    whole = next(name for name, answer in answers.items() if answer == "whole")
    rows = [ExportRow(**row) for row in room.control.post("/read", {"name": f"copy-{whole}.jsonl"})["rows"]]
    fraud, tenders, who = read_trade(rows)
    yield from ()
    return {**answers, "fraud": fraud, "tenders": ", ".join(sorted(tenders)), "who": ", ".join(sorted(who))}


def read_trade(rows: list[ExportRow]) -> tuple[str, set[str], set[str]]:
    """The fraud, its tenders and who did it: an auditor's reading, which shares no line with the maker."""
    fields = [dict(words.split(" ", 1) for words in row.arguments.split(", ")) for row in rows]
    done = [
        (row.operation, row.signers.split(", "), own) for row, own in zip(rows, fields, strict=True) if row.outcome == "committed"
    ]
    opened = {own["number"]: (signers[0], own["subject"]) for operation, signers, own in done if operation == "open"}
    for number, (buyer, subject) in opened.items():
        same = {other for other, (_, its) in opened.items() if its == subject}
        if len(same) > 1:
            return "paid-twice", same, {buyer}
        reveals = [(signers[0], own) for operation, signers, own in done if operation == "reveal" and own["number"] == number]
        twice = {salt for salt, times in Counter(own["salt"] for _, own in reveals).items() if times > 1}
        if twice:
            return "one-hand", {number}, {bidder for bidder, own in reveals if own["salt"] in twice}
        winner, _ = min(reveals, key=lambda reveal: int(reveal[1]["price_cents"]))
        awards = [signers for operation, signers, own in done if operation == "award" and own["number"] == number]
        if any(winner in signers for signers in awards):
            return "own-witness", {number}, {winner}
    raise AssertionError("no fraud was found")


def walk_seed(group: Group, room: Room) -> Deeds:
    """Asks the lab to play, as a group does that has only the page, and reads rows."""
    made = seed.plan(room.chance())
    mine = room.control.post("/replay?lang=en", {"seed": made.seed})["rows"]
    other = room.control.post("/replay?lang=zh", {"name": seed.FILE})["rows"]
    first = next(one["place"] for one, two in zip(mine, other, strict=True) if one["digits"] != two["digits"])
    late: dict[str, Any] = {"step": made.step, "minutes": made.minutes}
    branch = room.control.post("/replay", {"seed": made.seed, "late": late})["rows"]
    shared = sum(one["digits"] == two["digits"] for one, two in zip(mine, branch, strict=True))
    yield from ()
    digits = branch[-1]["digits"].replace(" ", "")
    assert seed.branched(made)[-1].digits.replace(" ", "") == digits
    return {"digits": mine[-1]["digits"], "first": str(first), "branch": digits, "shared": str(shared)}


def walk_believe(group: Group, room: Room) -> Deeds:
    """Hands eight letters in and goes by what the ledger says of each; who signed both blocks stands in the task."""
    task = (room.files / "believe.txt").read_text(encoding="utf-8")
    told = dict(re.findall(r"^  (\d)  \S+ +(.*(?:\n {14}.*)?)", task, re.MULTILINE))
    codes: dict[str, str] = {}
    for place in range(1, 9):
        codes.setdefault(hand_in(room, place)[0], str(place))
        if place == 6:
            assert {*codes} == {"ok", "not-decided", "not-proved", "not-newer", "proof-too-old"}
        if place == 7:
            yield ("not-frozen",)
    yield ("not-handed-in",)
    ((_, conflict),) = room_records(room, Foreign.conflicts)
    one, other = ({*side.partition(": ")[2].split(", ")} for side in told["7"].splitlines())
    assert {f"{name}.validator" for name in one & other} == {*conflict.convicted}
    crates = dict(room_records(room, Loans.crates))
    (sold,) = (fact.split(": ") for place, fact in told.items() if place in "3456" and fact.split(": ")[0] in crates)
    assert {number: seen.holder for number, seen in crates.items()} == {sold[0]: sold[1]}
    found = {"few": "not-decided", "altered": "not-proved", "older": "not-newer", "old": "proof-too-old"}
    answers = {question: codes[code] for question, code in found.items()}
    assert len(told[answers["few"]].split(", ")) == 2
    assert codes["ledger-frozen"] == "8"
    return {**answers, "needed": "3", "guilty": ", ".join(one & other), "last": "ledger-frozen", "relayer": "delay"}


def room_records(room: Room, collection: Collection[R]) -> list[tuple[str, R]]:
    """All records of a collection."""
    with room.client() as client:
        return client.records(collection)


SEEDS_OF_KINDS = {trust.plan(Chance(number)).kind: number for number in range(40, 0, -1)}
"""Of traitors, the first seed of each kind."""
VOTER = SEEDS_OF_KINDS["double-voter"]


def _unlike(number: int) -> int:
    """A seed whose group has another traitor of another kind, and other guilty ones."""
    one = trust.plan(Chance(number))
    for other in range(number + 1, number + 99):
        two = trust.plan(Chance(other))
        if one.traitor != two.traitor and one.kind != two.kind and make_fork(number).guilty != make_fork(other).guilty:
            return other
    raise AssertionError("every seed resembles it")


def _letters(number: int) -> list[tuple[int, believe.Letter]]:
    """Of lab 10, those that are in other places for other groups."""
    return [*enumerate(believe.plan(Chance(number)).letters, 1)][:6]


ALIKE = {(place, letter.kind) for place, letter in _letters(7)}


def _short(answers: Answers) -> Answers:
    names = {name: answers[name].replace(".validator", "") for name in ("traitor", "guilty")}
    return {**names, "guilty": " 和 ".join(reversed(names["guilty"].split(", "))), "asset": answers["asset"].lower()}


LABS: Mapping[str, LabWalk] = {
    "chain": LabWalk(
        walk_chain,
        deeds=0,
        differ=frozenset({"id"}),
        wrong={"block": ("three", "77777777"), "id": ("0", "77777777"), "edited": ("77",), "missing": ("77",), "three": ("77",)},
        also_right=(
            lambda answers: {"id": answers["id"].upper()},
            lambda answers: {"block": f"０{answers['block']}"},
        ),
    ),
    "keys": LabWalk(
        walk_keys,
        deeds=4,
        other=next(n for n in range(8, 99) if keys.plan(Chance(n)).genuine != keys.plan(Chance(7)).genuine),
        differ=frozenset({"genuine"}),
    ),
    "proofs": LabWalk(
        walk_proofs,
        deeds=1,
        differ=frozenset({"absent"}),
        wrong={"height": ("9999", "1"), "root": ("00000000", "0"), "absent": ("LOT-1",), "a": ("file",)},
        also_right=(lambda answers: {"root": answers["root"].upper(), "a": f"Rule 7, {answers['a']}"},),
    ),
    "crash": LabWalk(
        walk_crash,
        deeds=2,
        other=next(n for n in range(8, 99) if crash.plan(Chance(n)).staying != crash.plan(Chance(7)).staying),
        differ=frozenset({"stated"}),
        is_other_walked=False,
    ),
    "trust": LabWalk(
        walk_trust,
        deeds=0,
        seed=VOTER,
        other=_unlike(VOTER),
        differ=frozenset({"traitor", "kind", "guilty", "asset"}),
        wrong={
            "traitor": ("north, south",),
            "pair": ("none",),
            "guilty": ("north",),
            "height": ("1",),
            "halt": ("1", "many"),
            "fork": ("2",),
        },
        also_right=(_short,),
    ),
    "sealed": LabWalk(
        walk_sealed,
        deeds=6,
        seed=5,
        other=6,
        differ=frozenset({"plain", "digest"}),
        wrong={
            "digest": ("00000000", "0"),
            "before": ("north.member1, south.member1",),
            "after": ("south.member1", "everybody"),
            "open": ("1",),
            "lacking": ("refused",),
            "plain": ("many",),
        },
        comes={"no-bid": "not-revealed"},
    ),
    "contract": LabWalk(
        walk_contract,
        deeds=5,
        other=11,
        wrong={"needed": ("4",)},
        comes={"not-checked": "promise-"},
        is_other_walked=False,
    ),
    "auditor": LabWalk(
        walk_auditor,
        deeds=0,
        seed=5,
        other=11,
        wrong={**dict.fromkeys(auditor.COPIES, ("line 7", "whole whole")), "tenders": ("T-999",), "who": ("north.member9",)},
    ),
    "believe": LabWalk(
        walk_believe,
        deeds=2,
        other=next(n for n in range(8, 99) if not ALIKE & {(place, letter.kind) for place, letter in _letters(n)}),
        differ=frozenset({"few", "altered", "older", "old"}),
        wrong={"needed": ("2", "four"), "guilty": ("dock", "dock, pilot, tower"), "last": ("ok",), "relayer": ("lie",)},
        also_right=(
            lambda answers: {"guilty": "，".join(f"{name}.validator" for name in answers["guilty"].split(", "))},
            lambda answers: {"relayer": "拖延"},
        ),
    ),
    "seed": LabWalk(walk_seed, deeds=0, wrong={"digits": ("7",), "first": ("15",), "branch": ("7",), "shared": ("15",)}),
}
"""By the name of the lab."""
