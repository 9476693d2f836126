"""What a verifier does with a licence that was presented to it, by RFC 9901 (section 7) and by what stands on the ledger.

The library `sd-jwt` verifies the issuer's signature and puts the claims together. What it leaves open is checked here, before
it sees anything: that every disclosure has the right form and is asked for by exactly one digest, names that are reserved or
taken, the algorithm, the term of the licence, and all of key binding, which it checks only if asked to, for ES256 only, and
without the time.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwcrypto.common import JWException  # type: ignore[import-untyped]
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from sd_jwt.verifier import SDJWTVerifier  # type: ignore[import-untyped]

from ledger.contract.calendar import day_of
from ledger.errors import JsonValue, VerificationError
from scenarios.government.records import Issuer, Licence, Question
from scenarios.government.wallet import ALGORITHM, BINDING_TYPE, CREDENTIAL_TYPE, KIND, encoded
from scenarios.working_days import end_of_day

LENGTH_MAX = 20_000
RESERVED = ("_sd", "...")
OPEN_CLAIMS = ("iss", "vct", "licence", "nbf", "exp", "cnf")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True)
class Disclosures:
    """The disclosures of a presentation by digest, and which digests were met on the way through the claims."""

    by_digest: dict[str, list[Any]]
    met: list[str] = field(default_factory=list)


def verify_presentation(text: str, question: Question, licence: Licence, issuer: Issuer, audience: str) -> dict[str, JsonValue]:
    """The fields that are shown; raises VerificationError with a code of its own for each reason not to rely on them."""
    # 1. Form: a licence signed by its issuer, disclosures, a key-binding token.
    shown, _, binding = text.rpartition("~")
    parts = shown.split("~")
    require(len(text) <= LENGTH_MAX and "~" in text and parts[0].count(".") == 2, "malformed")
    header, payload = (_object(part) for part in parts[0].split(".")[:2])
    require((header.get("alg"), header.get("typ")) == (ALGORITHM, CREDENTIAL_TYPE), "wrong-algorithm")
    # 2. Disclosures: each well formed, each asked for by one digest, each digest once.
    claims = _verified_claims(parts, payload, issuer)
    # 3. Term and subject of the licence, at the block time of the presentation.
    _verify_term(claims, question)
    named = (claims.get("vct"), claims.get("iss"), claims.get("licence"))
    require(named == (KIND, licence.issuer, question.licence), "other-licence")
    # 4. Key binding.
    require(binding != "", "binding-missing")
    _verify_binding(binding, f"{shown}~", licence.holder_key, claims.get("cnf"), question, audience)
    # 5. What the ledger says now, and that no more and no less was shown than was asked for.
    require(licence.state == "valid", "licence-not-valid")
    fields = {name: value for name, value in claims.items() if name not in OPEN_CLAIMS}
    require(sorted(fields) == sorted(question.fields), "other-fields")
    return fields


def require(condition: bool, code: str) -> None:
    """Raises VerificationError with the code unless the condition holds."""
    if not condition:  # check: government-presentation
        raise VerificationError(code, f"The presentation is refused: {code}.")


def _verified_claims(parts: list[str], payload: Mapping[str, Any], issuer: Issuer) -> dict[str, Any]:
    """Signature first, so that nothing is walked through that the issuer did not make."""
    require(payload.get("_sd_alg") == "sha-256", "wrong-algorithm")
    _signed(parts[:1], issuer)
    found = Disclosures({})
    for part in parts[1:]:
        digest = encoded(sha256(part.encode()).digest())
        require(digest not in found.by_digest, "digest-twice")
        found.by_digest[digest] = _disclosure(part)
    _meet_all({name: value for name, value in payload.items() if name != "_sd_alg"}, found)
    require(set(found.by_digest) <= set(found.met), "disclosure-not-referenced")
    return dict(_signed(parts, issuer).get_verified_payload())


def _signed(parts: list[str], issuer: Issuer) -> SDJWTVerifier:
    """What the library has verified the issuer's signature of."""
    key = JWK(kty="OKP", crv="Ed25519", x=encoded(bytes.fromhex(issuer.public_key)))
    try:
        return SDJWTVerifier("~".join([*parts, ""]), lambda _issuer, _header: key)
    except (JWException, ValueError) as error:
        raise VerificationError("wrong-signature", "The issuer did not sign this.") from error


