"""Running nodes that answer to members alone, and what a client and the commands do about it; calls by a contract's schema."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from ledger.contract.sealed import seal
from ledger.disclosure import disclose
from ledger.errors import InputError, JsonValue, NotFoundError, OperatorError, RefusedError, UnauthorizedError, VerificationError
from ledger.identity.records import Member
from ledger.membership import Membership
from nodes.client import AsyncClient, Client, LocalMember
from nodes.client.contracts import RemoteContract
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from nodes.node.files import NODE_FILE, NodeFile, read_file
from nodes.sample_contract import Asset, Holding
from tests.commands import answer, fails, run, succeeds
from tests.network_support import make_network, running_network
from tests.sealed_papers import Papers
from tests.support import awaited_refusal, refusal

MEMBER, ADMIN, NODE = "north.member1", "north.admin", "north.validator"
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    directory = tmp_path_factory.mktemp("members") / "network"
    with running_network(directory, reads="members") as network:
        yield network


@pytest.fixture
def client(network: InProcessNetwork) -> Iterator[Client]:
    with network.client(MEMBER) as client:
        yield client


def signer(network: InProcessNetwork, member: str) -> LocalMember:
    return LocalMember.load(network.key_path(member))


def test_a_member_reads_as_if_reads_were_open_and_others_do_not(network: InProcessNetwork, client: Client) -> None:
    client.call(Asset.issue, number="A-1", to=MEMBER)
    assert client.read(Asset.assets, "A-1", proof=True) == Holding(holder=MEMBER)
    assert len(list(client.export())) == client.get("/v1/node")["height"] + 1
    with Client(client.url) as nobody:
        assert nobody.get("/v1/node")["reads"] == "members"
        for path in ("/v1/blocks", "/v1/state/asset/assets/A-1", "/v1/export"):
            assert refusal(UnauthorizedError, nobody.get, path).code == "token-missing"
        refusal(UnauthorizedError, list, nobody.export())


def test_a_transaction_needs_no_token_since_it_is_signed(network: InProcessNetwork, client: Client) -> None:
    transaction = client.sign(Asset.bump, number="T")
    with Client(client.url) as nobody:
        assert nobody.submit(transaction, wait_s=30)["status"] == "committed"


def test_who_signs_need_not_be_who_reads(network: InProcessNetwork, client: Client) -> None:
    with Client({NODE: client.url}, reader=signer(network, NODE)) as reader:
        assert reader.get("/v1/blocks/latest")["height"] >= 0
        assert refusal(InputError, reader.call, Asset.bump, number="T").code == "no-signer"


async def test_a_revoked_member_reads_nothing_from_the_next_request_on_and_its_stream_ends(network: InProcessNetwork) -> None:
    zhou = "north.zhou"
    directory = ("--dir", network.directory)
    succeeds("member", "new", zhou, *directory)
    succeeds("member", "enrol", zhou, "--as", ADMIN, *directory)
    url = network.urls[NODE]

    people = [signer(network, name) for name in (zhou, ADMIN)]
    async with AsyncClient(url, member=people[0]) as member, AsyncClient(url, member=people[1]) as admin:
        await member.get("/v1/blocks")
        token = succeeds("token", "-m", zhou, *directory).strip()
        async with (
            ClientSession(headers={"authorization": f"Bearer {token}"}) as http,
            http.get(f"{url}/v1/events/stream") as stream,
        ):
            assert stream.status == 200
            assert await stream.content.readline() == b": open\n"
            await admin.call(Membership.revoke, member=zhou)
            rest = await asyncio.wait_for(stream.content.read(), 10)
            assert b'"revoked"' not in rest
        assert (await awaited_refusal(UnauthorizedError, member.get("/v1/blocks"))).code == "token-inactive"


def test_tokens_follow_a_lab_clock_and_a_restart(tmp_path: Path) -> None:
    with running_network(tmp_path / "network", reads="members") as network, network.client(MEMBER) as client:
        client.get("/v1/blocks")
        client.request(
            "POST", "/v1/lab/clock", body=b'{"time":%d}' % (client.node()["clock"] + 90 * DAY_MS),
            headers={"authorization": f"Bearer {network.lab_token}"},
        )  # fmt: skip
        client.get("/v1/blocks")
        network.restart(NODE)
        client.get("/v1/blocks")
        client.get("/v1/blocks")


def test_the_token_command_makes_one_for_a_node_and_says_when_it_ends(network: InProcessNetwork, client: Client) -> None:
    client.get("/v1/blocks")  # waits until the second is over in which the node started, of which it takes no token
    directory = ("--dir", network.directory)
    made = answer("token", "-m", MEMBER, "--json", "--seconds", "50", *directory)
    assert (made["audience"], made["member"]) == (f"{network.ledger}/{NODE}", MEMBER)
    with Client(network.urls[NODE]) as nobody:
        bearer = {"authorization": f"Bearer {made['token']}"}
        assert 0 < made["expires"] - nobody.node()["clock"] // 1000 <= 50
        nobody.request("GET", "/v1/blocks", headers=bearer)
        assert refusal(UnauthorizedError, nobody.request, "GET", "/v1/blocks", headers=bearer).code == "token-used"
    for wrong in (("-m", MEMBER, "--seconds", "301"), ("-m", "north.nobody"), ("-m", MEMBER, "--node", "no.node")):
        assert run("token", *wrong, *directory).exit_code == 2, wrong


def test_commands_read_as_the_node_that_they_ask(network: InProcessNetwork) -> None:
    directory = ("--dir", network.directory)
    succeeds("network", "status", *directory)
    succeeds("show", "blocks", *directory)


def test_reads_are_set_for_every_node_before_anything_is_made(tmp_path: Path) -> None:
    fails(2, "open or members", "network", "up", "--reads", "nobody", "--dir", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    make_network(tmp_path, validators=4, reads="members")
    files = list(tmp_path.glob(f"nodes/*/{NODE_FILE}"))
    assert [read_file(path, NodeFile).reads for path in files] == ["members"] * 4
    files[0].write_text(files[0].read_text().replace('"members"', '"some"'))
    refusal(OperatorError, read_file, files[0], NodeFile)


def test_operations_of_a_contract_are_methods_with_checked_arguments(network: InProcessNetwork, client: Client) -> None:
    asset = client.contract("asset")
    outcome = asset.issue(number="C-1", to=MEMBER)
    assert (outcome.is_committed, outcome.events[0]["name"]) == (True, "issued")
    assert refusal(RefusedError, asset.issue, number="C-1", to=MEMBER).code == "already-issued"
    height = client.node()["height"]
    wrong: list[tuple[dict[str, Any], JsonValue, str]] = [
        ({"number": 7, "to": MEMBER}, ["number"], "number: 7 is not of type"),
        ({"number": "C-2", "to": "nobody"}, ["to"], 'to: "nobody" does not match'),
        ({"number": "C-2"}, [""], '"to" is a required property'),
        ({"number": "C-2", "to": MEMBER, "colour": "red"}, [""], "'colour' was unexpected"),
        ({"number": 1.5, "to": MEMBER}, [""], "a float"),
    ]
    for arguments, fields, sentence in wrong:
        with pytest.raises(InputError, match=r"asset\.issue: ") as caught:
            asset.issue(**arguments)
        assert (caught.value.code, caught.value.details["fields"]) == ("bad-arguments", fields)
        assert sentence in caught.value.message
    assert client.node()["height"] == height, "none of them was signed"
    assert asset.issue(number="C-3", to=MEMBER, signers=[signer(network, ADMIN)]).is_committed
    assert asset["bump"].signed_by == "anyone"


def test_a_contract_explains_itself_in_a_notebook(client: Client) -> None:
    asset = client.contract("asset")
    assert {"issue", "transfer", "bump"} <= set(dir(asset))
    assert asset.issue.__doc__ is not None
    assert asset.issue.__doc__.startswith("Makes a new asset.")
    assert str(asset.issue.__signature__) == "(*, number, to)"
    with pytest.raises(AttributeError, match="asset has no operation isue; it has issue, transfer, bump"):
        asset.isue  # noqa: B018
    assert refusal(NotFoundError, client.contract, "nothing").code == "unknown-contract"
    with pytest.raises(NotFoundError, match="cannot describe"):
        RemoteContract({"name": "far", "is_installed": False}, client.call_named)


def test_every_answer_is_proved_where_that_is_asked_for(network: InProcessNetwork, client: Client) -> None:
    member = signer(network, MEMBER)
    with Client(client.url, member=member, genesis=network.genesis_bytes, check_proofs=True) as checking:
        assert checking.call(Asset.issue, number="P-1", to=MEMBER).is_committed
        refusal(RefusedError, checking.call, Asset.issue, number="P-1", to=MEMBER)
        assert checking.read(Asset.assets, "P-1") == Holding(holder=MEMBER)
        assert checking.read(Asset.assets, "P-2") is None
        assert ("P-1", Holding(holder=MEMBER)) in checking.records(Asset.assets)
    assert refusal(InputError, Client, client.url, member=member, check_proofs=True).code == "no-genesis"


@pytest.mark.parametrize("member", ["receipt", "value", "items"])
def test_an_answer_that_its_proof_does_not_show_is_refused(
    network: InProcessNetwork, client: Client, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node is made to lie about one member of its answers; its proofs stay true."""
    client.call(Asset.issue, number=f"L-{member}", to=MEMBER)
    with Client(client.url, member=signer(network, MEMBER), genesis=network.genesis_bytes, check_proofs=True) as checking:
        honest = checking.asynchronous._peers.exchange

        async def lie(*arguments: object) -> object:
            answer = await honest(*arguments)  # type: ignore[arg-type]
            lies: dict[str, object] = {
                "receipt": {**answer.get("receipt", {}), "code": "ok", "events": [{"name": "never"}]},
                "value": {"holder": ADMIN, "version": 0},
                "items": [],
            }
            is_final = arguments[0] == "GET" and member in answer
            return {**answer, member: lies[member]} if is_final else answer

        monkeypatch.setattr(checking.asynchronous._peers, "exchange", lie)
        asked: dict[str, Callable[[], object]] = {
            "receipt": lambda: checking.call(Asset.bump, number="L"),
            "value": lambda: checking.read(Asset.assets, f"L-{member}"),
            "items": lambda: checking.records(Asset.assets),
        }
        refusal(VerificationError, asked[member])


