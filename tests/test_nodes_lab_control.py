"""The control of a lab through its nodes: what it says, what it takes, and what it refuses."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from select import select
from typing import Any

import pytest
from fastapi import APIRouter

from ledger.encoding import decode, encode
from ledger.errors import ConflictError, JsonValue, OperatorError
from nodes.commands.command_parts import load_signers
from nodes.http.addresses import bind
from nodes.lab.lab import Extension, Lab
from nodes.lab.remote import RemoteControl
from nodes.network.directory import hold_network
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.node.files import CONTROL_FILE, LAB_TOKEN, LOG, read_control, read_node_settings
from nodes.traitors.kinds import TRAITORS
from tests.lab_support import PageAt, Running, running_lab
from tests.network_support import NODE, issue, make_network, wait_until
from tests.support import ADMINS, EAST, NORTH, SOUTH, WEST, refusal

HOUR_MS = 3_600_000


def test_the_log_says_of_each_node_when_it_starts_and_what_it_decides(tmp_path: Path) -> None:
    with running_lab(tmp_path) as lab:
        lab.page.submit("A-1")
        lab.page.wait_for_height(WEST, 1)
        lab.order(WEST, "kill")
        lab.page.submit("A-2")
        height = lab.nodes[0]["height"]
        lab.order(WEST, "start")
        lab.page.wait_for_height(WEST, height)

        def decided() -> list[tuple[str, int, str]]:
            return [(one["node"], one["height"], one["block"]) for one in lab.log() if one["kind"] == "decided"]

        every = {(node, number) for node in lab.network.members for number in range(1, height + 1)}
        wait_until(lambda: {(node, number) for node, number, _ in decided()} >= every, "a node did not tell what it decided")
        with lab.network.client() as client:
            blocks = {number: client.get(f"/v1/blocks/{number}")["id"] for number in range(1, height + 1)}
        assert len(decided()) == len(set(decided()))
        assert all(blocks.get(number, block) == block for _, number, block in decided())
        starts = [(one["node"], one["height"]) for one in lab.log() if one["kind"] == "start"]
        assert sorted(starts)[:3] == [(member, 0) for member in sorted((EAST, NORTH, SOUTH))]
        (first, again) = [number for node, number in starts if node == WEST]
        assert first == 0 < again < height


def test_quorum_and_tolerated_are_those_of_the_validators_that_act_now(tmp_path: Path) -> None:
    with running_lab(tmp_path) as lab:

        def told() -> tuple[int, int]:
            answer = (lab.page if lab.network.is_running(NORTH) else lab.control).get("/network")
            return answer["quorum"], answer["tolerated"]

        assert told() == (3, 1)
        with lab.network.client("north.member1") as client:
            arguments: Any = {"number": "P-1", "action": {"kind": "remove-validator", "member": WEST}}
            admins = load_signers(tmp_path, ADMINS)
            assert client.deliver(client.sign_named("governance", "propose", arguments, admins)).is_committed
            issue(client, "A-1")  # three of three decide from here on
        wait_until(lambda: told() == (3, 0), "the validator that left counts")
        for member in lab.network.members:
            lab.order(member, "stop")
        assert told() == (3, 0), "what was told last counts while no node runs"
        lab.control.order("/reset")
        assert told() == (3, 1)


@contextmanager
def uncontrolled(directory: Path) -> Iterator[PageAt]:
    """A lab that somebody runs without a control."""
    with InProcessNetwork(directory) as network:
        yield PageAt(network)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


def test_the_network_is_seen_as_a_whole(lab: Running) -> None:
    wait_until(lambda: all(node["consensus"] for node in lab.nodes), "a node says nothing")
    seen = lab.page.get("/network")
    whole = ("ledger", "quorum", "tolerated", "partition", "frozen", "scenario", "story")
    assert [seen[name] for name in whole] == [lab.network.ledger, 3, 1, None, False, "", None]
    assert [node["member"] for node in seen["nodes"]] == [NORTH, SOUTH, EAST, WEST]
    for node in seen["nodes"]:
        assert (node["url"], node["running"], node["traitor"]) == (lab.network.urls[node["member"]], True, None)
        assert node["consensus"]["height"] == node["height"] + 1
        assert node["clock"] > 0


def test_somebody_acts_as_a_member(lab: Running) -> None:
    told = lab.page.submit("A-1")
    assert told["status"] == "committed"
    assert told["receipt"]["events"][0]["name"] == "issued"
    again = lab.page.submit("A-1", **{"accept-language": "zh-CN,zh;q=0.9"})
    assert again["status"] == "rejected"
    assert "资产 A-1 已存在。" in json.dumps(again, ensure_ascii=False)


def test_a_problem_of_the_node_is_an_answer(lab: Running) -> None:
    assert lab.page.submit("A 1 with spaces")["problem"]["code"] == "bad-arguments"


@pytest.mark.parametrize("name", ["north.nobody", "north", "../lab", "north.member1/../../lab"])
def test_a_signer_without_a_key_is_refused(lab: Running, name: str) -> None:
    assert lab.page.submit("A-2", signer=name)["problem"]["code"] == "no-key"


def test_no_name_leads_out_of_the_folder_of_keys(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / "keys" / "north.admin.key").rename(tmp_path / "north.admin.key")
    with closing(Lab(LocalNetwork(tmp_path))) as lab:
        assert refusal(ConflictError, lab.signers, ["../north.admin"]).code == "no-key"


def test_members_are_those_whose_keys_are_there(lab: Running) -> None:
    members = lab.page.get("/members")
    row = {"member": "east.admin", "organization": "east", "name": "admin", "roles": ["admin"], "called": None}
    assert row in members
    assert len(members) == 12


def test_traitors_are_explained_in_both_languages(lab: Running) -> None:
    for language, words in (("en", "It hears everything and says nothing."), ("zh", "什么都听，什么都不说。")):
        told = {kind["name"]: kind["sentence"] for kind in lab.page.get(f"/traitors?lang={language}")}
        assert told.keys() == TRAITORS.keys()
        assert told["silent"] == words


def test_the_log_has_every_record_of_every_node_once(lab: Running) -> None:
    assert lab.page.submit("A-log")["status"] == "committed"
    logs = {node: lab.network.directory / "nodes" / node / LOG for node in lab.network.members}
    wanted = {node: path.read_bytes().count(b"\n") for node, path in logs.items()}
    records: list[dict[str, Any]] = []

    def enough() -> bool:
        answer = lab.page.get(f"/log?after={records[-1]['index'] if records else 0}&limit=50")
        records.extend(answer["records"])
        assert answer["next"] == (records[-1]["index"] if records else 0)
        return all(sum(record["node"] == node for record in records) >= count for node, count in wanted.items())

    wait_until(enough, "records are missing")
    assert [record["index"] for record in records] == list(range(1, len(records) + 1))
    assert [record["time"] for record in records] == sorted(record["time"] for record in records)
    for node in logs:
        sequences = [record["sequence"] for record in records if record["node"] == node]
        assert sequences == list(range(1, len(sequences) + 1))


def wait_for_clocks(lab: Running, time_ms: int) -> None:
    wait_until(lambda: all(node["clock"] >= time_ms for node in lab.nodes), "a clock stood still")


def test_a_clock_moves_forward_by_a_moment(lab: Running) -> None:
    for _ in range(5):
        before = max(node["clock"] for node in lab.nodes)
        for forward_ms in (0, 1, 2):
            lab.control.order("/clock", {"forward_ms": forward_ms})
        wait_for_clocks(lab, before + 1)


def test_a_clock_moves_by_so_much_and_the_log_has_no_hole(lab: Running) -> None:
    before = lab.nodes[0]["clock"]
    lab.control.order("/clock", {"forward_ms": HOUR_MS})
    wait_for_clocks(lab, before + HOUR_MS)
    lab.control.order("/clock", {"time": before + 2 * HOUR_MS})
    assert refusal(OperatorError, lab.control.order, "/clock", {"time": before}).code == "clock-backward"

    def log_with_moves() -> list[dict[str, Any]]:
        records = lab.log()
        moves = [record for record in records if record["kind"] == "clock" and record["set_to"] >= before + HOUR_MS]
        return records if len(moves) == 8 else []

    records = wait_until(log_with_moves, "a move of a clock is not in the log")
    assert records[-1]["time"] - records[0]["time"] < HOUR_MS


SUBMISSION = {"contract": "a", "operation": "b", "arguments": {}}
BAD_ORDERS: dict[str, tuple[str, object, int, str]] = {
    "unknown-node": ("/nodes/nobody.validator", {"do": "stop"}, 404, "unknown-node"),
    "unknown-deed": (f"/nodes/{WEST}", {"do": "explode"}, 400, "bad-order"),
    "no-kind": (f"/nodes/{WEST}", {"do": "traitor"}, 422, "unknown-traitor"),
    "unknown-traitor": (f"/nodes/{WEST}", {"do": "traitor", "kind": "../silent"}, 422, "unknown-traitor"),
    "no-text": (f"/nodes/{WEST}", b"\xff\xfe", 400, "bad-order"),
    "deep": (f"/nodes/{WEST}", b"[" * 100_000, 400, "bad-order"),
    "no-time": ("/clock", {}, 400, "bad-order"),
    "two-times": ("/clock", {"time": 1, "forward_ms": 1}, 400, "bad-order"),
    "time-before": ("/clock", {"time": -1}, 400, "bad-order"),
    "time-beyond": ("/clock", {"time": 2**60}, 400, "bad-order"),
    "time-part": ("/clock", {"time": 1.5}, 400, "bad-order"),
    "groups": ("/partition", {"groups": [[NORTH], [NORTH, WEST]]}, 422, "bad-groups"),
    "group-of-nobody": ("/partition", {"groups": [["nobody"]]}, 404, "unknown-node"),
    "own-link": ("/faults", {"from": NORTH, "to": NORTH, "delay_ms": 1}, 422, "bad-pair"),
    "link-of-nobody": ("/faults", {"from": "nobody", "to": "*"}, 404, "unknown-node"),
    "permille": ("/faults", {"from": NORTH, "to": "*", "drop_permille": 1001}, 400, "bad-order"),
    "frozen": ("/frozen", {"frozen": True}, 403, "teacher-only"),
    "restore": ("/restore", {"source": "/etc/passwd"}, 403, "teacher-only"),
    "no-signer": ("/submit", {**SUBMISSION, "signers": []}, 400, "bad-order"),
    "large": ("/submit", b"x" * 200_001, 413, "request-too-large"),
    "no-path": ("/no/such/path", {}, 404, "no-such-path"),
}


@pytest.mark.parametrize("what", BAD_ORDERS)
def test_a_bad_order_is_refused_and_changes_nothing(lab: Running, what: str) -> None:
    path, body, *answer = BAD_ORDERS[what]
    newest = lab.page.get("/network")["job"]
    assert [*lab.page.refused(path, body)] == answer
    assert lab.page.get("/network")["job"] == newest
    assert lab.page.node(WEST)["running"]


def test_a_look_is_for_everybody_and_an_order_is_not(lab: Running) -> None:
    page = PageAt(lab.network, SOUTH)
    page.token = None
    assert page.get("/network")["quorum"] == 3
    assert page.refused("/reset", {}) == (403, "wrong-token")
    page.token = "x" * 19
    assert page.refused("/reset", {}) == (403, "wrong-token")


def test_the_control_itself_asks_for_the_token(lab: Running, tmp_path: Path) -> None:
    (tmp_path / CONTROL_FILE).write_bytes((lab.network.directory / CONTROL_FILE).read_bytes())
    (tmp_path / LAB_TOKEN).write_text("another token")
    with hold_network(tmp_path), pytest.raises(Exception, match="carry the lab's token"):
        RemoteControl(tmp_path).get("/network")


def test_a_frozen_lab_is_looked_at_alone(lab: Running) -> None:
    network, page, control = lab
    control.post("/frozen", {"frozen": True})
    try:
        assert page.get("/network")["frozen"]
        for path in ("/reset", "/submit", "/heal"):
            assert page.refused(path, {}) == (409, "lab-frozen")
        assert json.loads((network.directory / CONTROL_FILE).read_bytes())["frozen"], "nodes are told"
        control.order("/heal")
        control.order("/clock", {"forward_ms": 60_000})
    finally:
        control.post("/frozen", {"frozen": False})
    assert page.ask("POST", "/heal", {})[0] == 202
    assert json.loads((network.directory / CONTROL_FILE).read_bytes())["frozen"] is False


def test_jobs_are_followed_by_number(lab: Running) -> None:
    status, answer = lab.page.ask("POST", "/heal", {})
    number = answer["job"]["number"]
    assert (status, answer["job"]["what"]) == (202, "heal")
    wait_until(lambda: lab.page.get(f"/jobs/{number}")["state"] == "done", "the job does not end")
    assert lab.page.ask("GET", "/jobs/99999")[1]["code"] == "unknown-job"


class Adding(Extension):
    """An extension that adds to what the network says."""

    def __init__(self, lab: Lab, word: str) -> None:
        self.restarts = 0
        self._word = word

    def router(self) -> APIRouter:
        router = APIRouter()
        router.get("/restarts")(lambda: self.restarts)
        return router

    def status(self) -> Mapping[str, JsonValue]:
        return {"scenario": self._word, "story": {"at": self.restarts, "of": 5, "playing": False}}

    def restarted(self) -> None:
        self.restarts += 1

    def close(self) -> None:
        self.restarts = -1


def test_an_extension_adds_paths_and_status_and_hears_of_a_reset(tmp_path: Path) -> None:
    with running_lab(tmp_path, extension=(f"{__name__}:Adding", "shipping")) as (_, page, control):
        assert page.get("/network")["scenario"] == "shipping"
        control.order("/reset")
        assert page.get("/restarts") == 1
        assert page.get("/network")["story"] == {"at": 1, "of": 5, "playing": False}


@pytest.mark.parametrize("name", ["no.such.module:Thing", "json:NoSuchThing"])
def test_an_extension_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(OperatorError, match="cannot be loaded") as caught, running_lab(tmp_path, extension=(name,)):
        """It does not begin."""
    assert caught.value.code == "bad-extension"


def test_the_address_of_the_control_is_private_and_goes_with_it(tmp_path: Path) -> None:
    with running_lab(tmp_path) as (network, _, control):
        path = tmp_path / CONTROL_FILE
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        left = path.read_bytes()
        assert control.is_there()
        network.kill(WEST)
    assert not path.exists()
    path.write_bytes(left)  # as a runner leaves it that is killed
    assert not control.is_there()
    with uncontrolled(tmp_path) as page:
        assert page.ask("GET", "/network")[1]["code"] == "no-control"


def test_what_a_killed_runner_left_leads_no_token_to_another_program(tmp_path: Path) -> None:
    make_network(tmp_path)
    path = tmp_path / CONTROL_FILE
    with closing(bind("127.0.0.1", 0)) as another:
        another.listen()
        left = encode({"url": f"http://127.0.0.1:{another.getsockname()[1]}", "frozen": True})
        path.write_bytes(left)
        assert not RemoteControl(tmp_path).is_there(), "nobody runs the network"
        assert not path.exists()
        path.write_bytes(left)
        settings = read_node_settings(tmp_path / NODE)
        assert settings.control is not None
        assert settings.control.resolve() == path.resolve()
        assert read_control(settings.control) == {}, "a node that is run by hand"
        path.write_bytes(left)
        with uncontrolled(tmp_path) as page:
            assert page.ask("GET", "/network")[1]["code"] == "no-control"
            assert page.refused("/reset", {})[1] == "no-control"
        assert select([another], [], [], 0)[0] == [], "it was asked"
        with hold_network(tmp_path):
            path.write_bytes(left)
            assert read_control(path) == decode(left), "while somebody runs it, the file counts"


def test_a_lab_without_a_control_says_so(tmp_path: Path) -> None:
    make_network(tmp_path)
    with uncontrolled(tmp_path) as page:
        status, answer = page.ask("GET", "/network")
        assert (status, answer["code"]) == (503, "no-control")
        assert "`tallystick network up --lab` starts" in answer["detail"]


def test_members_alone_read_where_reads_are_members(tmp_path: Path) -> None:
    make_network(tmp_path, reads="members")
    with uncontrolled(tmp_path) as page:
        page.token = None
        assert page.ask("GET", "/network")[1]["code"] == "wrong-token"


def test_the_control_ends_while_work_is_under_way(tmp_path: Path) -> None:
    with running_lab(tmp_path) as (_, page, _):
        for _ in range(3):
            assert page.ask("POST", f"/nodes/{WEST}", {"do": "stop"})[0] == 202
            assert page.ask("POST", f"/nodes/{WEST}", {"do": "start"})[0] == 202
