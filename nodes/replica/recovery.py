"""How a validator that lost its voting mark may vote again.

A validator votes only with the mark made by `tallystick node init`; backups and state snapshots leave it out. Without it,
the node asks with a fresh nonce, takes H, the highest certified height among answers of q other validators (all others if
n <= 3; an operator's command if n = 1), and votes again from H+3; until then it serves reads. If another set comes to vote
before that, it asks again.

Why nothing is signed twice, at any height v at which it votes again: say that the key signed at some height h >= v before
its memory was lost. Nobody signs at h before the block of v-1 is decided, so q Finals of v-1 exist; all but the key's own
are of others. The answers came after that, from q others of the set of v-1: both groups lie among the n-1 others, so
that they share (q-1) + q - (n-1) = 2q-n of them, and 2q-n-f >= 1 of these is honest. Whoever said Final of v-1 holds
a certificate of v-1, so that it answers v-1 or more; then votes begin at v+2 at the earliest. The argument needs both groups to
be of one set: a node restored from long ago would else believe validators who left, and who may have stopped anywhere.
A validator that asks counts among the faulty until it votes: more than f of them at once are beyond the promise.
"""

from collections.abc import Callable

from ledger.errors import JsonValue
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from nodes.messages import HighestAnswer, HighestRequest

HEIGHTS_TO_WAIT = 3


class Recovery:
    """The question of one validator, from its start until it may vote."""

    def __init__(self, member: str, draw_nonce: Callable[[], str]) -> None:
        self.member = member
        self._draw_nonce = draw_nonce
        self._asked: Digest | None = None
        """Digest of the set whose answers count."""
        self.request = HighestRequest(draw_nonce())
        self.answers: dict[str, int] = {}
        """By validator, as many as are needed; what comes after that changes nothing."""
        self.votes_from: int | None = None
        """Height from which on this validator votes; None while too few answered."""

    def answered(self, sender: str, answer: HighestAnswer, validators: ValidatorSet) -> None:
        """Counts the answer of another validator to this very question."""
        self._ask_of(validators)
        if answer.nonce != self.request.nonce:  # check: recovery-nonce
            return
        if sender == self.member or validators.index_of(sender) is None:  # check: recovery-sender
            return
        if self.votes_from is not None:
            return
        self.answers[sender] = answer.height
        if len(self.answers) >= answers_needed(validators) > 0:
            self.votes_from = max(self.answers.values()) + HEIGHTS_TO_WAIT

    def may_vote(self, height: int, validators: ValidatorSet) -> bool:
        """Whether this validator votes at that height, whose set this is."""
        self._ask_of(validators)
        return self.votes_from is not None and height >= self.votes_from

    def to_json(self, validators: ValidatorSet) -> dict[str, JsonValue]:
        """What it waits for: `votes_from` is the highest of the answers and three, once as many others answered as needed."""
        self._ask_of(validators)
        return {"needed": answers_needed(validators), "answers": dict(self.answers), "votes_from": self.votes_from}

    def _ask_of(self, validators: ValidatorSet) -> None:
        """Answers of another set say nothing: the question is put again, with a nonce that no old answer carries."""
        if self._asked not in (None, validators.digest):  # check: recovery-set
            self.request, self.answers, self.votes_from = HighestRequest(self._draw_nonce()), {}, None
        self._asked = validators.digest


def answers_needed(validators: ValidatorSet) -> int:
    """How many others must answer; 0 for the only validator, which has no other to ask."""
    return validators.n - 1 if validators.n <= 3 else validators.q