def test_the_client_works_where_an_event_loop_is_running(network: InProcessNetwork) -> None:
    """As in a notebook: its cells run inside of a loop."""

    async def cell() -> Member | None:
        with network.client(MEMBER) as client:
            return client.read(Membership.members, MEMBER)

    found = asyncio.run(cell())
    assert found is not None
    assert found.member == MEMBER


def test_a_private_document_goes_in_and_comes_out_whole_or_by_field_and_is_held_against_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (MemberSpec("node", ("validator",)), MemberSpec("one"))
    specification = NetworkSpecification(
        organizations=(OrganizationSpec("alpha", people), OrganizationSpec("beta", (MemberSpec("one"),))),
        validators=("alpha.node",),
        contracts=(("papers", "tests.sealed_papers:Papers"),),
        start_time_ms=time.time_ns() // 1_000_000 - 1_000,
    )
    sealed, opening = seal({"goods": "dies", "price": 70}, "5" * 32)
    network = InProcessNetwork.create(tmp_path / "network", specification)
    with network, network.client("alpha.one") as client:
        client.call(Papers.file, number="P-1", buyer="beta.one", terms=sealed)
        assert client.put_document(Papers.papers, "P-1", opening) == sealed.sealed
        assert client.document(sealed.sealed) == opening
        assert client.disclosure(sealed.sealed, "goods").values == {"goods": "dies"}
        refusal(NotFoundError, client.disclosure, sealed.sealed, "colour")
        other = seal({"goods": "dies", "price": 71}, "5" * 32)[1]
        forged = {"opening": other.to_json(), "disclosure": disclose(other, ["price"]).to_json()}

        async def lie(path: str, **query: object) -> dict[str, JsonValue]:
            return forged

        monkeypatch.setattr(client.asynchronous, "get", lie)
        refusal(VerificationError, client.document, sealed.sealed)
        refusal(VerificationError, client.disclosure, sealed.sealed, "price")
