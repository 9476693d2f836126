"""The matrix of supply-chain finance: every node and every member is asked for every sealed invoice and every field of it.

Each of the fourteen organizations of the story runs a node here. Of the companies of the month of trade, which have no part in
it, one of each kind asks as well, and with `--long` all of them. Sellers put their sealed invoices at their own nodes, and the
bank gets them from its own, where the story passes them from hand to hand. `golden/scf_documents.txt` says who may read what
where.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ledger.disclosure import parse_disclosure, verify_disclosure
from ledger.encoding import encode
from ledger.errors import JsonValue, TallystickError
from ledger.sealed import Opening, Sealed
from nodes.access.tokens import audience_of, sign_token
from nodes.client import Client
from nodes.documents import exchange as exchange_module
from nodes.key_files import read_key
from nodes.network.in_process import InProcessNetwork
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import Player, Prepared
from scenarios.story.story import Act, HandOver, PlayedStep
from scenarios.supply_chain_finance.cast import LANHAI, LULIN, MINGHE, REGISTRY, THIRD
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.scenario import SCENARIO, specification
from scenarios.supply_chain_finance.story_spring import SEALED_TRADES

GOLDEN = Path(__file__).parent / "golden" / "scf_documents.txt"
FIELDS = ("amount_cents", "goods", "number", "quantity", "unit_price_cents")
LATER = "MH-9"
"""An invoice of Minghe that is sealed after Lanhai has let Minghe's certificate go."""
CASH = 4
"""The chapter in which the banks are asked; in those after it nothing sealed changes hands."""
REFUSED = {"not-entitled", "no-such-document"}
Matrix = dict[str, dict[str, dict[str, str]]]
"""Invoice -> organization whose node is asked -> member that reads there -> rule."""


