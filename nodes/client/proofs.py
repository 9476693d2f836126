"""Whether a verified fact is the one that was asked for: a true proof of something else proves nothing here."""

from collections.abc import Mapping

from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from ledger.light_client import VerifiedFact


def verify_state_claim(fact: VerifiedFact, place: Mapping[str, str], value: JsonValue) -> None:
    """Raises VerificationError unless the fact says that this key holds this value, or nothing for None."""
    kind = "absence" if value is None else "state"
    if fact.kind != kind:  # check: client-proof-kind
        raise VerificationError("wrong-claim", f"Expected a proof of {kind}, got one of {fact.kind}.")
    claimed = {name: fact.claim.get(name) for name in place}
    if claimed != place:  # check: client-proof-place
        raise VerificationError("wrong-claim", f"The proof speaks of {claimed}, asked was {dict(place)}.")
    if encode(fact.claim.get("value")) != encode(value):  # check: client-proof-value
        raise VerificationError("wrong-claim", "The proof holds another value than the answer.")
