"""Traitors: up to f change nothing for the honest and what they sign convicts them; n-2f can fork the ledger and pay for it."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import NO_CONTRACTS, audit_export, convict_exports
from ledger.certificate import Evidence, parse_statement, verify_evidence
from ledger.errors import JsonValue, OperatorError
from ledger.keys import SUITES
from nodes.network.directory import set_nodes
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import LOG, read_node_settings
from nodes.simulator.checker import InvariantError
from nodes.simulator.run import Run, RunVerdict, Treason, convict_fork
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM, FaultOptions
from nodes.simulator.witness import may_fork
from nodes.simulator.workload import simulated_specification
from nodes.traitors.kinds import FAULTS, TRAITORS, sentence
from nodes.words import Words
from tests.commands import succeeds
from tests.network_support import NODE, issue, make_network
from tests.support import BOB, NORTH, VALIDATORS, refusal

HEIGHTS = 6
RUNS = ((4, 1), (7, 4), (4, 2), (4, 3))
"""(validators, seed) of the runs of every kind; the last two only with `--long`."""
LARGE = (
    (5, "equivocator"), (6, "silent"), (8, "amnesiac"), (9, "body-withholder"), (10, "equivocator"), (11, "skip-and-final"),
    (12, "certificate-withholder"), (13, "double-voter"),
)  # fmt: skip
"""Each of these for one kind."""
CONVICTING = {
    "equivocator": {"two-blocks", "agreed"},
    "double-voter": {"two-votes", "two-finals"},
    "skip-and-final": {"skip-after-final", "final-after-skip"},
    "twin": {"second-spoke"},
}
"""Kinds that sign what convicts them, and their acts."""
REFUSED_AS = {
    "signature": "wrong-signature",
    "state_root": "wrong-roots",
    "time-of-parent": "wrong-time",
    "oversize": "block-too-large",
    "transaction": "inadmissible",
    "transactions_root": "wrong-transactions-root",
    "receipts_root": "wrong-roots",
    "history_root": "wrong-history-root",
    "validators": "wrong-validators",
    "next_validators": "wrong-roots",
    "parent": "wrong-parent",
}
"""Code with which a block with that fault is refused; one whose time is ahead is held back, and never judged."""


def play(
    kind: str, validators: int, seed: int, heights: int = HEIGHTS, count: int | None = None, keep_log: bool = False
) -> tuple[Run, RunVerdict]:
    run = Run(seed, heights, FaultOptions(), keep_log=keep_log, validators=validators, treason=Treason(kind, count))
    verdict = run.play()
    again = f"tallystick simulate --seed {seed} --heights {heights} --nodes {validators} --traitor {kind}"
    assert verdict.failure is None, f"{verdict} ({again}{f':{count}' if count else ''})"
    return run, verdict


def assert_convicts_a_traitor(simulation: Simulation, *statements: JsonValue) -> None:
    """Two statements are evidence that a stranger verifies."""
    first, second = map(parse_statement, statements)
    view = simulation.view()
    validators = view.validators_at(first.height)
    verify_evidence(
        simulation.ledger, validators, Evidence(first.height, validators.digest, first, second), SUITES[view.genesis.suite]
    )
    assert validators.validators[first.signer].member in simulation.traitors


def logged(run: Run, part: str) -> list[dict[str, Any]]:
    """Records of honest nodes in whose text this stands."""
    records = (json.loads(line) for line in run.simulation.log or () if part in line.decode())
    return [record for record in records if record["node"] not in run.simulation.traitors]


# Up to f traitors


@pytest.mark.parametrize("kind", TRAITORS)
def test_honest_nodes_agree_and_settle_with_f_traitors(kind: str, pytestconfig: pytest.Config) -> None:
    acts, convicted = Counter[str](), set[str]()
    for validators, seed in RUNS if pytestconfig.getoption("--long") else RUNS[:2]:
        run, verdict = play(kind, validators, seed)
        assert verdict.height >= HEIGHTS
        assert len(run.simulation.traitors) == (validators - 1) // 3
        assert verdict.betrayals, f"no traitor acted in seed {seed}"
        assert set(verdict.convicted) <= run.simulation.traitors
        for statements in run.simulation.witness.convicted.values():
            assert_convicts_a_traitor(run.simulation, *statements)
        acts.update(verdict.betrayals)
        convicted.update(verdict.convicted)
    if kind in CONVICTING:
        assert convicted
        assert CONVICTING[kind] == set(acts)
    elif kind != "amnesiac":
        assert not convicted


@pytest.mark.parametrize(("validators", "kind"), LARGE)
def test_honest_nodes_agree_with_f_traitors_of_many(validators: int, kind: str) -> None:
    run, verdict = play(kind, validators, 1, heights=3)
    assert verdict.betrayals
    assert len(run.simulation.traitors) == (validators - 1) // 3


def test_an_amnesiac_contradicts_itself() -> None:
    assert any(play("amnesiac", 4, seed)[1].convicted for seed in range(1, 6))


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_a_block_is_accepted(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr("nodes.traitors.kinds.FAULTS", (fault,))
    run = Run(2, 5, CALM, keep_log=True, treason=Treason("invalid-proposer"))
    verdict = run.play()
    assert verdict.failure is None, verdict
    assert verdict.betrayals.keys() == {f"invalid {fault}"}
    assert verdict.faults.later_view > 0
    assert {record["code"] for record in logged(run, '"code":')} == ({REFUSED_AS[fault]} if fault in REFUSED_AS else set())


@pytest.mark.parametrize("kind", ["double-voter", "skip-and-final"])
def test_one_honest_node_alone_holds_evidence(kind: str) -> None:
    run, _ = play(kind, 4, 1, keep_log=True)
    found = logged(run, '"kind":"evidence"')
    assert found
    for record in found:
        assert_convicts_a_traitor(run.simulation, *record["statements"])


def test_an_impersonator_convinces_nobody() -> None:
    run, _ = play("impersonator", 4, 1, keep_log=True)
    dropped = logged(run, '"code":"wrong-signature"')
    assert {record["message"] for record in dropped if "message" in record} == {"StatementMessage", "CertificateMessage"}
    assert logged(run, '"kind":"refused-transaction"')


def test_the_same_seed_gives_the_same_betrayals() -> None:
    assert play("twin", 4, 3)[1] == play("twin", 4, 3)[1]


# More than f


@pytest.mark.parametrize("validators", [4, 5, 7, 10, 13])
def test_n_minus_2f_equivocators_fork_the_ledger_and_two_exports_convict_them(validators: int) -> None:
    f = (validators - 1) // 3
    count = validators - 2 * f
    run = Run(1, HEIGHTS, CALM, validators=validators, treason=Treason("equivocator", count))
    verdict = run.play()
    assert verdict.failure is None, verdict
    assert verdict.forked_at is not None
    assert "forked at height" in str(verdict)
    simulation = run.simulation
    assert len(simulation.traitors) == count
    assert count <= len(verdict.convicted) == len(set(verdict.convicted) & simulation.traitors)
    exports = {}
    for node in simulation.up():
        view = simulation.view(node.member)
        if view.height >= verdict.forked_at:
            exports[view.block_id(verdict.forked_at)] = list(view.export())
    one, other = exports.values()
    for export in (one, other):
        assert audit_export(export, simulation.ledger, NO_CONTRACTS).broken is None
    conviction = convict_exports(one, other, simulation.ledger)
    assert conviction is not None
    assert conviction.height == verdict.forked_at
    assert set(conviction.members) == simulation.traitors


@pytest.mark.parametrize("validators", [4, 7])
def test_a_fork_amid_faults_convicts_traitors_alone(validators: int) -> None:
    count = validators - 2 * ((validators - 1) // 3)
    runs = [play("equivocator", validators, seed, count=count) for seed in range(1, 5)]
    forked = [(run, verdict) for run, verdict in runs if verdict.forked_at is not None]
    assert forked
    for run, verdict in forked:
        assert len(verdict.convicted) >= count
        assert set(verdict.convicted) <= run.simulation.traitors


def test_fewer_than_n_minus_2f_may_stop_the_network_and_never_fork_it() -> None:
    for validators, count in ((5, 2), (8, 3), (12, 4)):
        assert not may_fork(validators, count)
        run, verdict = play("equivocator", validators, 1, heights=4, count=count)
        assert verdict.forked_at is None
        assert not run.is_progress_due


def test_a_fork_that_convicts_an_honest_key_or_too_few_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(1, HEIGHTS, CALM, treason=Treason("equivocator", 2))
    assert run.play().forked_at is not None
    guilty = sorted(run.simulation.traitors)
    run.simulation.traitors = frozenset(guilty[:1])
    with pytest.raises(InvariantError, match=f"Honest keys are convicted: {guilty[1]}"):
        convict_fork(run.simulation)
    assert "Honest keys" in (run._judge(InvariantError("Agreement broken.")) or "")
    run.simulation.traitors = frozenset(guilty)
    found = convict_fork(run.simulation)
    assert found is not None
    monkeypatch.setattr(type(found), "members", property(lambda self: tuple(guilty[:1])))
    with pytest.raises(InvariantError, match="Only 1 of 4"):
        convict_fork(run.simulation)


def test_no_fork_convicts_nobody() -> None:
    run, _ = play("silent", 4, 1, heights=2)
    assert convict_fork(run.simulation) is None
    assert run._judge(InvariantError("Agreement broken.")) == "Agreement broken."


# Choosing them


def test_traitors_are_chosen_by_seed_and_number() -> None:
    for validators in range(4, 14):
        members = simulated_specification(validators).validators
        f = (validators - 1) // 3
        assert len(set(members)) == validators
        assert len(Treason("silent").choose(members, 1)) == f
        assert Treason("silent").choose(members, 5) == Treason("silent").choose(members, 5)
        many = Treason("silent", validators - 2 * f).choose(members, 1)
        halves = Counter(place % 2 for place, member in enumerate(members) if member not in many)
        assert halves == {0: f, 1: f}
    assert len({Treason("silent").choose(members, seed) for seed in range(20)}) > 10


@pytest.mark.parametrize("text", ["tulip", "silent:", "silent:x", "silent:-1"])
def test_an_unknown_traitor_is_refused(text: str) -> None:
    with pytest.raises(OperatorError):
        Treason.parse(text)


@pytest.mark.parametrize("count", [0, 3])
def test_too_many_traitors_are_refused(count: int) -> None:
    with pytest.raises(OperatorError, match="1 to 2 may be traitors"):
        Treason("silent", count).number(4)


def test_the_default_specification_has_not_changed_with_the_others() -> None:
    four = simulated_specification()
    assert four.validators == VALIDATORS
    assert four.nodes()[-1] == "north.reserve"
    for fewer, more in combinations(range(4, 14), 2):
        assert set(simulated_specification(fewer).validators) < set(simulated_specification(more).validators)


def test_every_kind_has_its_sentences() -> None:
    words = Words.of("nodes.traitors")
    assert words["traitors"].keys() == words["traitor-names"].keys() == TRAITORS.keys()
    for name, kind in TRAITORS.items():
        assert sentence(name, "en").endswith(".")
        assert sentence(name, "zh").endswith("。")
        assert kind.__doc__


def test_simulate_plays_traitors() -> None:
    for options, shown in (
        (["--seed", "42", "--traitor", "equivocator:2"], "convicted: east.validator, west.validator"),
        (["--seeds", "1..3", "--traitor", "silent"], "said-nothing"),
    ):
        assert shown in succeeds("simulate", *options, "--heights", "3")


# Live


@pytest.mark.parametrize("kind", ["double-voter", "twin", "silent"])
def test_a_live_traitor_does_not_keep_a_lab_from_deciding(tmp_path: Path, kind: str) -> None:
    make_network(tmp_path, 4)
    set_nodes(tmp_path, NORTH, traitor=kind)
    with InProcessNetwork(tmp_path) as network, network.client("south.member1", node="south.validator") as client:
        issue(client, *(f"A-{number}" for number in range(3)), to=BOB)
    assert '"betrayal"' in (tmp_path / NODE / LOG).read_text()
    if kind == "double-voter":
        assert '"evidence"' in (tmp_path / "nodes" / "south.validator" / LOG).read_text()


def test_a_traitor_outside_a_lab_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path, is_lab=False, traitor="silent")
    assert refusal(OperatorError, read_node_settings, tmp_path / NODE).code == "no-lab"


def test_an_unknown_kind_keeps_a_node_from_starting(tmp_path: Path) -> None:
    make_network(tmp_path, traitor="tulip")
    assert refusal(OperatorError, InProcessNetwork(tmp_path).start).code == "unknown-traitor"
