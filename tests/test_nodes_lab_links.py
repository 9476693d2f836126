"""Rules of the links of a lab: what each node is told when isolation, partition and pairs live side by side."""

from ledger.errors import InputError
from nodes.lab.lab import LinkRules
from nodes.links.faults import ISOLATED, Fault
from tests.support import refusal

A, B, C, D = MEMBERS = ("a.validator", "b.validator", "c.validator", "d.validator")


def lost(peer: str) -> Fault:
    return Fault(peer=peer, drop_permille=1000)


def late(peer: str, delay_ms: int, drop_permille: int = 0) -> Fault:
    return Fault(peer=peer, direction="to", delay_ms=delay_ms, drop_permille=drop_permille)


def test_whole_links_are_no_faults() -> None:
    assert [LinkRules().faults_of(member) for member in MEMBERS] == [()] * 4


def test_an_isolated_node_alone_is_told() -> None:
    rules = LinkRules().with_fault(A, ISOLATED)
    assert rules.faults_of(A) == (lost("*"),)
    assert rules.faults_of(B) == ()
    assert rules.heal(A) == LinkRules()


def test_a_partition_is_told_to_both_sides() -> None:
    rules = LinkRules().split([[A, B], [C]], MEMBERS)
    assert rules.groups == ((A, B), (C,), (D,)), "whom no group names is in a group of its own"
    assert rules.faults_of(A) == (lost(C), lost(D))
    assert rules.faults_of(D) == (lost(A), lost(B), lost(C))


def test_a_node_in_two_groups_is_refused() -> None:
    error = refusal(InputError, LinkRules().split, [[A, B], [B, C]], MEMBERS)
    assert error.code == "bad-groups"
    assert "one group" in str(error)


def test_a_pair_is_told_to_its_sender() -> None:
    rules = LinkRules().with_fault(A, late(B, 20, 100))
    assert rules.faults_of(A) == (late(B, 20, 100),)
    assert rules.faults_of(B) == ()
    assert rules.with_fault(A, late(B, 5)).faults_of(A) == (late(B, 5),)
    assert rules.with_fault(A, late(B, 0)) == LinkRules()


def test_a_star_stands_for_all_others() -> None:
    rules = LinkRules().with_fault("*", late(B, 5))
    assert rules.faults_of(B) == ()
    assert rules.faults_of(C) == (late(B, 5),)
    assert LinkRules().with_fault("*", late("*", 5)).faults_of(D) == (late("*", 5),)


def test_a_node_has_no_link_with_itself() -> None:
    error = refusal(InputError, LinkRules().with_fault, A, late(A, 1))
    assert error.code == "bad-pair"
    assert "different nodes" in str(error)


def test_all_live_side_by_side_and_a_node_is_healed_alone() -> None:
    rules = LinkRules().split([[A, B]], MEMBERS).with_fault(A, ISOLATED).with_fault(A, late(B, 5)).with_fault(C, late(D, 7))
    assert len(rules.faults_of(A)) == 4
    healed = rules.heal(A)
    assert healed.faults_of(A) == (lost(C), lost(D)), "a partition stays"
    assert healed.faults == ((C, late(D, 7)),)
