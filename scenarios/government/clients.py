"""What clients of the story work out from their own files just before they sign, and what they find when they look."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from ledger.errors import JsonValue, VerificationError
from ledger.merkle import inclusion_proof, root
from ledger.sealed import Opening, Sealed, sealed_digest, verify_opening
from scenarios.client_files import ClientFiles
from scenarios.dates import on
from scenarios.government.presentation_checks import verify_presentation
from scenarios.government.records import Issuer, Licence, Look, Question, Receipt
from scenarios.government.wallet import Term, bind, issue, keep_text, kept_text, private_key, public_key, show
from scenarios.identifiers import organization_of
from scenarios.story.story import Snapshot, prepared
from scenarios.working_days import end_of_day

Examination = Callable[[ClientFiles, Snapshot], str]
MORNING_MS = 9 * 3_600_000
WALLET = "/wallet"
"""Ends the label under which a holder keeps its licence."""


@prepared
def key_of(files: ClientFiles, actor: str, owner: str = "") -> JsonValue:
    """The public key of somebody's wallet, or of the actor's, raw and in hexadecimal."""
    return public_key(files, owner or actor)


@prepared
def licence_content(
    files: ClientFiles, actor: str, label: str, holder: str, licence: str, days: tuple[int, int], values: Mapping[str, JsonValue]
) -> JsonValue:
    """What a licence says, sealed; the issuer keeps the opening under `label`, and the holder's SD-JWT under `label/wallet`."""
    term = Term(organization_of(actor), licence, days[0], end_of_day(days[1]))
    keep_text(files, actor, label + WALLET, issue(files, actor, holder, term, values))
    return files.seal(actor, label, dict(values))


@prepared
def sealed_by(
    files: ClientFiles, actor: str, sender: str, receivers: tuple[str, ...], label: str, value: Mapping[str, JsonValue]
) -> JsonValue:
    """A message that its sender seals and hands to others, in whichever order they sign."""
    sealed = files.seal(sender, label, dict(value))
    for receiver in receivers:
        files.hand_over(sender, receiver, label)
    return sealed


@prepared
def sealed_again(
    files: ClientFiles, actor: str, label: str, spoil: Callable[[JsonValue], JsonValue] = lambda value: value
) -> JsonValue:
    """The digest that an opening which the actor was given leads to, after the file was changed by `spoil`."""
    opening = files.opening(actor, label)
    return {"sealed": sealed_digest(Opening(opening.salt, spoil(opening.value)))}


@prepared
def code_tag(files: ClientFiles, actor: str, consent: str, platform: str, bound: tuple[str, ...], change: int = 0) -> JsonValue:
    """The tag of the eight digits of a consent, by the licence platform's secret; `change` is what somebody mistypes.

    It is bound to licence, agency, matter, last day, uses: the code is worth nothing for anything else.
    """
    drawn = int(files.keyed_fingerprint(platform, "code", consent)[:15], 16) % 10**8
    digits = f"{(drawn + change) % 10**8:08}"
    return files.keyed_fingerprint(platform, digits, consent, *bound)


@prepared
def drawn_nonce(files: ClientFiles, actor: str, label: str, holder: str) -> JsonValue:
    """A nonce of 32 hexadecimal digits that the actor draws and tells the holder."""
    nonce = files.keyed_fingerprint(actor, "nonce", label)[:32]
    keep_text(files, holder, f"{label}/nonce", nonce)
    return nonce


@prepared
def shown_from_wallet(
    files: ClientFiles, actor: str, question: str, verifier: str, label: str, fields: tuple[str, ...], day: str
) -> JsonValue:
    """What a holder shows in answer to a question, sealed for the ledger and kept under the question."""
    shown = show(kept_text(files, actor, label + WALLET), fields)
    nonce = kept_text(files, actor, f"{question}/nonce")
    text = bind(shown, private_key(files, actor), organization_of(verifier), nonce, on(day) + MORNING_MS)
    return files.seal(actor, question, text)


