"""Tokens of members: what a node believes, and every reason for which it does not. The clock is a value here."""

import base64
import json
from typing import Any

import jwt
import pytest

from ledger.errors import BusyError, UnauthorizedError
from ledger.identity.records import Member
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.access.tokens import LIFETIME_MAX_S, USED_MAX, TokenJudge, audience_of, sign_token
from tests.support import enrolled, refusal
from tests.test_ledger_keys import with_neutral_nonce

LEDGER = Digest("a" * 64)
AUDIENCE = audience_of(LEDGER, "north.validator")
KEY, OTHER_KEY = PrivateKey(b"k" * 32), PrivateKey(b"o" * 32)
PUBLIC, HEADER = KEY.handle.public_key().public_bytes_raw(), b'{"alg":"EdDSA","typ":"JWT"}'
START_S = 1_780_000_000
NOW_S = START_S + 1_000
WU = enrolled("trade.wu", "member", public_key=KEY.public_key)
CLAIMS: dict[str, Any] = {
    "iss": "trade.wu", "aud": AUDIENCE, "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 60, "jti": "1" * 32,
}  # fmt: skip


def judge() -> TokenJudge:
    return TokenJudge(AUDIENCE, START_S * 1000)


def made(key: Any = KEY.handle, algorithm: str = "EdDSA", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token with some claims changed, or left out where the value is `...`."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    return jwt.encode(claims, key, algorithm, headers)


def verify(token: str, judging: TokenJudge | None = None, now_s: float = NOW_S + 1, member: Member | None = WU) -> Member:
    def find(name: str) -> Member | None:
        return member if name == WU.member else None

    return (judging or judge()).verify(token, find, int(now_s * 1000))


def code(token: str, **world: Any) -> str:
    """Why the token is refused."""
    error = refusal(UnauthorizedError, verify, token, **world)
    assert error.status == 401
    return error.code


def encoded(part: bytes) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def spelled(header: bytes, claims: bytes) -> str:
    """A token of these very texts, signed with the member's key."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(KEY.handle.sign(text.encode()))}"


def test_a_token_speaks_for_its_member() -> None:
    token = sign_token(KEY, "trade.wu", audience=AUDIENCE, now_ms=NOW_S * 1000 + 999, number="2" * 32)
    assert verify(token) == WU
    assert jwt.decode(token, options={"verify_signature": False}) == {**CLAIMS, "jti": "2" * 32}
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT"}


def test_a_token_is_good_once() -> None:
    judging, token = judge(), made()
    verify(token, judging)
    assert code(token, judging=judging) == "token-used"
    assert code(token, judging=judging, now_s=NOW_S + 59.999) == "token-used"
    assert verify(made(jti="2" * 32), judging) == WU


def test_a_number_is_kept_as_long_as_its_token_lives_whatever_else_comes() -> None:
    judging = judge()
    verify(made(exp=NOW_S + LIFETIME_MAX_S, jti="f" * 32), judging)
    for index in range(USED_MAX - 1):
        judging._use("trade.wu", f"{index:032x}", NOW_S + 10, NOW_S * 1000)
    full = refusal(BusyError, verify, made(jti="e" * 32), judging)
    assert (full.code, full.retry_after_s) == ("too-many-tokens", 9)
    verify(made(jti="e" * 32), judging, now_s=NOW_S + 10)
    assert code(made(exp=NOW_S + LIFETIME_MAX_S, jti="f" * 32), judging=judging, now_s=NOW_S + 11) == "token-used"


def test_a_full_member_does_not_keep_others_out() -> None:
    judging = judge()
    for index in range(USED_MAX):
        judging._use("trade.li", f"{index:032x}", NOW_S + 10, NOW_S * 1000)
    assert verify(made(), judging) == WU


@pytest.mark.parametrize(
    "audience", [audience_of(LEDGER, "south.validator"), audience_of(Digest("b" * 64), "north.validator"), ""]
)
def test_a_token_for_another_node_or_ledger_is_refused(audience: str) -> None:
    assert code(made(aud=audience)) == "token-audience"


def test_an_old_token_is_refused() -> None:
    assert verify(made(), now_s=NOW_S + 59.999) == WU
    assert code(made(), now_s=NOW_S + 60) == "token-expired"


@pytest.mark.parametrize("seconds", [LIFETIME_MAX_S + 1, 0, -1, 10**9])
def test_a_token_lives_five_minutes_at_most(seconds: int) -> None:
    assert code(made(exp=NOW_S + seconds)) == "token-lifetime"
    assert verify(made(exp=NOW_S + LIFETIME_MAX_S)) == WU


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_from_the_future_is_refused(claim: str) -> None:
    later: dict[str, Any] = {claim: NOW_S + 1}
    assert code(made(**later), now_s=NOW_S + 0.999) == "token-not-yet-valid"
    assert verify(made(**later), now_s=NOW_S + 1) == WU


def test_a_token_from_before_the_start_is_refused_since_it_may_have_been_used() -> None:
    judging = TokenJudge(AUDIENCE, NOW_S * 1000 + 1)
    assert code(made(), judging=judging) == "token-before-start"
    assert verify(made(iat=NOW_S + 1), judging) == WU


def test_another_algorithm_is_refused() -> None:
    head, body = encoded(b'{"alg":"none","typ":"JWT"}'), made().split(".")[1]
    assert code(f"{head}.{body}.") == "token-malformed", "a token without a signature"
    assert code(f"{head}.{body}.AAAA") == "token-algorithm"
    assert code(made(PUBLIC, "HS256")) == "token-algorithm", "the public key as a shared secret"
    others: list[dict[str, Any]] = [{"kid": "1"}, {"typ": "at+jwt"}, {"crit": ["b64"], "b64": True}, {"jwk": {}}]
    for headers in others:
        assert code(made(headers=headers)) in ("token-algorithm", "token-malformed")


def test_the_key_decides_and_not_the_header() -> None:
    _, body, signature = made(PUBLIC, "HS256").split(".")
    assert code(f"{encoded(HEADER)}.{body}.{signature}") == "token-signature"


@pytest.mark.parametrize(
    "changes",
    [{"admin": True}, *({name: ...} for name in CLAIMS), {"iss": 7}, {"aud": [AUDIENCE]}, {"iat": NOW_S + 0.5}, {"exp": "never"},
     {"nbf": True}, {"jti": "1"}, {"jti": "A" * 32}, {"exp": None}, {"iss": ""}, {"iss": "\ud800"}, {"iss": "a\x00.b"},
     {"iss": "a" * 300}],
)  # fmt: skip
def test_other_claims_are_refused(changes: dict[str, Any]) -> None:
    payload = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    token = jwt.api_jws.encode(json.dumps(payload).encode(), KEY.handle, "EdDSA")
    assert code(token) == "token-claims"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "....", "é.b.c", " " + made(), made() + " ", made() + "\n", "A" * 2_001, made()[:-3] + ".x",
              made(jti="1" * 2_000)]
)  # fmt: skip
def test_what_is_no_token_is_refused(token: str) -> None:
    assert code(token) == "token-malformed"


def test_a_name_that_stands_twice_is_refused() -> None:
    claims = json.dumps(CLAIMS)
    assert verify(spelled(HEADER, claims.encode())) == WU
    for twice in (b'{"alg":"none","alg":"EdDSA","typ":"JWT"}', b'{"alg":"EdDSA","typ":"JWT","typ":"JWT"}'):
        assert code(spelled(twice, claims.encode())) == "token-malformed"
    for name, value in CLAIMS.items():
        for other in ("trade.li", value):
            assert code(spelled(HEADER, f'{{"{name}":{json.dumps(other)},{claims[1:]}'.encode())) == "token-malformed"
    assert code(spelled(HEADER, f'{claims[:-1]},"a":{{"b":1,"b":1}}}}'.encode())) == "token-malformed", "within a claim too"


def test_other_encodings_of_json_are_refused() -> None:
    for claims in ("[" * 1_300, "[]", "1", "NaN", "\ufeff" + json.dumps(CLAIMS)):
        assert code(spelled(HEADER, claims.encode())) == "token-malformed"
    assert code(spelled(HEADER, json.dumps(CLAIMS).encode("utf-16"))) == "token-malformed"


def test_a_signature_that_libraries_judge_differently_is_refused() -> None:
    signed = made().rpartition(".")[0]
    assert code(f"{signed}.{encoded(with_neutral_nonce(KEY, signed.encode()))}") == "token-signature"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_part_of_a_token_can_be_changed(part: int) -> None:
    token = made()
    parts = token.split(".")
    for place in range(len(parts[part])):
        other = "A" if parts[part][place] != "A" else "B"
        changed = [*parts]
        changed[part] = parts[part][:place] + other + parts[part][place + 1 :]
        if base64.urlsafe_b64decode(changed[part] + "==") == base64.urlsafe_b64decode(parts[part] + "=="):
            continue  # spare bits of the last character
        with pytest.raises(UnauthorizedError):
            verify(".".join(changed))


def test_another_key_is_refused_and_who_is_no_member_is_not_told_apart() -> None:
    assert code(made(OTHER_KEY.handle)) == "token-signature"
    assert code(made(iss="trade.nobody")) == "token-signature"
    assert code(made(OTHER_KEY.handle, iss="trade.nobody")) == "token-signature"


@pytest.mark.parametrize(
    "changes", [{"revoked_at_ms": 1}, {"not_after_ms": NOW_S * 1000}, {"not_before_ms": (NOW_S + 2) * 1000}]
)  # fmt: skip
def test_a_revoked_or_expired_member_is_refused(changes: dict[str, int]) -> None:
    assert code(made(), member=WU.model_copy(update=changes)) == "token-inactive"