def _meet_all(value: Any, found: Disclosures) -> None:
    """Meets every digest in the claims, and in what they disclose."""
    if isinstance(value, list):
        for element in value:
            if isinstance(element, dict) and "..." in element:
                require(len(element) == 1 and isinstance(element["..."], str), "malformed")
                _meet_all(_meet(element["..."], 2, found)[-1:], found)
            else:
                _meet_all(element, found)
    elif isinstance(value, dict):
        digests = value.get("_sd", [])
        require(isinstance(digests, list) and all(isinstance(digest, str) for digest in digests), "malformed")
        require("..." not in value and "_sd_alg" not in value, "reserved-name")
        names = [name for name in value if name != "_sd"]
        for digest in digests:
            disclosed = _meet(digest, 3, found)
            for name in disclosed[1:2]:
                require(name not in RESERVED, "reserved-name")
                require(name not in names, "claim-twice")
                names.append(name)
            _meet_all(disclosed[-1:], found)
        for name in value:
            if name != "_sd":
                _meet_all(value[name], found)


def _meet(digest: str, length: int, found: Disclosures) -> list[Any]:
    """The disclosure behind a digest, which must have this many parts; empty where nothing is disclosed."""
    require(digest not in found.met, "digest-twice")
    found.met.append(digest)
    disclosed = found.by_digest.get(digest, [])
    require(len(disclosed) in (0, length), "wrong-disclosure")
    return disclosed


def _disclosure(part: str) -> list[Any]:
    """Salt, name and value of a claim, or salt and value of an element."""
    decoded = _json(part)
    is_disclosure = isinstance(decoded, list) and len(decoded) in (2, 3) and all(isinstance(text, str) for text in decoded[:-1])
    require(is_disclosure, "wrong-disclosure")
    return decoded  # type: ignore[no-any-return]


def _verify_term(claims: Mapping[str, Any], question: Question) -> None:
    """`nbf` and `exp` must be there; they are judged at block time, not by a clock on the wall."""
    starts, ends, now = claims.get("nbf"), claims.get("exp"), question.presented_at_ms // 1000
    is_term = type(starts) is int and type(ends) is int
    require(is_term and now >= starts, "credential-not-begun")  # type: ignore[operator]
    require(now <= ends, "credential-expired")  # type: ignore[operator]


def _verify_binding(binding: str, shown: str, holder_key: str, cnf: Any, question: Question, audience: str) -> None:
    """The holder's own token: of the right type, signed by the key to which the licence is bound, for this question."""
    require(binding.count(".") == 2, "binding-malformed")
    header, _ = (_object(part) for part in binding.split(".")[:2])
    require(header.get("typ") == BINDING_TYPE, "binding-type")
    key = bytes.fromhex(holder_key)
    bound_to = cnf.get("jwk") if isinstance(cnf, dict) else None
    named = tuple(bound_to.get(name) for name in ("kty", "crv", "x")) if isinstance(bound_to, dict) else ()
    require(named == ("OKP", "Ed25519", encoded(key)), "other-key")
    try:
        claims = jwt.decode(
            binding,
            Ed25519PublicKey.from_public_bytes(key),
            algorithms=[ALGORITHM],
            options={"verify_aud": False, "verify_iat": False, "verify_exp": False, "verify_nbf": False},
        )
    except jwt.PyJWTError as error:
        raise VerificationError("binding-signature", "The holder of the licence did not sign this.") from error
    for name, kind in (("iat", int), ("aud", str), ("nonce", str), ("sd_hash", str)):
        require(type(claims.get(name)) is kind, "binding-incomplete")
    require(claims["aud"] == audience, "binding-audience")
    require(claims["nonce"] == question.nonce, "binding-nonce")
    is_in_time = day_of(question.asked_at_ms) <= claims["iat"] * 1000 <= end_of_day(question.open_until_on_ms)
    require(is_in_time, "binding-time")
    require(claims["sd_hash"] == encoded(sha256(shown.encode()).digest()), "binding-hash")


def _object(part: str) -> dict[str, Any]:
    decoded = _json(part)
    require(isinstance(decoded, dict), "malformed")
    return decoded  # type: ignore[no-any-return]


def _json(part: str) -> Any:
    """The JSON in base64url, without members named twice."""
    require(_BASE64URL.fullmatch(part) is not None, "malformed")
    try:
        return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode(), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise VerificationError("malformed", "The presentation holds no JSON where it should.") from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    require(len(members) == len(pairs), "claim-twice")
    return members
