"""What a holder carries: the licence as an SD-JWT (RFC 9901) bound to the holder's key, and presentations made of it.

Issuing and choosing what to show is the work of `sd-jwt`, the reference library of the standard's authors. Two things are
done here instead: its salts come from the issuer's secret and not from the machine, so that a simulated story has the same
bytes everywhere, and the key-binding token is made with PyJWT, since the library would write the machine's time into it.
Keys are Ed25519, whose signatures need no randomness either.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from sd_jwt.common import SDObj  # type: ignore[import-untyped]
from sd_jwt.holder import SDJWTHolder  # type: ignore[import-untyped]
from sd_jwt.issuer import SDJWTIssuer  # type: ignore[import-untyped]

from ledger.errors import JsonValue
from ledger.sealed import Opening
from scenarios.client_files import ClientFiles

ALGORITHM, CREDENTIAL_TYPE, BINDING_TYPE = "EdDSA", "dc+sd-jwt", "kb+jwt"
KIND = "tallystick-licence"
"""The `vct` of every licence here."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a licence in a wallet says openly."""

    issuer: str
    licence: str
    starts_on_ms: int
    ends_at_ms: int


def private_key(files: ClientFiles, owner: str) -> Ed25519PrivateKey:
    """The key of an owner's wallet, or of an issuer, from its secret."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(files.keyed_fingerprint(owner, "wallet-key")))


def public_key(files: ClientFiles, owner: str) -> str:
    """The raw key in hexadecimal, as the ledger holds it."""
    return private_key(files, owner).public_key().public_bytes_raw().hex()


def issue(files: ClientFiles, issuer: str, holder: str, term: Term, values: Mapping[str, JsonValue]) -> str:
    """The licence with all its disclosures, ending in `~`; each value can be shown by itself."""

    class Issuer(SDJWTIssuer):  # type: ignore[misc]
        """The library's, with salts that hang on the issuer's secret, the licence and the place of the field."""

        drawn = 0

        def _generate_salt(self) -> str:
            Issuer.drawn += 1
            drawn = files.keyed_fingerprint(issuer, "salt", term.licence, str(Issuer.drawn))
            return encoded(bytes.fromhex(drawn)[:16])

    claims = {
        "iss": term.issuer,
        "vct": KIND,
        "licence": term.licence,
        "nbf": term.starts_on_ms // 1000,
        "exp": term.ends_at_ms // 1000,
        **{SDObj(name): value for name, value in values.items()},
    }
    made = Issuer(
        claims,
        JWK.from_pyca(private_key(files, issuer)),
        JWK.from_pyca(private_key(files, holder).public_key()),
        sign_alg=ALGORITHM,
        extra_header_parameters={"typ": CREDENTIAL_TYPE},
    )
    return str(made.sd_jwt_issuance)


def show(credential: str, fields: Sequence[str]) -> str:
    """The licence with only the disclosures of these fields, ending in `~`."""
    holder = SDJWTHolder(credential)
    holder.create_presentation(dict.fromkeys(fields, True))
    return str(holder.sd_jwt_presentation)


def bind(shown: str, key: Ed25519PrivateKey, audience: str, nonce: str, time_ms: int) -> str:
    """The same with a token by which the holder of the key says: for this verifier, in answer to this nonce, now."""
    claims = {"iat": time_ms // 1000, "aud": audience, "nonce": nonce, "sd_hash": encoded(sha256(shown.encode()).digest())}
    return shown + jwt.encode(claims, key, algorithm=ALGORITHM, headers={"typ": BINDING_TYPE})


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def kept_text(files: ClientFiles, owner: str, label: str) -> str:
    """A text that a client keeps under a label."""
    return str(files.opening(owner, label).value)


def keep_text(files: ClientFiles, owner: str, label: str, text: str) -> None:
    """Keeps a text in a client's file; its salt is of no use, since nothing of it is sealed."""
    files.keep(owner, label, Opening("0" * 32, text))
