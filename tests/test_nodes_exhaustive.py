"""Small-scope exhaustive check: the real engine with one traitor and one crash, every order of events; and of the check itself
that its short cuts lose nothing and that it notices what is broken.

`pytest --long tests/test_nodes_exhaustive.py` also goes three views deep.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from ledger.certificate import Statement
from ledger.primitives import Digest
from nodes.simulator.exhaustive import Exploration, Held, Report, Said, Scope, broken, explore, merged, parts, scopes
from nodes.simulator.planted import PLANTED
from tests.project import printed

STATES_OF_THREE_VIEWS = 1_000_000


@pytest.mark.parametrize("scope", scopes(views=2, heal_every=1_000), ids=str)
def test_two_views_completely(scope: Scope) -> None:
    report = explore(scope)
    assert report.is_complete, str(report)
    assert report.states > 50_000
    assert report.healed >= report.states // 1_000


@pytest.mark.parametrize("scope", scopes(validators=5, views=1, heal_every=20), ids=str)
def test_one_view_of_five_completely(scope: Scope) -> None:
    report = explore(scope)
    assert report.is_complete, str(report)


@pytest.mark.parametrize("scope", scopes(views=3, heal_every=500), ids=str)
def test_three_views_to_a_bound(scope: Scope) -> None:
    report = explore(scope, states_max=5_000)
    assert report.failure is None, str(report)
    assert report.frontier > 0
    assert not report.is_complete


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("scope", scopes(views=3, heal_every=5_000), ids=str)
def test_three_views_to_a_far_bound(scope: Scope) -> None:
    report = explore(scope, STATES_OF_THREE_VIEWS)
    print(report)
    assert report.failure is None, str(report)


LONG = [pytest.mark.long, pytest.mark.timeout(0)]
SCOPES_WITHOUT_SHORT_CUTS = [
    *scopes(views=1),
    Scope(traitor=0, views=2, crashes=0),
    *(pytest.param(Scope(traitor=traitor, crashes=0), marks=LONG) for traitor in (2, 3)),
]


@pytest.mark.parametrize("scope", SCOPES_WITHOUT_SHORT_CUTS, ids=str)
def test_following_less_misses_nothing_that_can_be_signed(scope: Scope) -> None:
    """All that may come to be signed and decided without short cuts may so with them, up to names."""
    less, everything = Exploration(scope), Exploration(replace(scope, is_reduced=False))
    found = {renamed for said in ends(less) for renamed in renamings(less, said)}
    all_of_it = ends(everything)
    assert len(all_of_it) > 3
    assert [said for said in all_of_it if not any(said <= other for other in found)] == []


def ends(exploration: Exploration) -> list[frozenset[object]]:
    """Whatever may come to be signed and decided, the largest sets of it."""
    assert exploration.run(10_000_000, lambda report: None).is_complete
    largest: list[int] = []
    for pool in sorted(exploration.judged, key=int.bit_count, reverse=True):
        if not any(pool & other == pool for other in largest):
            largest.append(pool)
    return [frozenset(item for item, bit in exploration.bits.items() if pool & bit) for pool in largest]


def renamings(exploration: Exploration, said: frozenset[object]) -> Iterator[frozenset[object]]:
    """The same in all names of nodes that are alike and of twin blocks."""
    alike = [exploration.world.honest[place] for place in exploration.alike]
    for names in permutations(alike):
        signers = {**{i: i for i in exploration.world.honest}, **dict(zip(alike, names, strict=True))}
        for twins in ({}, exploration.world.twins):
            yield frozenset(
                replace(item, signer=signers[item.signer], block=twins.get(item.block, item.block))
                if isinstance(item, Statement)
                else twins.get(Digest(str(item)), item)
                for item in said
            )


WHOLES = [
    *scopes(views=1), *scopes(views=1, validators=5), pytest.param(Scope(traitor=0, views=2, crashes=0), marks=LONG),
]  # fmt: skip


@pytest.mark.parametrize("scope", WHOLES, ids=str)
def test_the_states_of_all_parts_are_those_of_the_whole(scope: Scope) -> None:
    whole, pieces = values(replace(scope, is_reduced=False)), [values(replace(p, is_reduced=False)) for p in parts(scope)]
    assert frozenset().union(*pieces) == whole
    assert len(pieces) == 1 or all(len(piece) < len(whole) for piece in pieces)
    assert (len(pieces) == 1) == (scope.traitor == 2 and scope.views == 1), "the traitor leads the only view"


@pytest.mark.parametrize("scope", [*scopes(views=1), pytest.param(Scope(traitor=3, views=2, crashes=0), marks=LONG)], ids=str)
def test_what_may_be_signed_in_the_parts_is_what_may_be_signed(scope: Scope) -> None:
    pieces = [Exploration(part) for part in parts(scope)]
    found = [renamed for piece in pieces for said in ends(piece) for renamed in renamings(piece, said)]
    assert [said for said in ends(Exploration(scope)) if not any(said <= other for other in found)] == []


def test_a_breach_in_a_part_is_one_of_the_whole() -> None:
    scope = Scope(traitor=3, views=1, crashes=0)
    reports = [explore(part, step=PLANTED["final-after-skip"].step) for part in parts(scope)]
    report = merged(scope, reports)
    assert report.failure == "Honest validator 2 signed Skip and Final in view 1."
    assert not report.is_complete
    assert report.trace
    assert str(report).startswith(f"{scope}: FAILED: Honest validator 2")
    assert f" in {len(reports)} parts" in str(report)


def values(scope: Scope) -> frozenset[object]:
    """Every state by the values of its nodes, up to names."""
    exploration = Exploration(scope)
    assert exploration.run(10_000_000, lambda report: None).is_complete

    def value(state: tuple[int, ...]) -> object:
        nodes = [exploration.nodes[number] for number in state[1:]]
        alike = Counter(nodes[place] for place in exploration.alike)
        others = tuple(node for place, node in enumerate(nodes) if place not in exploration.alike)
        return state[0], others, frozenset(alike.items())

    return frozenset(
        frozenset({value(state), value((state[0], *map(exploration.twin, state[1:])))}) for state in exploration.parents
    )


def test_decisions_are_reached_in_either_view() -> None:
    exploration = Exploration(Scope(traitor=0, views=2, crashes=0))
    exploration.run(10_000_000, lambda report: None)
    records = [node.record for node in exploration.nodes if node.record is not None]
    assert {(record.commit.view, record.commit.block) for record in records} == {(1, "1a"), (2, "1a"), (2, "2a")}


def test_the_traitor_speaks_and_honest_nodes_are_only_quoted() -> None:
    exploration = Exploration(Scope(traitor=2, views=1))
    exploration.run(10_000, lambda report: None)
    signers = {item.signer for item in exploration.bits if isinstance(item, Statement)}
    assert signers == {0, 1, 3}
    assert {"1a", "1b"} <= {item.block for item in exploration.bits if isinstance(item, Statement)}


def test_a_report_says_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.simulator.exhaustive.STATES_BETWEEN_REPORTS", 5_000)
    seen: list[Report] = []
    report = explore(Scope(traitor=0), 6_000, seen.append)
    assert [r.states >= 5_000 for r in seen] == [True]
    assert str(report).startswith("n=4, traitor 0, 2 views, 1 crash: bound reached\n  states 6,00")
    assert "frontier" in str(report)


def test_same_states_in_every_process() -> None:
    program = "from nodes.simulator.exhaustive import *; print(explore(Scope(traitor=3, heal_every=100), 3_000))"
    assert len({printed(program, seed) for seed in ("0", "1")}) == 1


@pytest.mark.parametrize(
    ("said", "formed", "decided", "sentence"),
    [
        ([("propose", 1, "a", 0), ("propose", 1, "b", 0)], [], [], "Honest validator 0 signed two proposes in view 1."),
        ([("vote", 1, "a", 0), ("vote", 1, "b", 0)], [], [], "Honest validator 0 signed two votes in view 1."),
        ([("final", 1, "a", 0), ("final", 1, "b", 0)], [], [], "Honest validator 0 signed two finals in view 1."),
        ([("skip", 1, "", 0), ("final", 1, "a", 0)], [], [], "Honest validator 0 signed Skip and Final in view 1."),
        ([], [("notar", 1, "a"), ("notar", 1, "b")], [], "Two NotarCert blocks in view 1."),
        ([("skip", 1, "", 0), ("skip", 1, "", 1)], [("commit", 1, "a")], [], "SkipCert and CommitCert in view 1."),
        ([("final", 1, "a", 0), ("final", 1, "a", 1)], [("commit", 2, "b")], [], "Two blocks of one height: a, b."),
        ([], [], ["a", "b"], "Two blocks of one height: a, b."),
    ],
)
def test_the_oracle_notices_a_breach_of_each_invariant(
    said: list[Said], formed: list[Held], decided: list[str], sentence: str
) -> None:
    assert broken(4, said, formed, decided) == sentence


def test_the_oracle_lets_pass_what_is_allowed() -> None:
    both = [("vote", 1, "a", 0), ("vote", 1, "a", 1), ("skip", 1, "", 1), ("skip", 1, "", 2), ("final", 2, "a", 1)]
    assert broken(4, both, [], ["a"]) is None
    assert broken(5, [("skip", 1, "", 0), ("skip", 1, "", 1)], [("commit", 1, "a")], []) is None