class Clock:
    """By which nodes know how long a document that nobody gave is not asked for again. It stands until they are to forget."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        """What the exchange reads."""
        return self.now_s

    def forget(self) -> None:
        """From here on each node asks the others again."""
        self.now_s += 2 * exchange_module.UNKNOWN_S


class Readers:
    """Every node, asked as any member."""

    def __init__(
        self, network: InProcessNetwork, stage: LiveStage, opened: ExitStack, clock: Clock, *, is_long: bool = False
    ) -> None:
        self.network, self.stage, self.clock = network, stage, clock
        members = dict(specification(with_observers=True).members())
        have_node = set(map(organization_of, network.members))
        strangers = {name: roles for name, roles in members.items() if organization_of(name) not in have_node}
        one_of_each = {roles: name for name, roles in reversed(strangers.items())}.values()
        self.members = [name for name in members if is_long or name in one_of_each or name not in strangers]
        self.delegates = {organization_of(name): name for name in self.members}.values()
        """One of each organization asks for a field as well where it may not read the whole."""
        self.keys = {name: read_key(network.key_path(name)) for name in self.members}
        self.digests: dict[str, str] = {}
        self.last: Matrix = {}
        """What `matrix` found when it was asked last."""
        self.clients: dict[str, Client] = {}
        for node in network.members:
            self.clients[node.partition(".")[0]] = opened.enter_context(network.client(node=node))

    def ask(
        self,
        organization: str,
        member: str,
        method: str,
        invoice: str,
        sent: bytes | None = None,
        *,
        now_ms: int = 0,
        **query: str,
    ) -> Any:
        """The answer of the organization's node, or the code of its problem; `now_ms` is its clock, if known.

        Without it this is the first of several questions, and the node asks the others again.
        """
        client, node = self.clients[organization], f"{organization}.node"
        at_ms = now_ms or self.begin(organization)
        audience = audience_of(self.network.ledger, node)
        token = sign_token(self.keys[member], member, audience=audience, now_ms=at_ms, number=secrets.token_hex(16))
        headers = {"authorization": f"Bearer {token}"}
        try:
            path = f"/v1/documents/{self.digest(invoice)}"
            return client.request(method, path, query=query, body=sent, headers=headers)
        except TallystickError as error:
            return error.code

    def begin(self, organization: str) -> int:
        """Lets the nodes forget what nobody gave; returns the time at that node."""
        self.clock.forget()
        return int(self.clients[organization].node()["clock"])

    def digest(self, invoice: str) -> str:
        """Where the document of an invoice is found: the digest on the ledger."""
        if invoice not in self.digests:
            record = self.clients["haihe"].read(Scf.invoices, invoice)
            assert record is not None
            assert record.document is not None
            self.digests[invoice] = record.document.sealed
        return self.digests[invoice]

    def put(self, seller: str, invoice: str) -> list[str]:
        """The seller puts its document at its own node; the organizations whose nodes have it now."""
        opening = self.stage.files.opening(seller, invoice)
        place = {"contract": Scf.name, "collection": "invoices", "key": invoice}
        answer = self.ask(organization_of(seller), seller, "PUT", invoice, encode({**place, "opening": opening.to_json()}))
        assert answer["not_reached"] == []
        return sorted(map(organization_of, answer["passed_to"]))

    def matrix(self, invoices: tuple[str, ...]) -> Matrix:
        """Who reads what where; what is read is what was sealed, and what is not read says nothing."""
        self.last = {invoice: {name: dict(self._row(invoice, name)) for name in self.clients} for invoice in invoices}
        return self.last

    def _row(self, invoice: str, organization: str) -> Iterator[tuple[str, str]]:
        opening = self.stage.files.opening(seller_of(invoice), invoice)
        now_ms = self.begin(organization)
        for number, member in enumerate(self.members):
            answer = self.ask(organization, member, "GET", invoice, now_ms=now_ms)
            if isinstance(answer, str):
                assert answer in REFUSED
                if member in self.delegates:
                    field = FIELDS[number % len(FIELDS)]
                    assert self.ask(organization, member, "GET", invoice, now_ms=now_ms, field=field) == answer
                continue
            assert answer["opening"] == opening.to_json()
            yield member, answer["rule"]
            for field in FIELDS:
                shown = self.ask(organization, member, "GET", invoice, now_ms=now_ms, field=field)
                self._verify_field(invoice, opening, shown, field)

    def _verify_field(self, invoice: str, opening: Opening, answer: Any, field: str) -> None:
        assert isinstance(opening.value, dict)
        disclosure = parse_disclosure(answer["disclosure"])
        verify_disclosure(Sealed(self.digest(invoice)), disclosure)
        assert disclosure.values == {field: opening.value[field]}


def organization_of(member: str) -> str:
    return member.partition(".")[0]


def seller_of(invoice: str) -> str:
    return MINGHE if invoice == LATER else SEALED_TRADES[invoice][0]


@pytest.mark.timeout(900)
def test_who_reads_which_sealed_invoice_at_which_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    clock = Clock()
    monkeypatch.setattr(exchange_module, "time", clock)
    network = InProcessNetwork.create(tmp_path / "network", specification(with_observers=True), has_tls=True, is_lab=True)
    with ExitStack() as opened:
        opened.enter_context(network)
        stage = opened.enter_context(LiveStage(network))
        readers = Readers(network, stage, opened, clock, is_long=pytestconfig.getoption("--long"))
        player = Player(SCENARIO, stage)
        text = "".join(told_matrices(player, readers))
        holders = {invoice: {name for name, read in rows.items() if read} for invoice, rows in readers.last.items()}
        outsiders = {"haihe", "tuohai", "tongda", "clearing", "registry", "jinqiao", "jinghai"}
        reading = {organization_of(member) for rows in readers.last.values() for read in rows.values() for member in read}
        assert not reading & outsiders, "cores, platforms, registry, court and settlement see no price of the lower tiers"
        salts = {invoice: stage.files.opening(seller_of(invoice), invoice).salt for invoice in holders}
    for invoice, salt in salts.items():
        assert directories_with(network.directory / "nodes", salt) == holders[invoice], "bytes lie where nobody may read them"
    assert text == GOLDEN.read_text(encoding="utf-8")


def told_matrices(player: Player, readers: Readers) -> Iterator[str]:
    """Plays the story; its documents go through the nodes, and twice everybody is asked for everything."""
    sealed: list[str] = []
    for played in player.steps():
        if played.chapter > CASH:
            break
        sealed += put_what_was_sealed(played, readers)
        if isinstance(played.step, HandOver):
            bank_reads_from_its_own_node(played.step, readers)
        if (
            sealed == [*SEALED_TRADES]
            and is_call(played, "register_sealed_invoice")
            and played.outcomes[0].code == "duplicate-invoice"
        ):
            yield drawn("When the invoices are sealed, before any bank was asked", readers.matrix(tuple(sealed)))
        if is_call(played, "disburse") and played.outcomes[0].code == "ok" and LATER not in sealed:
            lanhai_looks_and_lets_go(readers)
            sealed.append(LATER)
    yield drawn("When the banks have paid", readers.matrix(tuple(sealed)))


def put_what_was_sealed(played: PlayedStep, readers: Readers) -> list[str]:
    """A seller whose sealed invoice was registered just now puts the document."""
    if not is_call(played, "register_sealed_invoice") or played.outcomes[0].code != "ok":
        return []
    assert isinstance(played.step, Act)
    invoice = str(played.step.calls[0].arguments["invoice"])
    seller, buyer, _ = SEALED_TRADES[invoice]
    assert readers.put(seller, invoice) == sorted([organization_of(buyer), "regulator"])
    return [invoice]


def bank_reads_from_its_own_node(step: HandOver, readers: Readers) -> None:
    """What the story passes from hand to hand, the bank's node has got from the others by itself."""
    for label in step.labels:
        got = readers.ask(organization_of(step.receiver), step.receiver, "GET", label)
        assert got["opening"] == readers.stage.files.opening(step.receiver, label).to_json()


