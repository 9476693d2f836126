"""Transfer of a bill to a user of another eBL platform: DCSA's PINT, its receiver's algorithm and its response codes.

    RECE  received: possession has moved            DUPE  accepted already: a retry, not an error
    MDOC  documents are missing, send them          INCD  this document is not one of the envelope's, send it again
    BSIG  bad signature     BENV  wrong recipient     DISE  contradicts the known chain, or comes too early or late

The first four are answers: the transaction is committed and its event says the code. The last three are refusals: the
transaction stands as rejected in its block, with the code, signed by the platform that answered.

A contract cannot check the signature of an entry, a JWS with an Ed25519 key of the sending platform: the receiving
platform's own program does (`papers.py`), and says so with its signature on the ledger. It can harm only itself with a
lie: what an envelope must hold stands on the ledger since the sender exported it, and any other is refused, signed or not.
"""

from typing import Literal

from ledger.contract import Context, DigestText, Identifier, Role, operation
from scenarios.shipping.bill.title import enter, movable
from scenarios.shipping.records import Envelope, EnvelopeState, Presented, Sending, SignedEntry
from scenarios.shipping.roles import PLATFORM, acting, has_role
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import ENVELOPES, next_state

Answer = Literal["RECE", "DUPE", "MDOC", "INCD", "OPEN"]
"""Codes that are no refusal; OPEN: the envelope is good, and the answer lists what is still to be sent."""


