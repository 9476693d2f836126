"""Short-lived tokens by which a member proves itself to one node: JWT (RFC 7519), EdDSA, signed with the member's own key.

    header    exactly {"alg": "EdDSA", "typ": "JWT"}; in header and claims no name stands twice
    iss       member id
    aud       "LEDGERID/NODEMEMBERID": a token is good for one node of one ledger
    iat, nbf  whole seconds of the node's UTC clock, not ahead of it
    exp       at most LIFETIME_MAX_S after iat
    jti       32 hexadecimal digits, good for one request

What is signed begins with the header's own spelling, `eyJ`, and everything else that members sign with `tallystick/`, so no
token is a transaction nor the other way round.

Used numbers are kept until their tokens expire, in memory: therefore a token that was issued before the node started, or in
the second of its start, is refused. Whether the member is one is asked of the ledger each time, so that a revocation acts
on the next request.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import jwt

from ledger.errors import BusyError, InputError, UnauthorizedError, VerificationError
from ledger.identity.records import Member
from ledger.keys import PrivateKey, verify_ed25519
from ledger.primitives import HEX_32, Digest, PublicKey, Signature, is_member_id

ALGORITHM = "EdDSA"
HEADER = {"alg": ALGORITHM, "typ": "JWT"}
CLAIMS = frozenset({"iss", "aud", "iat", "nbf", "exp", "jti"})
LIFETIME_S = 60
"""Seconds that a token lives unless asked otherwise."""
LIFETIME_MAX_S = 300
TOKEN_CHARACTERS_MAX = 2_000
USED_MAX = 10_000
"""Numbers kept for one member. Its next token then waits until one of them has expired."""
_SPELLING = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def audience_of(ledger: Digest, node: str) -> str:
    """Whom a token is for."""
    return f"{ledger}/{node}"


def sign_token(
    key: PrivateKey, member: str, *, audience: str, now_ms: int, number: str, seconds: int = LIFETIME_S
) -> str:  # fmt: skip
    """A token from now on, by the node's clock; `number` is 16 random bytes in hexadecimal."""
    now_s = now_ms // 1000
    claims = {"iss": member, "aud": audience, "iat": now_s, "nbf": now_s, "exp": now_s + seconds, "jti": number}
    return jwt.encode(claims, key.handle, ALGORITHM)


class TokenJudge:
    """Judges the tokens that come to one node, and remembers which were used."""

    def __init__(self, audience: str, started_ms: int) -> None:
        self.audience = audience
        self._started_ms = started_ms
        self._used: dict[str, dict[str, int]] = {}
        """By member: number of the token, and when that token expires in seconds."""

    def verify(self, token: str, find_member: Callable[[str], Member | None], now_ms: int) -> Member:
        """The member that a token speaks for; raises UnauthorizedError, or BusyError `too-many-tokens`.

        1. It is spelled as above, with these claims and no others.
        2. It is meant for this node, now.
        3. It is signed with the key of the member that it names; a caller who is no member looks like one who cannot sign.
        4. That member is neither revoked nor outside of its certificate's time.
        5. It has not been used before.
        """
        claims = _claims(token)
        self._verify_time(claims, now_ms)
        member = find_member(claims["iss"])
        if member is None or not _is_signed(token, member):  # check: token-signature
            raise UnauthorizedError("token-signature", "The token is not signed with the key of the member that it names.")
        if not member.is_active(now_ms):  # check: token-inactive
            raise UnauthorizedError("token-inactive", f"{member.member} has been revoked, or its certificate is not valid now.")
        self._use(member.member, claims["jti"], claims["exp"], now_ms)
        return member

    def _verify_time(self, claims: dict[str, Any], now_ms: int) -> None:
        issued_s, valid_s, expires_s = claims["iat"], claims["nbf"], claims["exp"]
        if claims["aud"] != self.audience:  # check: token-audience
            raise UnauthorizedError("token-audience", f"The token is meant for somebody else; here `aud` is {self.audience}.")
        if not 0 < expires_s - issued_s <= LIFETIME_MAX_S:  # check: token-lifetime
            raise UnauthorizedError("token-lifetime", f"A token lives 1 to {LIFETIME_MAX_S} seconds.")
        if max(issued_s, valid_s) * 1000 > now_ms:  # check: token-not-yet-valid
            raise UnauthorizedError("token-not-yet-valid", f"The token begins later than this node's clock, {now_ms // 1000} s.")
        if expires_s * 1000 <= now_ms:  # check: token-expired
            raise UnauthorizedError("token-expired", f"The token ended before this node's clock, {now_ms // 1000} s.")
        if issued_s * 1000 < self._started_ms:  # check: token-before-start
            raise UnauthorizedError("token-before-start", "The token is older than this node's run; make another.")

    def _use(self, member: str, number: str, expires_s: int, now_ms: int) -> None:
        used = self._used.setdefault(member, {})
        if number in used:  # check: token-used
            raise UnauthorizedError("token-used", "The token was used before; each is good for one request.")
        if len(used) >= USED_MAX:
            used = self._used[member] = {kept: until_s for kept, until_s in used.items() if until_s * 1000 > now_ms}
        if len(used) >= USED_MAX:  # check: token-count
            wait_s = max(1, min(used.values()) - now_ms // 1000)
            raise BusyError("too-many-tokens", f"{member} has {USED_MAX} live tokens; let some expire.", retry_after_s=wait_s)
        used[number] = expires_s


def _claims(token: str) -> dict[str, Any]:
    """The claims, not yet believed."""
    if len(token) > TOKEN_CHARACTERS_MAX or not _SPELLING.fullmatch(token):  # check: token-spelling
        raise UnauthorizedError("token-malformed", "A token is a JWT in compact form.")
    try:
        header, claims = (_object(part) for part in token.split(".")[:2])
    except (ValueError, RecursionError) as error:
        raise UnauthorizedError("token-malformed", "A token is a JWT in compact form, and no name stands in it twice.") from error
    if header != HEADER:  # check: token-header
        raise UnauthorizedError("token-algorithm", 'The header of a token is exactly {"alg":"EdDSA","typ":"JWT"}.')
    texts, seconds = [claims.get(name) for name in ("iss", "aud", "jti")], [claims.get(name) for name in ("iat", "nbf", "exp")]
    is_typed = is_member_id(claims.get("iss")) and all(type(v) is str for v in texts) and all(type(v) is int for v in seconds)
    if claims.keys() != CLAIMS or not is_typed or not HEX_32.fullmatch(str(claims["jti"])):  # check: token-claims
        raise UnauthorizedError("token-claims", f"A token claims exactly {', '.join(sorted(CLAIMS))}, typed as the docs say.")
    return claims


def _object(part: str) -> dict[str, Any]:
    """A part of a token as the JSON object that it is; raises ValueError."""
    found = json.loads(_decoded(part).decode(), object_pairs_hook=_named_once)
    if not isinstance(found, dict):
        raise ValueError("expected a JSON object")
    return found


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):  # check: token-names
        raise ValueError("a name stands twice")
    return members


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _is_signed(token: str, member: Member) -> bool:
    signed, _, signature = token.rpartition(".")
    try:
        verify_ed25519(PublicKey(member.public_key), signed.encode(), Signature(_decoded(signature).hex()))
    except (ValueError, InputError, VerificationError):
        return False
    return True
