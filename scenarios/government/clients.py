"""What clients of the story work out from their own files just before they sign, and what they find when they look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.errors import JsonValue, VerificationError
from ledger.merkle import inclusion_proof, root
from ledger.sealed import Opening, Sealed, sealed_digest, verify_opening
from scenarios.client_files import ClientFiles
from scenarios.dates import on
from scenarios.government.presentation_checks import verify_presentation
from scenarios.government.records import Issuer, Licence, Question, Receipt
from scenarios.government.wallet import Term, bind, issue, keep_text, kept_text, private_key, public_key, show
from scenarios.identifiers import organization_of
from scenarios.story.story import Snapshot
from scenarios.working_days import end_of_day

Examination = Callable[[ClientFiles, Snapshot], str]
MORNING_MS = 9 * 3_600_000
WALLET = "/wallet"
"""Ends the label under which a holder keeps its licence."""


@dataclass(frozen=True, slots=True)
class KeyOf:
    """The public key of somebody's wallet, or of the actor's."""

    owner: str = ""

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Raw key in hexadecimal."""
        return public_key(files, self.owner or actor)


@dataclass(frozen=True, slots=True)
class Content:
    """What a licence says, sealed; the issuer keeps the opening under `label`, and the holder's SD-JWT under `label/wallet`."""

    label: str
    holder: str
    licence: str
    starts: str
    ends: str
    values: Mapping[str, JsonValue]

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Seals and signs."""
        term = Term(organization_of(actor), self.licence, on(self.starts), end_of_day(on(self.ends)))
        keep_text(files, actor, self.label + WALLET, issue(files, actor, self.holder, term, self.values))
        return files.seal(actor, self.label, dict(self.values))


@dataclass(frozen=True, slots=True)
class SealedBy:
    """A message that its sender seals and hands to others, in whichever order they sign."""

    sender: str
    receivers: tuple[str, ...]
    label: str
    value: Mapping[str, JsonValue]

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Seals, and passes the opening on."""
        sealed = files.seal(self.sender, self.label, dict(self.value))
        for receiver in self.receivers:
            files.hand_over(self.sender, receiver, self.label)
        return sealed


@dataclass(frozen=True, slots=True)
class SealedAgain:
    """The digest that an opening which the actor was given leads to, after the file was changed by `spoil`."""

    label: str
    spoil: Callable[[JsonValue], JsonValue] = lambda value: value

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Computes the digest again."""
        opening = files.opening(actor, self.label)
        return {"sealed": sealed_digest(Opening(opening.salt, self.spoil(opening.value)))}


@dataclass(frozen=True, slots=True)
class Code:
    """The tag of the eight digits of a consent, by the licence platform's secret; `change` is what somebody mistypes."""

    consent: str
    platform: str
    bound: tuple[str, ...]
    """Licence, agency, matter, last day, uses: the code is worth nothing for anything else."""
    change: int = 0

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """The platform computes it, in whichever order they sign."""
        drawn = int(files.keyed_fingerprint(self.platform, "code", self.consent)[:15], 16) % 10**8
        digits = f"{(drawn + self.change) % 10**8:08}"
        return files.keyed_fingerprint(self.platform, digits, self.consent, *self.bound)


@dataclass(frozen=True, slots=True)
class Nonce:
    """A nonce that the actor draws and tells the holder."""

    label: str
    holder: str

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """32 hexadecimal digits."""
        nonce = files.keyed_fingerprint(actor, "nonce", self.label)[:32]
        keep_text(files, self.holder, f"{self.label}/nonce", nonce)
        return nonce


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a holder shows in answer to a question, from its wallet, sealed for the ledger and kept under the question."""

    question: str
    verifier: str
    label: str
    fields: tuple[str, ...]
    day: str

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Chooses, binds and seals."""
        shown = show(kept_text(files, actor, self.label + WALLET), self.fields)
        nonce = kept_text(files, actor, f"{self.question}/nonce")
        text = bind(shown, private_key(files, actor), organization_of(self.verifier), nonce, on(self.day) + MORNING_MS)
        return files.seal(actor, self.question, text)


@dataclass(frozen=True, slots=True)
class Replayed:
    """An earlier presentation, sealed as the answer to another question and handed to its verifier."""

    question: str
    earlier: str
    verifier: str

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Any holder of the copy can do this; the wallet is not used."""
        sealed = files.seal(actor, self.question, files.opening(actor, self.earlier).value)
        files.hand_over(actor, self.verifier, self.question)
        return sealed


@dataclass(frozen=True, slots=True)
class LogRoot:
    """The root over the lines of a log, each salted by its owner."""

    lines: tuple[str, ...]

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """In hexadecimal."""
        return root(_leaves(files, actor, self.lines)).hex()


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line's digest, or its path, worked out from the owner's log."""

    owner: str
    lines: tuple[str, ...]
    place: int
    part: str

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """What the court is shown."""
        leaves = _leaves(files, self.owner, self.lines)
        if self.part == "entry":
            return leaves[self.place].hex()
        return [part.hex() for part in inclusion_proof(leaves, self.place)]


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


def looked_at(subject: str, expected: Sequence[str]) -> Examination:
    """A holder lists who accessed its data; the finding says who was not expected."""

    def examine(files: ClientFiles, state: Snapshot) -> str:
        found = [record.consumer for record in state["receipts"].values() if isinstance(record, Receipt)
                 and record.subject == organization_of(subject)]  # fmt: skip
        return "" if sorted(found) == sorted(expected) else "unexpected-access"

    return examine