class PlatformOperations(ShippingState):
    """The part of the contract between platforms."""

    @operation(signed_by=Role(PLATFORM))
    def export_envelope(self, context: Context, envelope: Identifier, sending: Sending) -> None:
        """Possessor and platform send a bill to somebody on another platform; until it is received nothing else moves."""
        # READ
        bill, title = movable(self, context, sending.document)
        last = self.signed_entries.get(sending.document)
        # CHECK
        context.require(context.signed_by(title.platform), "not-platform", member=title.platform)
        context.require(envelope not in self.envelopes, "envelope-exists", envelope=envelope)
        context.require(sending.receiver != title.platform, "same-platform", member=sending.receiver)
        context.require(has_role(context, sending.receiver, PLATFORM), "not-platform", member=sending.receiver)
        self.require_unlisted(context, sending.recipient)
        context.require(sending.previous_entry == (last.entry if last else ""), "broken-chain", document=sending.document)
        is_kept = last is None or sending.visualisation == last.visualisation
        context.require(is_kept, "visualisation-changed", document=sending.document)
        is_attached = sending.visualisation in ("", *sending.attached)
        context.require(is_attached, "visualisation-changed", document=sending.document)
        # WRITE
        self.envelopes[envelope] = Envelope(
            **dict(sending),
            sender=title.platform,
            actor=title.possessor,
            document_checksum=bill.checksum,
            sent_at_ms=context.time_ms,
        )
        self.titles[sending.document] = title.replace(in_transit=envelope)
        # EMIT
        context.emit("exported", envelope=envelope, document=sending.document, receiver=sending.receiver)

    @operation(signed_by=Role(PLATFORM))
    def withdraw_envelope(self, context: Context, envelope: Identifier) -> None:
        """The sender takes back what has not been received; presenting it later contradicts the chain."""
        # READ
        sent = self.envelopes[envelope]
        # CHECK
        context.require(context.signed_by(sent.sender), "not-platform", member=sent.sender)
        state = next_state(context, ENVELOPES["withdraw_envelope"], sent.state, envelope)
        # WRITE
        self.envelopes[envelope] = sent.replace(state=state)
        self.titles[sent.document] = self.titles[sent.document].replace(in_transit="")

    @operation(signed_by=Role(PLATFORM))
    def import_envelope(self, context: Context, presented: Presented) -> None:
        """A platform was given an envelope and answers, by the steps of DCSA's reference receiver."""
        # READ
        platform = acting(context, PLATFORM)
        sent = self.envelopes.get(presented.envelope)
        # 1. The signature of the last entry, as the platform's program found it.
        context.require(presented.is_signature_good, "bsig", envelope=presented.envelope)
        # 2. It is addressed to this platform and to one of its users.
        is_addressed = sent is None or (sent.receiver, sent.recipient) == (platform, presented.recipient)
        context.require(is_addressed, "benv", recipient=presented.recipient)
        context.require(self.is_user(platform, presented.recipient), "benv", recipient=presented.recipient)
        # 3. Document, chain and contents are those that its platform exported and did not take back.
        if sent is None or sent.state not in ENVELOPES["import_envelope"]:  # check: shipping-unknown-envelope
            context.refuse("dise", document=presented.document, envelope=presented.envelope)
        same_chain = (presented.document, presented.previous_entry) == (sent.document, sent.previous_entry)
        context.require(
            same_chain and presented.payload == sent.payload, "dise", document=presented.document, envelope=presented.envelope
        )
        same_document = presented.document_checksum == sent.document_checksum
        context.require(same_document, "wrong-checksum", expected=sent.document_checksum, got=presented.document_checksum)
        # 4. A retry changes nothing. The last entry may have been signed again over the same contents.
        if sent.state == "accepted":
            _answer(context, presented.envelope, sent, "DUPE")
            return
        state = ENVELOPES["import_envelope"][sent.state]
        self.envelopes[presented.envelope] = sent.replace(state=state, entry=presented.entry)
        _answer(context, presented.envelope, sent, "OPEN")

    @operation(signed_by=Role(PLATFORM))
    def receive_document(self, context: Context, envelope: Identifier, checksum: DigestText) -> None:
        """The receiver got a document that travels with the envelope: INCD if it is none of them, or damaged."""
        # READ
        sent, _ = self._opened(context, envelope, "receive_document")
        # WRITE
        if checksum not in sent.attached:
            _answer(context, envelope, sent, "INCD")
        elif checksum not in sent.received:
            self.envelopes[envelope] = sent.replace(received=tuple(sorted((*sent.received, checksum))))

    @operation(signed_by=Role(PLATFORM))
    def finish_envelope(self, context: Context, envelope: Identifier) -> None:
        """The receiver says that all was sent: possession moves once every document is there, MDOC until then."""
        # READ
        sent, state = self._opened(context, envelope, "finish_envelope")
        # CHECK
        self.require_unlisted(context, sent.recipient)
        # WRITE
        if sent.state == "accepted":
            _answer(context, envelope, sent, "DUPE")
        elif _missing(sent):
            _answer(context, envelope, sent, "MDOC")
        else:
            bill, title = self.documents[sent.document], self.titles[sent.document]
            self.envelopes[envelope] = sent.replace(state=state, accepted_at_ms=context.time_ms)
            entry = SignedEntry(entry=sent.entry, envelope=envelope, visualisation=sent.visualisation)
            self.signed_entries[sent.document] = entry
            moved = title.replace(platform=sent.receiver, possessor=sent.recipient, in_transit="")
            enter(self, context, bill, moved, "TRANSFER", sent.actor, sent.recipient)
            _answer(context, envelope, sent, "RECE")

    def _opened(self, context: Context, envelope: Identifier, step: str) -> tuple[Envelope, EnvelopeState]:
        """An envelope that its receiver, who signs, has opened, and the state to which the step leads."""
        sent = self.envelopes[envelope]
        context.require(context.signed_by(sent.receiver), "not-platform", member=sent.receiver)
        return sent, next_state(context, ENVELOPES[step], sent.state, envelope)


def _answer(context: Context, envelope: Identifier, sent: Envelope, answer: Answer) -> None:
    context.emit("answered", envelope=envelope, document=sent.document, answer=answer, missing=_missing(sent))


def _missing(sent: Envelope) -> list[str]:
    return [checksum for checksum in sent.attached if checksum not in sent.received]
