"""What a lab says of who hears whom: why it waits, and what to expect."""

import time
from typing import Any

import pytest

from nodes.lab.reach import Reach

NAMES = ("n.v", "s.v", "e.v", "w.v")


def meter(*members: str) -> dict[str, Any]:
    return {"held": False, "stated": [{"member": member, "block": ""} for member in members]}


def node(member: str, *faults: dict[str, Any], **more: Any) -> dict[str, Any]:
    views = [{"view": 0, "certificates": {"notar": meter("n.v", "s.v"), "commit": meter(), "skip": meter("n.v", "s.v")}}]
    place = {"height": 5, "view": 0, "leader": "e.v", "validators": list(NAMES), "quorum": 3}
    consensus = {**place, "waits_for": "votes", "timer": "fired", "views": views}
    return {"member": member, "running": True, "traitor": None, "faults": list(faults), "consensus": consensus, **more}


def fault(peer: str, drop: int = 1000, delay: int = 0, direction: str = "both") -> dict[str, Any]:
    return {"peer": peer, "direction": direction, "drop_permille": drop, "delay_ms": delay}


def reach(*nodes: dict[str, Any], groups: tuple[tuple[str, ...], ...] = ()) -> Reach:
    others = [node(name) for name in NAMES if name not in {one["member"] for one in nodes}]
    return Reach([*others, *nodes], groups, 3, 1)


def test_a_whole_network_goes_on() -> None:
    whole = reach()
    assert whole.together == 4
    assert whole.expectations("en")[0].startswith("Expect: each block takes moments. 4 nodes")
    assert whole.why("en") == (
        "Height 5, view 0: votes 2 of 3. Not there: e.v (nothing from it yet), w.v (nothing from it yet)."
        " The timer has fired; skips 2 of 3, and the same are missing."
    )


def test_two_that_are_down_are_missed_by_name() -> None:
    down: dict[str, Any] = {"running": False, "consensus": None}
    waits = reach(node("e.v", **down), node("w.v", **down))
    assert waits.together == 2
    assert "Not there: e.v (stopped), w.v (stopped)" in waits.why("en")
    assert "At most 2 of 4 nodes hear each other" in waits.why("en")
    assert "缺少：e.v（已停止）、w.v（已停止）" in waits.why("zh")
    assert waits.expectations("zh")[0].startswith("预期：等待")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (reach(node("w.v", fault("*"))), "w.v (isolated)"),
        (reach(node("w.v", fault("n.v"), fault("s.v"))), "w.v (on the other side of the cut)"),
        (reach(groups=(("n.v", "s.v"), ("e.v", "w.v"))), "e.v (on the other side of the cut)"),
        (reach(node("w.v", fault("*", direction="to"))), "w.v (what it sends here is lost)"),
        (reach(node("w.v", fault("n.v", direction="to"))), "w.v (what it sends here is lost)"),
        (reach(node("w.v", fault("*", direction="from"))), "w.v (hears nothing from here)"),
        (reach(node("n.v", fault("w.v", direction="from")), *map(node, NAMES[1:])), "w.v (what it sends here is lost)"),
        (reach(node("w.v", fault("*", direction="to"), fault("*", direction="from"))), "w.v (on the other side of the cut)"),
        (reach(node("w.v", fault("*", direction="to", drop=999))), "w.v (nothing from it yet)"),
        (reach(node("w.v", traitor="silent")), "w.v (a traitor)"),
        (reach(node("w.v", silent="unreachable", consensus=None)), "w.v (runs, does not answer)"),
    ],
)
def test_why_nothing_comes_from_a_node(made: Reach, why: str) -> None:
    assert why in made.why("en")


def test_traitors_and_slow_links_are_told() -> None:
    one = reach(node("w.v", fault("n.v", 0, 300), traitor="silent"))
    assert [sentence.split(":")[0] for sentence in one.expectations("en")] == ["Expect", "Traitors", "Links are slow or lossy"]
    two = reach(node("w.v", traitor="silent"), node("e.v", traitor="silent"))
    assert "more than the 1 that are tolerated" in two.expectations("en")[1]


def test_where_no_node_runs_it_says_so() -> None:
    assert Reach([node(name, running=False, consensus=None) for name in NAMES], (), 3, 1).to_json()["together"] == 0
    assert Reach([], (), 3, 1).why("en").startswith("No node runs")


TOGETHER = {
    "who-is-not-heard-is-not-together": (reach(node("w.v", fault("*", direction="to"))), 3),
    "who-does-not-hear-is-not-together": (reach(node("w.v", fault("*", direction="from"))), 3),
    "a-star-around-one": (reach(node("s.v", fault("e.v"), fault("w.v")), node("e.v", fault("w.v", direction="from"))), 2),
    "a-ring": (reach(node("n.v", fault("s.v")), node("e.v", fault("w.v"))), 2),
    "one-link-one-way": (reach(node("s.v", fault("e.v", direction="to"))), 3),
    "a-partition": (reach(groups=(("n.v", "s.v", "e.v"), ("w.v",))), 3),
    "nobody-is-heard": (reach(*(node(name, fault("*", direction="to")) for name in NAMES)), 1),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_together_are_those_of_whom_each_hears_each(what: str) -> None:
    made, together = TOGETHER[what]
    assert made.together == together
    assert ("Expect: it waits" in made.expectations("en")[0]) == (together < 3)


def test_many_nodes_with_many_faults_are_told_at_once() -> None:
    names = [f"n{number}.v" for number in range(40)]
    pairs = [node(name, *(fault(names[(at + far) % 40]) for far in (1, 7))) for at, name in enumerate(names)]
    begun = time.thread_time()
    assert 10 <= Reach(pairs, (), 27, 13).together <= 20
    assert time.thread_time() - begun < 5


def test_who_hears_all_is_not_isolated() -> None:
    assert reach(node("w.v", fault("*", direction="to"))).present("en") == ("~ w.v → all nodes: 1000 of 1000 lost, 0 ms later",)
    assert reach(node("w.v", fault("*"))).present("en") == ("w.v: ⊘ isolated: no messages in or out",)


def test_what_is_wrong_is_told_once() -> None:
    assert reach().present("en") == ("Nothing: all nodes run and all links are well.",)
    groups = (("n.v", "s.v"), ("e.v", "w.v"))
    wrong = reach(node("w.v", fault("n.v"), fault("e.v", 0, 300)), node("e.v", fault("*"), traitor="silent"), groups=groups)
    assert wrong.present("en") == (
        "e.v: ✗ traitor: silent",
        "e.v: ⊘ isolated: no messages in or out",
        "‖ cut: n.v + s.v ‖ e.v + w.v",
        "~ w.v → e.v: 0 of 1000 lost, 300 ms later",
    )
