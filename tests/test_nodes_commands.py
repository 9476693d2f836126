"""Commands end with 0, 1 or 2 and a sentence, never a traceback; networks they start leave no process behind."""

import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.network.directory import free_ports, is_network_running
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import DATABASE, NODE_FILE, read_node_settings
from nodes.node.voting_mark import has_voting_mark
from tests.commands import PROGRAM, answer, fails, run, succeeds
from tests.network_support import NODE, issue, make_network, running_network

SECONDS_MAX = 60


def start(*arguments: str | Path) -> "subprocess.Popen[bytes]":
    """The program in a process group of its own, as a terminal would start it."""
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def finish(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and errors of the program."""
    done = subprocess.run([*PROGRAM, *map(str, arguments)], capture_output=True, timeout=SECONDS_MAX, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stderr.decode()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    directory = tmp_path_factory.mktemp("commands") / "network"
    with running_network(directory) as network, network.client("north.member1") as client:
        issue(client, "A-1")
        yield network


def test_submit_waits_and_shows_the_place(network: InProcessNetwork) -> None:
    arguments = ("submit", "asset", "issue", '{"number":"S-1","to":"north.admin"}', "--as", "north.member1")
    outcome = answer(*arguments, "--dir", network.directory, "--json")
    assert (outcome["status"], outcome["code"]) == ("committed", "ok")
    assert answer("show", "transaction", outcome["transaction"], "--dir", network.directory)["status"] == "committed"


def test_a_rejected_transaction_is_exit_code_1_with_its_sentence(network: InProcessNetwork) -> None:
    arguments = ("submit", "asset", "transfer", '{"number":"A-1","to":"north.admin"}', "--as", "north.admin")
    result = run(*arguments, "--dir", network.directory)
    assert result.exit_code == 1
    assert "rejected (not-holder)" in result.stdout
    assert "north.member1" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("submit", "asset", "nothing", "{}", "--as", "north.member1"), 1, "there are issue, "),
        (("submit", "aset", "issue", "{}", "--as", "north.member1"), 1, "there are asset, "),
        (("network", "up", "--tls"), 2, "without --tls"),
        (("submit", "asset", "issue", "{", "--as", "north.member1"), 2, "bad-json"),
        (("submit", "asset", "issue", "[]", "--as", "north.member1"), 2, "bad-json"),
        (("submit", "asset", "issue", "{}", "--as", "north.nobody"), 2, "missing-key"),
        (("query", "asset", "assets", "none"), 1, "not-found"),
        (("query", "asset", "assets", "A-1", "--node", "east.validator"), 2, "unknown-node"),
        (("show", "weather"), 2, "wrong-use"),
        (("show", "block"), 2, "wrong-use"),
        (("show", "blocks", "7"), 2, "wrong-use"),
        (("show", "block", "1000000"), 1, "no-such-block"),
        (("submit", "asset", "issue", '{"number":"A-9","to":7}', "--as", "north.member1"), 1, "to: Input should be"),
        (("member", "new", "nobody"), 2, "bad-member"),
        (("member", "new", "elsewhere.zhou"), 2, "unknown-organization"),
        (("member", "enrol", "north.stranger", "--as", "north.admin"), 2, "missing-file"),
    ],
)
def test_wrong_use_is_a_sentence(network: InProcessNetwork, arguments: tuple[str, ...], code: int, word: str) -> None:
    assert "Traceback" not in fails(code, word, *arguments, "--dir", network.directory).output


def test_query_reads_lists_history_and_proof(network: InProcessNetwork) -> None:
    directory = ("--dir", network.directory)
    assert answer("query", "asset", "assets", "A-1", *directory)["value"]["holder"] == "north.member1"
    assert "proof" in answer("query", "asset", "assets", "A-1", "--proof", *directory)
    rows = answer("query", "asset", "assets", "--where", "holder=north.member1", "--limit", "5", *directory)["items"]
    assert [row["key"] for row in rows] == ["A-1"]
    assert len(answer("query", "asset", "assets", "A-1", "--history", *directory)["history"]) == 1


def test_query_and_show_narrow_and_order_lists(network: InProcessNetwork) -> None:
    directory = ("--dir", network.directory)
    members = ("query", "membership", "members", *directory, "--json", "--limit", "2", "--order=-member")
    first = answer(*members, "--where", "revoked_at_ms=null")
    rest = answer(*members, "--where", "revoked_at_ms=null", "--after", first["next"])
    found = [row["key"] for row in (*first["items"], *rest["items"])]
    assert found[:3] == ["north.validator", "north.member1", "north.admin"]
    (admin,) = answer(*members, "--where", "roles.has=admin")["items"]
    assert admin["key"] == "north.admin"
    assert answer("query", "asset", "assets", "--at", "0", *directory)["items"] == []
    wanted = ("--where", "outcome=committed", "--where", "signer=north.member1")
    rows = answer("show", "transactions", *directory, *wanted, "--order=-height")["transactions"]
    assert [row["height"] for row in rows] == sorted([row["height"] for row in rows], reverse=True)
    assert rows[-1]["operation"] == "issue"
    assert answer("show", "events", *directory, "--where", "name=nothing")["events"] == []
    assert answer("show", "transactions", *directory, "--count", *wanted)["count"] == len(rows)
    issued = answer("show", "events", *directory, "--where", "name=issued")["events"]
    assert {"count": len(issued), "value": "issued"} in answer("show", "events", *directory, "--by", "name")["groups"]
    assert answer("query", "asset", "assets", *directory, "--count", "--at", "0")["count"] == 0
    by_role = answer("query", "membership", "members", *directory, "--by", "roles", "--where", "member.lt=o")["groups"]
    assert {"count": 1, "value": "admin"} in by_role
    for kind in (("show", "blocks"), ("show", "transactions", "--order=-height"), ("query", "asset", "assets", "A-1")):
        assert "--count goes with" in fails(2, "wrong-use", *kind, "--count", *directory).output
    for wrong in (("--where", "holder"), ("--where", "version.ge=1", "--where", "version.ge=2"), ("--where", "color=red")):
        assert run("query", "asset", "assets", *wrong, *directory).exit_code != 0
    assert run("show", "node", "--where", "a=b", *directory).exit_code == 2


@pytest.mark.parametrize(
    "what",
    [
        "block latest", "block 1", "blocks", "consensus", "contract asset", "contracts", "events", "log", "member north.admin",
        "members", "node", "organization north", "organizations", "validators",
    ],
)  # fmt: skip
def test_show_shows(network: InProcessNetwork, what: str) -> None:
    assert answer("show", *what.split(), "--dir", network.directory)


def test_show_block_checks_its_proof(network: InProcessNetwork) -> None:
    assert "proof" in answer("show", "block", "1", "--proof", "--dir", network.directory)


def test_a_new_member_is_enrolled_signs_and_is_revoked(network: InProcessNetwork) -> None:
    directory = ("--dir", network.directory)
    succeeds("member", "new", "north.zhou", *directory)
    assert run("member", "new", "north.zhou", *directory).exit_code == 2
    succeeds("member", "enrol", "north.zhou", "--as", "north.admin", "--roles", "member,auditor", *directory)
    issue = ("submit", "asset", "issue", "--as", "north.zhou", *directory)
    succeeds(*issue, '{"number":"Z-1","to":"north.zhou"}')
    succeeds("member", "revoke", "north.zhou", "--as", "north.admin", *directory)
    fails(1, "revoked", *issue, '{"number":"Z-2","to":"north.zhou"}')


def test_governance_changes_a_parameter(network: InProcessNetwork) -> None:
    action = '{"kind":"set-parameter","name":"drift_ms","value":9000}'
    succeeds("governance", "propose", "P-1", action, "--as", "north.admin", "--dir", network.directory)
    parameters = answer("query", "governance", "parameters", "current", "--dir", network.directory)
    assert parameters["value"]["drift_ms"] == 9000
    result = run("governance", "approve", "P-1", "--as", "north.admin", "--dir", network.directory)
    assert (result.exit_code, "rejected" in result.stdout) == (1, True)


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.zip"])
def test_an_export_is_verified_without_a_node(network: InProcessNetwork, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    succeeds("export", file, "--dir", network.directory)
    assert "not run again" in run("verify", file).stdout
    report = answer("verify", file, "--contracts", "--ledger", network.ledger, "--json")
    assert report["broken"] is None
    assert report["not_executed_again"] == {}
    assert report["transactions"] >= 1


def test_a_forged_export_is_exit_code_1(network: InProcessNetwork, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    run("export", file, "--dir", network.directory)
    file.write_bytes(file.read_bytes().replace(b'"to":"north.member1"', b'"to":"north.member2"', 1))
    result = run("verify", file, "--contracts")
    assert (result.exit_code, "is broken in line 2" in result.stdout) == (1, True)
    assert run("verify", file, "--ledger", "0" * 64).exit_code == 1


def test_verify_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    assert run("verify", tmp_path / "nothing").exit_code == 2
    assert run("verify", tmp_path / "nothing", "--ledger", "x").exit_code == 2
    (tmp_path / "empty").touch()
    result = run("verify", tmp_path / "empty", "--contracts")
    assert (result.exit_code, "genesis                  broken" in result.stdout, "None" in result.stdout) == (1, True, False)


def test_an_unreachable_node_is_exit_code_2(tmp_path: Path) -> None:
    make_network(tmp_path)
    fails(2, "unreachable", "show", "node", "--dir", tmp_path)
    status = run("network", "status", "--json", "--dir", tmp_path)
    assert status.exit_code == 1
    assert json.loads(status.stdout)["nodes"][0]["serves"] == "down"


def test_no_network_is_exit_code_2(tmp_path: Path) -> None:
    signed = ("submit", "asset", "issue", "{}", "--as", "north.member1")
    for command in (("network", "status"), ("network", "reset"), ("show", "node"), ("token", "-m", "north.member1"), signed):
        fails(2, "no-network", *command, "--dir", tmp_path / "nowhere")


def test_status_of_a_running_network(network: InProcessNetwork) -> None:
    row = answer("network", "status", "--json", "--dir", network.directory)["nodes"][0]
    assert (row["member"], row["serves"]) == ("north.validator", "yes")
    assert row["height"] >= 1
    table = succeeds("network", "status", "--dir", network.directory)
    assert "north.validator" in table
    assert network.urls["north.validator"] in table


def test_a_lab_goes_to_a_snapshot_and_back(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    succeeds("network", "snapshot", tmp_path / "s", "--dir", tmp_path / "n")
    assert run("network", "snapshot", tmp_path / "s", "--dir", tmp_path / "n").exit_code == 2
    succeeds("network", "reset", "--dir", tmp_path / "n")
    succeeds("network", "restore", tmp_path / "s", "--dir", tmp_path / "n")
    assert "not running" in run("network", "down", "--dir", tmp_path / "n").stdout


def test_node_init_makes_the_node_of_another_machine(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    files = tmp_path / "n"
    key, genesis = files / "keys" / "north.validator.key", files / "genesis.json"
    settings = ("--key", key, "--genesis", genesis, "--network", files / "network.json", "--member")
    init = ("node", "init")
    succeeds(*init, tmp_path / "a", *settings, "north.validator")
    assert has_voting_mark(tmp_path / "a")
    assert read_node_settings(tmp_path / "a").member == "north.validator"
    assert run(*init, tmp_path / "a", *settings, "north.validator").exit_code == 2
    succeeds(*init, tmp_path / "b", *settings, "north.validator", "--restored")
    assert not has_voting_mark(tmp_path / "b")
    assert run(*init, tmp_path / "c", *settings, "north.admin").exit_code == 2


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("kind", [(), ("--in-process",)])
def test_ctrl_c_ends_a_network_in_the_foreground(tmp_path: Path, kind: tuple[str, ...]) -> None:
    make_network(tmp_path, 2)
    program = start("network", "up", "--json", "--dir", tmp_path, *kind)
    assert program.stdout is not None
    assert len(json.loads(program.stdout.readline())["nodes"]) == 2
    os.killpg(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=SECONDS_MAX)
    assert (program.returncode, errors.decode()) == (0, "")
    assert not is_network_running(tmp_path)


@pytest.mark.usefixtures("no_process_left")
def test_a_network_in_the_background_is_reset_and_taken_down(tmp_path: Path) -> None:
    make_network(tmp_path)
    addresses = answer("network", "up", "--detach", "--in-process", "--json", "--dir", tmp_path)
    assert set(addresses["nodes"]) == {"north.validator"}
    assert run("network", "up", "--detach", "--in-process", "--dir", tmp_path).exit_code == 2
    issue = ("submit", "asset", "issue", '{"number":"A-1","to":"north.admin"}', "--as", "north.member1", "--dir", tmp_path)
    succeeds(*issue)
    succeeds("network", "reset", "--dir", tmp_path)
    assert run("query", "asset", "assets", "A-1", "--dir", tmp_path).exit_code == 1
    assert run("network", "down", "--dir", tmp_path).stdout == "stopped\n"
    assert not is_network_running(tmp_path)


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("is_lab", [True, False])
def test_up_starts_those_nodes_of_a_running_network_again_that_have_ended(tmp_path: Path, is_lab: bool) -> None:
    make_network(tmp_path, 2, is_lab=is_lab)
    place = ("--dir", tmp_path)
    answer("network", "up", "--detach", "--json", *place)
    try:
        fails(2, "runs with all its nodes", "network", "up", "--detach", *place)
        kill(process_of(tmp_path / "nodes/south.validator"))
        status = run("network", "status", *place)
        assert (status.exit_code, "down" in status.stdout, "network up --dir" in status.stdout) == (1, True, True)
        fails(2, "need a new start", "network", "up", "--host", "0.0.0.0", *place)
        assert answer("network", "up", "--json", *place)["started_again"] == ["south.validator"]
        issue = ("submit", "asset", "issue", '{"number":"A-1","to":"north.admin"}', "--as", "north.member1")
        succeeds(*issue, *place)  # two of two must vote
        succeeds("network", "status", *place)
        process = process_of(tmp_path / "nodes/north.validator")
        (tmp_path / "nodes/north.validator" / NODE_FILE).rename(tmp_path / "node.json")
        kill(process)
        fails(2, "node", "network", "up", *place)
        (tmp_path / "node.json").rename(tmp_path / "nodes/north.validator" / NODE_FILE)
        told = run("network", "up", *place)
        assert told.stdout.endswith("started again: north.validator.\n"), told.output
    finally:
        run("network", "down", *place)


def kill(process: int) -> None:
    """Returns when the process has ended, and holds no lock any more."""
    handle = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    assert select.select([handle], [], [], SECONDS_MAX)[0]
    os.close(handle)


def process_of(node: Path) -> int:
    """The process that runs the node of a directory."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(node).encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                return int(entry.name)
        except OSError:
            pass  # it has ended meanwhile
    raise AssertionError(f"nobody runs {node}")


@pytest.mark.usefixtures("no_process_left")
def test_a_refused_action_leaves_a_running_network_as_it_is(tmp_path: Path) -> None:
    make_network(tmp_path / "lab")
    make_network(tmp_path / "n", is_lab=False)
    for directory, command, code in (
        (tmp_path / "n", ("network", "reset"), "not-a-lab"),
        (tmp_path / "lab", ("network", "restore", tmp_path / "nothing"), "missing-file"),
    ):
        answer("network", "up", "--detach", "--in-process", "--json", "--dir", directory)
        try:
            fails(2, code, *command, "--dir", directory)
            assert answer("network", "status", "--json", "--dir", directory)["nodes"][0]["serves"] == "yes"
        finally:
            run("network", "down", "--dir", directory)


@pytest.mark.usefixtures("no_process_left")
def test_up_makes_a_network_of_four_where_none_is(tmp_path: Path) -> None:
    (port, *_) = free_ports(1)
    addresses = answer(
        "network", "up", "--lab", "--detach", "--in-process", "--json", "--dir", tmp_path / "n", "--port", str(port)
    )
    try:
        assert len(addresses["nodes"]) == 4
        assert answer("show", "node", "--dir", tmp_path / "n")["lab"] is True
    finally:
        run("network", "down", "--dir", tmp_path / "n")


@pytest.mark.usefixtures("no_process_left")
def test_node_run_ends_on_ctrl_c(tmp_path: Path) -> None:
    make_network(tmp_path)
    program = start("node", "run", tmp_path / NODE)
    assert program.stdout is not None
    assert select.select([program.stdout], [], [], SECONDS_MAX)[0]
    assert b"serves" in program.stdout.readline()
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=SECONDS_MAX)
    assert program.returncode == 0


@pytest.mark.usefixtures("no_process_left")
def test_bad_situations_of_a_node_are_exit_code_2(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    make_network(tmp_path / "a", ports=[port])
    node, database = tmp_path / "a" / NODE, tmp_path / "a" / NODE / DATABASE
    found: dict[str, tuple[int, str]] = {"missing-file": finish("node", "run", tmp_path / "nothing")}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        found["port-in-use"] = finish("node", "run", node)
    good = database.read_bytes()
    database.write_bytes(good[:4096] + b"\xff" * (len(good) - 4096))
    found["database-damaged"] = finish("node", "run", node)
    (tmp_path / "a" / "keys" / "north.validator.key").unlink()
    found["missing-key"] = finish("node", "run", node)
    for code, (number, text) in found.items():
        assert (number, f"[{code}]" in text) == (2, True), text


def test_every_command_has_help_with_an_example() -> None:
    for command in ("submit", "show", "query", "export", "network up", "network down", "node init", "node run", "member new",
                    "member enrol", "member revoke", "governance propose", "governance approve"):  # fmt: skip
        assert "Example: tallystick" in " ".join(succeeds(*command.split(), "--help").split()), command