def lanhai_looks_and_lets_go(readers: Readers) -> None:
    """Minghe asks Lanhai for finance; Lanhai looks at the invoice behind it and declines. Then Minghe seals another one."""
    terms: dict[str, JsonValue] = {"rate_ppm": 35_000, "basis": "ACT/360", "fee_cents": 0, "with_recourse": False}
    assert readers.ask("lanhai", LANHAI, "GET", "MH-1") == "no-such-document"
    certificate = f"{THIRD}-1"
    apply = Prepared(Scf.apply_finance, {"certificate": certificate, "terms": {"bank": LANHAI, **terms}})
    release = Prepared(Scf.release, {"certificate": certificate})
    stage = readers.stage
    assert stage.submit((MINGHE,), [apply])[0].code == "ok"
    wait_until_read(readers)
    assert stage.submit((LANHAI,), [release])[0].code == "ok"
    sealed = stage.files.seal(MINGHE, LATER, {**SEALED_TRADES["MH-1"][2], "number": "MH-90001"})
    later: dict[str, JsonValue] = {
        "invoice": LATER,
        "buyer": LULIN,
        "issued_on_ms": stage.start_ms,
        "document": sealed,
        "fingerprint": "9" * 64,
    }
    assert stage.submit((MINGHE, REGISTRY), [Prepared(Scf.register_sealed_invoice, later)])[0].code == "ok"
    readers.put(MINGHE, LATER)


def wait_until_read(readers: Readers) -> None:
    """Until Lanhai's node has the block in which it was asked, and with it the right."""
    for _ in range(100):
        answer = readers.ask("lanhai", LANHAI, "GET", "MH-1")
        if not isinstance(answer, str):
            assert answer["rule"] == "bank"
            return
        assert answer == "no-such-document"
        readers.clients["lanhai"].status("0" * 64, wait_s=1)
    raise AssertionError("Lanhai was asked for finance and sees no document.")


def is_call(played: PlayedStep, operation: str) -> bool:
    return isinstance(played.step, Act) and played.step.calls[0].operation.name == operation


def directories_with(nodes: Path, text: str) -> set[str]:
    """Organizations whose node's directory holds this text anywhere."""
    found = {
        file.relative_to(nodes).parts[0] for file in nodes.rglob("*") if file.is_file() and text.encode() in file.read_bytes()
    }
    return set(map(organization_of, found))


def drawn(title: str, matrix: Matrix) -> str:
    """The matrix for people: nodes with the same readers share a line."""
    lines = [f"# {title}\n"]
    for invoice, rows in matrix.items():
        seller = seller_of(invoice)
        buyer = LULIN if invoice == LATER else SEALED_TRADES[invoice][1]
        lines.append(f"\n{invoice}, sold by {seller} to {buyer}\n")
        alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for organization, readers in rows.items():
            alike.setdefault(tuple(sorted(readers.items())), []).append(organization)
        for readers_alike, organizations in sorted(alike.items(), key=lambda pair: sorted(pair[1]), reverse=False):
            if readers_alike:
                lines.append(f"  kept at the nodes of {', '.join(sorted(organizations))}; there it is read by\n")
                lines += [f"    {member:<18}{rule}\n" for member, rule in readers_alike]
        nowhere = sorted(alike.get((), []))
        lines.append(f"  not kept, and read by nobody, at the nodes of {', '.join(nowhere)}\n")
    return "".join([*lines, "\n"])
