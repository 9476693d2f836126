"""Rules of the links of a lab: what each node is told when isolation, partition and pairs live side by side."""

import pytest

from ledger.errors import InputError
from nodes.lab.link_rules import LinkPair, LinkRules
from nodes.links.faults import Fault

A, B, C, D = MEMBERS = ("a.validator", "b.validator", "c.validator", "d.validator")


def lost(peer: str) -> Fault:
    return Fault(peer=peer, drop_permille=1000)


def test_whole_links_are_no_faults() -> None:
    assert [LinkRules().faults_of(member) for member in MEMBERS] == [()] * 4
    assert LinkRules().partition_json() is None


def test_an_isolated_node_alone_is_told() -> None:
    rules = LinkRules().isolate(A)
    assert rules.faults_of(A) == (lost("*"),)
    assert rules.faults_of(B) == ()
    assert rules.heal(A) == LinkRules()


def test_a_partition_is_told_to_both_sides() -> None:
    rules = LinkRules().split([[A, B], [C]], MEMBERS)
    assert rules.partition_json() == [[A, B], [C], [D]], "whom no group names is in a group of its own"
    assert rules.faults_of(A) == (lost(C), lost(D))
    assert rules.faults_of(D) == (lost(A), lost(B), lost(C))


def test_a_node_in_two_groups_is_refused() -> None:
    with pytest.raises(InputError, match="one group") as caught:
        LinkRules().split([[A, B], [B, C]], MEMBERS)
    assert caught.value.code == "bad-groups"


def test_a_pair_is_told_to_its_sender() -> None:
    rules = LinkRules().with_pair(LinkPair(A, B, 100, 20))
    assert rules.faults_of(A) == (Fault(peer=B, direction="to", drop_permille=100, delay_ms=20),)
    assert rules.faults_of(B) == ()
    assert rules.with_pair(LinkPair(A, B, 0, 5)).faults_of(A) == (Fault(peer=B, direction="to", delay_ms=5),)
    assert rules.with_pair(LinkPair(A, B)) == LinkRules()


def test_a_star_stands_for_all_others() -> None:
    rules = LinkRules().with_pair(LinkPair("*", B, delay_ms=5))
    assert rules.faults_of(B) == ()
    assert rules.faults_of(C) == (Fault(peer=B, direction="to", delay_ms=5),)
    assert LinkRules().with_pair(LinkPair("*", "*", delay_ms=5)).faults_of(D) == (Fault(peer="*", direction="to", delay_ms=5),)


def test_a_node_has_no_link_with_itself() -> None:
    with pytest.raises(InputError, match="different nodes") as caught:
        LinkRules().with_pair(LinkPair(A, A, 1))
    assert caught.value.code == "bad-pair"


def test_all_live_side_by_side_and_a_node_is_healed_alone() -> None:
    rules = (
        LinkRules()
        .split([[A, B]], MEMBERS)
        .isolate(A)
        .with_pair(LinkPair(A, B, delay_ms=5))
        .with_pair(LinkPair(C, D, delay_ms=7))
    )
    assert len(rules.faults_of(A)) == 4
    healed = rules.heal(A)
    assert healed.faults_of(A) == (lost(C), lost(D)), "a partition stays"
    assert healed.pairs == (LinkPair(C, D, delay_ms=7),)
