"""How a validator that lost its voting mark may vote again.

A validator votes only with the mark made by `tallystick node init`; backups leave it out. Without it, the node asks
with a fresh nonce, takes H, the highest certified height among answers of q other validators (all others if n <= 3; an
operator's command if n = 1), and votes again from H+3; until then it serves reads.
"""

from collections.abc import Callable

from ledger.identity.records import ValidatorSet
from nodes.messages import HighestAnswer, HighestRequest

HEIGHTS_TO_WAIT = 3


class Recovery:
    """The question of one validator, from its start until it may vote."""

    def __init__(self, member: str, draw_nonce: Callable[[], str]) -> None:
        self.member = member
        self.request = HighestRequest(draw_nonce())
        self.answers: dict[str, int] = {}
        self.votes_from: int | None = None
        """Height from which on this validator votes; None while too few answered."""

    def answered(self, sender: str, answer: HighestAnswer, validators: ValidatorSet) -> None:
        """Counts the answer of another validator to this very question."""
        if answer.nonce != self.request.nonce:  # check: recovery-nonce
            return
        if sender == self.member or validators.index_of(sender) is None:  # check: recovery-sender
            return
        self.answers[sender] = answer.height
        needed = validators.n - 1 if validators.n <= 3 else validators.q
        if self.votes_from is None and validators.n > 1 and len(self.answers) >= needed:
            self.votes_from = max(self.answers.values()) + HEIGHTS_TO_WAIT

    def may_vote(self, height: int) -> bool:
        """Whether this validator votes at that height."""
        return self.votes_from is not None and height >= self.votes_from
