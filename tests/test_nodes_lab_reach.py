"""What a lab says of who hears whom: why it waits, and what to expect."""

from typing import Any

import pytest

from nodes.lab.reach import Reach

NAMES = ("n.v", "s.v", "e.v", "w.v")


def meter(*members: str) -> dict[str, Any]:
    return {"held": False, "stated": [{"member": member, "block": ""} for member in members]}


def node(member: str, *faults: dict[str, Any], **more: Any) -> dict[str, Any]:
    views = [{"view": 0, "certificates": {"notar": meter("n.v", "s.v"), "commit": meter(), "skip": meter("n.v", "s.v")}}]
    told = {
        "height": 5,
        "view": 0,
        "leader": "e.v",
        "validators": list(NAMES),
        "quorum": 3,
        "waits_for": "votes",
        "timer": "fired",
    }
    row = {"member": member, "running": True, "traitor": None, "faults": list(faults), "consensus": {**told, "views": views}}
    return {**row, **more}


def fault(peer: str, drop: int = 1000, delay: int = 0) -> dict[str, Any]:
    return {"peer": peer, "direction": "both", "drop_permille": drop, "delay_ms": delay}


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


def test_what_is_wrong_is_told_once() -> None:
    assert reach().present("en") == ("Nothing: all nodes run and all links are well.",)
    groups = (("n.v", "s.v"), ("e.v", "w.v"))
    wrong = reach(node("w.v", fault("n.v"), fault("e.v", 0, 300)), node("e.v", fault("*"), traitor="silent"), groups=groups)
    assert wrong.present("en") == (
        "e.v: ✗ traitor: silent",
        "e.v: ⊘ isolated: hears nobody, and nobody hears it",
        "‖ cut: n.v + s.v ‖ e.v + w.v",
        "~ w.v → e.v: 0 of 1000 lost, 300 ms later",
    )
