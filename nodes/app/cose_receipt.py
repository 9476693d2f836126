"""The COSE receipt of a transaction: what `GET /v1/transactions/{id}` answers on `Accept: application/cose`.

It follows RFC 9942 (draft-ietf-cose-merkle-tree-proofs before), profile RFC9162_SHA256: a COSE_Sign1 whose detached payload is
the root of the Merkle tree over the transactions of one block, with the path from the transaction to that root. Trees here are
those of RFC 9162 to the byte (`ledger/merkle.py`), and the entry is the envelope as it was posted.

Our validators sign JSON, so no quorum can sign this: the serving node alone does, with its member's key, and the protected header
says so. What COSE signs begins with 0x84, a CBOR array of four. What the key signs elsewhere begins with an ASCII character
(`tallystick/…` in general, a token's text, 0x30 in a certificate), so that neither passes for the other.
"""

from cbor2 import CBORTag, dumps
from cwt import COSE, COSEKey
from starlette.responses import Response

from ledger import merkle
from ledger.chain.view import ChainView
from ledger.encoding import decode_object
from ledger.errors import NotFoundError
from ledger.keys import PrivateKey
from ledger.primitives import Digest

MEDIA_TYPE = "application/cose"
ALGORITHM, KEY_ID, CLAIMS, STRUCTURE, PROOFS = 1, 4, 15, 395, 396
"""Labels of header parameters: RFC 9052; CWT claims by RFC 9597; `vds` and `vdp` by RFC 9942."""
EDDSA, RFC9162_SHA256, INCLUSION = -8, 1, -1
"""Values: RFC 9864 has -19 for Ed25519 alone as well, which fewer libraries read."""
ISSUER, SUBJECT = 1, 2
KEY_TYPE, OKP, CURVE, ED25519, PUBLIC, PRIVATE = 1, 1, -1, 6, -2, -4
SIGNED_BY = "the node of the issuer, alone: no quorum signed this receipt"
HEADERS = {"cache-control": "no-cache", "vary": "authorization, accept"}


def receipt_answer(view: ChainView, transaction: Digest, member: str, key: PrivateKey) -> Response:
    """The receipt; raises NotFoundError `no-such-transaction`, PrunedError where the block's transactions are kept no more."""
    receipt = cose_receipt(view, transaction, member, key)
    return Response(receipt, headers={**HEADERS, "content-type": f'{MEDIA_TYPE}; cose-type="cose-sign1"'})


def cose_receipt(view: ChainView, transaction: Digest, member: str, key: PrivateKey) -> bytes:
    """A tagged COSE_Sign1 with detached payload, signed by this member's key."""
    place = view.place(transaction)
    if place is None:
        raise NotFoundError("no-such-transaction", f"No block holds transaction {transaction}.", transaction=transaction)
    height, index = place
    header, envelopes = view.header(height), view.envelopes(height)
    claims = {
        ISSUER: member,
        SUBJECT: transaction,
        "ledger": view.ledger,
        "height": height,
        "block": header.id,
        "time": header.time,
        "outcome": str(decode_object(view.receipts(height)[index])["outcome"]),
        "signed_by": SIGNED_BY,
    }
    public = bytes.fromhex(key.public_key)
    protected = {ALGORITHM: EDDSA, KEY_ID: public, CLAIMS: claims, STRUCTURE: RFC9162_SHA256}
    path = dumps([len(envelopes), index, [*merkle.inclusion_proof(envelopes, index)]])
    signing = COSEKey.new({KEY_TYPE: OKP, 3: EDDSA, CURVE: ED25519, PUBLIC: public, PRIVATE: key.seed})
    root = bytes.fromhex(header.transactions_root)
    signed = COSE.new().encode_and_sign(root, signing, protected, {PROOFS: {INCLUSION: [path]}}, out="cbor2/CBORTag")
    protected_bytes, unprotected, _, signature = signed.value
    return dumps(CBORTag(signed.tag, [protected_bytes, unprotected, None, signature]))
