"""What a scripted trace may expect of a node. `play.py` describes the language."""

from collections import Counter

from nodes.messages import CertificateMessage
from nodes.replica.explain import waits_for
from nodes.replica.replica import Replica
from nodes.simulator.by_hand import ByHand, Letter, short
from nodes.simulator.script import BadLineError, Pattern, UnexpectedError, fits, listed, parse_number, parse_patterns
from nodes.simulator.simulation import SimulatedNode


def check(hand: ByHand, node: SimulatedNode, fact: list[str]) -> tuple[bool, str]:
    """Whether a fact holds of a node, and what is so; raises BadLineError, or UnexpectedError if the node is down."""
    replica = node.replica
    match fact:
        case ["down"]:
            return replica is None, "it is down" if replica is None else "it runs"
        case ["decided", height, *letter]:
            found = hand.published.get((node.member, parse_number(height)))
            return found is not None and letter in ([], [found]), f"it decided {found or 'nothing'} there"
        case ["sent", *rest, "again"]:
            return _sent(hand, node.member, rest, 2)
        case ["sent", *rest]:
            return _sent(hand, node.member, rest, 1)
    if replica is None:
        raise UnexpectedError(f"{short(node.member)} is down.")
    return _check_running(hand, node, replica, fact)


def _check_running(hand: ByHand, node: SimulatedNode, replica: Replica, fact: list[str]) -> tuple[bool, str]:
    engine = replica.engine
    match fact:
        case ["view", view]:
            return engine.view == parse_number(view), f"it is in view {engine.view}"
        case ["height", height]:
            return engine.height == parse_number(height), f"it is at height {engine.height}"
        case ["holds" | "hold", "block", letter]:
            held = [hand.letter(block) for block in replica.bodies.blocks]
            return letter in held, f"it holds blocks {listed(held)}"
        case ["holds" | "hold", *pattern]:
            labels = [hand.label(CertificateMessage(certificate)) for certificate in engine.certificates.values()]
            return any(fits(label, pattern) for label in labels), f"it holds {listed(labels)}"
        case ["timer", timer]:
            return bool(hand.timers(node, timer)), f"timers that run: {listed(map(str, node.timers))}"
        case ["work"]:
            return engine.work, "it has work" if engine.work else "it has none"
        case ["voting"]:
            return engine.me is not None, "it votes" if engine.me is not None else "it does not vote"
        case ["waiting", "for", what]:
            return waits_for(engine) == what, f"it waits for {waits_for(engine)}"
        case ["evidence", "against", name]:
            liars = {short(engine.validators.validators[signer].member) for _, _, signer in engine.evidence}
            return name in liars, f"it has evidence against {listed(sorted(liars))}"
    raise BadLineError(f"`{' '.join(fact)}` is nothing that can be expected of a node.")


def _sent(hand: ByHand, member: str, words: list[str], times: int) -> tuple[bool, str]:
    """Whether a node sent each of these, `times` times to the same receiver and in the same bytes."""
    sent = [letter for letter in hand.said if letter.sender == member]
    told = dict.fromkeys(letter.label for letter in sent if not letter.label.startswith("status"))
    return all(_count(sent, pattern) >= times for pattern in parse_patterns(words)), f"it sent {listed(told)}"


def _count(sent: list[Letter], pattern: Pattern) -> int:
    return max(Counter((x.receiver, x.data) for x in sent if fits(x.label, pattern)).values(), default=0)