@prepared
def replayed(files: ClientFiles, actor: str, question: str, earlier: str, verifier: str) -> JsonValue:
    """An earlier presentation, sealed as the answer to another question and handed to its verifier.

    Any holder of the copy can do this; the wallet is not used.
    """
    sealed = files.seal(actor, question, files.opening(actor, earlier).value)
    files.hand_over(actor, verifier, question)
    return sealed


@prepared
def log_root(files: ClientFiles, actor: str, lines: tuple[str, ...]) -> JsonValue:
    """The root over the lines of a log, each salted by its owner, in hexadecimal."""
    return root(_leaves(files, actor, lines)).hex()


@prepared
def log_line(files: ClientFiles, actor: str, owner: str, lines: tuple[str, ...], place: int) -> JsonValue:
    """One line's digest, worked out from the owner's log."""
    return _leaves(files, owner, lines)[place].hex()


@prepared
def log_path(files: ClientFiles, actor: str, owner: str, lines: tuple[str, ...], place: int) -> JsonValue:
    """The path from that digest to the root."""
    return [part.hex() for part in inclusion_proof(_leaves(files, owner, lines), place)]


def _leaves(files: ClientFiles, owner: str, lines: Sequence[str]) -> list[bytes]:
    """Salted: a line such as `paid, 12.00` would be found by trying."""
    return [bytes.fromhex(files.keyed_fingerprint(owner, "line", str(place), line)) for place, line in enumerate(lines)]


def digest_of(text: str) -> str:
    """SHA-256 of a file, which is sealed before it is deposited."""
    return sha256(text.encode()).hexdigest()


def check(verifier: str, question: str, change: Callable[[ClientFiles, str], str] = lambda files, text: text) -> Examination:
    """A verifier checks what it was shown, or what somebody made of it: empty, or the reason not to rely on it."""

    def examine(files: ClientFiles, state: Snapshot) -> str:
        asked = state["questions"][question]
        assert isinstance(asked, Question)
        licence, opening = state["licences"][asked.licence], files.opening(verifier, question)
        assert isinstance(licence, Licence)
        issuer = state["issuers"][licence.issuer]
        assert isinstance(issuer, Issuer)
        assert asked.presentation is not None
        try:
            verify_opening(asked.presentation, opening)
            verify_presentation(change(files, str(opening.value)), asked, licence, issuer, organization_of(verifier))
        except VerificationError as error:
            return error.code
        return ""

    return examine


def answer_holds(reader: str, receipt: str, label: str) -> Examination:
    """Whether what a reader was given is what both sides signed for."""

    def examine(files: ClientFiles, state: Snapshot) -> str:
        record = state["receipts"][receipt]
        assert isinstance(record, Receipt)
        try:
            verify_opening(Sealed(record.response.sealed), files.opening(reader, label))
        except VerificationError as error:
            return error.code
        return ""

    return examine


def still_kept(receipt: str, day: str) -> Examination:
    """Whether a consumer is given the opening of a receipt on a day, as `may_read` judges it."""

    def examine(files: ClientFiles, state: Snapshot) -> str:
        record = state["receipts"][receipt]
        assert isinstance(record, Receipt)
        return "" if on(day) <= end_of_day(record.keep_until_on_ms) else "retention-over"

    return examine


def looked_at(subject: str, expected: Sequence[str], by_law: int = 0) -> Examination:
    """Somebody lists who looked at its data; the finding says who was not expected, or how many inquiries were not."""

    def examine(files: ClientFiles, state: Snapshot) -> str:
        looks = [look for look in state["looks"].values() if isinstance(look, Look) and look.subject == organization_of(subject)]
        is_known = sorted(look.by for look in looks) == sorted(expected)
        return "" if is_known and sum(look.legal_basis != "" for look in looks) == by_law else "unexpected-access"

    return examine
