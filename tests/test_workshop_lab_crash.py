"""Lab 4, walked right and wrong: one node down, two nodes down, and what the log says of it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.crash.exercise import EXERCISE, Plan, plan
from scenarios.workshop.labs.crash.outages import Outage, down_while_committed, down_while_waiting, outages
from tests.workshop_lab import Group, running_group, verify_texts

SECONDS_MAX = 30


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


class Walk:
    """A group at lab 4."""

    def __init__(self, group: Group, seed: int) -> None:
        self.group = group
        self.room = group.start(seed)
        self.plan: Plan = plan(self.room.chance())
        self.down: set[str] = set()

    def turn(self, node: str, do: str) -> None:
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

    def look(self) -> dict[str, str]:
        """What the Consensus view says of the certificate `skip` at a node, when every timer has fired."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            node = next(row for row in self.room.control.get("/network")["nodes"] if row["running"])
            skip = node["consensus"]["views"][-1]["certificates"]["skip"] if node["consensus"]["views"] else {"stated": []}
            if len(skip["stated"]) == 2:
                return {"lacks": str(skip["missing"]), "stated": ", ".join(one["member"] for one in skip["stated"])}
            assert time.monotonic() < deadline, node
            time.sleep(0.05)

    def height_of(self, transaction: str) -> int:
        with self.room.client() as client:
            return client.outcome(transaction, SECONDS_MAX).height

    def all(self) -> dict[str, str]:
        """Everything that the handout says."""
        self.turn(self.plan.first, "stop")
        self.issue(self.plan.one)
        self.turn(self.plan.second, "kill")
        waiting = self.hand_in(self.plan.two)
        answers = self.look()
        self.turn(self.plan.second, "start")
        answers["height"] = str(self.height_of(waiting))
        self.turn(self.plan.first, "start")
        return answers

    def is_level(self) -> bool:
        nodes = self.room.control.get("/network")["nodes"]
        is_seen = {row["member"] for row in nodes if not row["running"]} == self.down
        return is_seen and len({row["height"] for row in nodes if row["running"]}) == 1

    def check(self, **answers: str) -> list[str]:
        """After the nodes that run have come to one height."""
        deadline = time.monotonic() + SECONDS_MAX
        while not self.is_level():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return self.group.check(self.room, **answers)


def test_whoever_does_what_the_handout_says_is_done(group: Group) -> None:
    walk = Walk(group, 7)
    answers = walk.all()
    assert answers["lacks"] == "1"
    assert walk.check(**answers) == []
    for question in EXERCISE.questions:
        (told,) = walk.check(**{**answers, question.name: question.example})
        assert told.startswith(f"`{question.name}` is not")
        (told,) = walk.check(**{**answers, question.name: ""})
        assert told.startswith(f"No answer yet to `{question.name}`")
    walk.turn(walk.plan.first, "stop")
    assert walk.check(**answers) == [f"Not all nodes run: {walk.plan.first} is down. Start it."]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("first", ["was not down when", "does not show that"]),
        ("one", ["is not issued by"]),
        ("second", ["does not show that"]),
        ("two", ["is not issued by", "No answer yet to `height`"]),
        ("starts", ["Not all nodes run"]),
        ("look", ["No answer yet to `lacks`", "No answer yet to `stated`"]),
    ],
)
def test_one_step_left_out_is_named(group: Group, step: str, said: list[str]) -> None:
    walk = Walk(group, 7)
    made = walk.plan
    if step != "first":
        walk.turn(made.first, "stop")
    if step != "one":
        walk.issue(made.one)
    if step != "second":
        walk.turn(made.second, "stop")
    waiting = walk.hand_in(made.two) if step != "two" else ""
    is_alone = step in ("first", "second")
    answers = {"lacks": "1", "stated": ", ".join(made.staying)} if is_alone or not waiting else walk.look()
    for node in sorted(walk.down, key=[made.second, made.first].index):
        if step != "starts" or node == made.second:
            walk.turn(node, "start")
    answers["height"] = str(walk.height_of(waiting)) if waiting else ""
    if step == "look":
        answers |= {"lacks": "", "stated": ""}
    told = walk.check(**answers)
    assert len(told) == len(said), told
    assert all(words in sentence for words, sentence in zip(said, told, strict=True))


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    walk = Walk(group, 7)
    told = walk.check()
    assert told[:2] == [f"{number} is not issued by {walk.plan.me}." for number in (walk.plan.one, walk.plan.two)]
    assert len(told) == 2 + len(EXERCISE.questions)


def test_issuing_while_all_run_shows_in_the_log(group: Group) -> None:
    walk = Walk(group, 7)
    walk.issue(walk.plan.one)
    height = walk.issue(walk.plan.two)
    for node in (walk.plan.first, walk.plan.second):
        walk.turn(node, "stop")
        walk.turn(node, "start")
    answers = {"lacks": "1", "stated": ", ".join(walk.plan.staying), "height": str(height)}
    told = walk.check(**answers)
    assert told[0].startswith(f"{walk.plan.first} was not down when {walk.plan.one} was committed")
    assert told[1].startswith(f"The log does not show that {walk.plan.two} waited")
    assert len(told) == 2


def test_what_another_group_did_and_answers_is_not_this_ones(group: Group) -> None:
    seed = next(seed for seed in range(8, 100) if plan(Chance(seed)).staying != plan(Chance(7)).staying)
    theirs = {"lacks": "1", "stated": ", ".join(plan(Chance(7)).staying), "height": "5"}
    told = Walk(group, seed).check(**theirs)
    assert len(told) == 3
    assert told[-1].startswith("`stated` is not")


def record(index: int, node: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"index": index, "node": node, "kind": kind, **fields}


LOG = (
    record(1, "a", "start", height=0),
    record(2, "b", "start", height=0),
    record(3, "b", "commit", height=1),
    record(4, "a", "commit", height=2),
    record(5, "a", "build", height=3),
    record(6, "b", "clock", offset_ms=7),
    record(7, "b", "start", height=1),
    record(8, "b", "commit", height=2),
    record(9, "a", "commit", height=3),
    record(10, "a", "clock", offset_ms=900),
)


def test_an_outage_lies_between_a_nodes_last_word_and_its_next_start() -> None:
    found = outages(LOG, ["a", "b"])
    assert found == (Outage("b", 3, 7),)  # moving the clock of `a` is none, nor that `b` takes the time of the others
    assert down_while_committed(LOG, found, 1) == set()
    assert down_while_committed(LOG, found, 2) == {"b"}
    assert down_while_committed(LOG, found, 3) == set()
    assert down_while_waiting(LOG, found, 3) == {"b"}
    assert down_while_committed(LOG, found, 9) == down_while_waiting(LOG, found, 9) == set()


def test_a_node_that_does_not_run_is_down_still() -> None:
    found = outages(LOG, ["a"])
    assert found == (Outage("b", 3, 7), Outage("b", 8, None))
    assert down_while_committed(LOG, found, 3) == {"b"}


def test_texts() -> None:
    verify_texts(EXERCISE)
