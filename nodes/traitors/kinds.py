"""Every kind of traitor by name: `simulate --traitor NAME`, `"traitor": "NAME"` in node.json. `words.toml` says what each
does.
"""

from ledger.errors import OperatorError
from nodes.traitors.copies import Amnesiac, Twin
from nodes.traitors.invalid_proposer import InvalidProposer
from nodes.traitors.liars import DoubleVoter, Equivocator, Impersonator, Replayer, SkipAndFinal
from nodes.traitors.traitor import Traitor
from nodes.traitors.withholders import BodyWithholder, CertificateWithholder, ProposalWithholder, Silent
from nodes.words import Language, Words

TRAITORS: dict[str, type[Traitor]] = {
    "equivocator": Equivocator,
    "double-voter": DoubleVoter,
    "skip-and-final": SkipAndFinal,
    "proposal-withholder": ProposalWithholder,
    "body-withholder": BodyWithholder,
    "certificate-withholder": CertificateWithholder,
    "invalid-proposer": InvalidProposer,
    "replayer": Replayer,
    "amnesiac": Amnesiac,
    "impersonator": Impersonator,
    "silent": Silent,
    "twin": Twin,
}


def called(name: str, language: Language) -> str:
    """A kind of traitor in a sentence: in Chinese with the name that chooses it."""
    return Words.of("nodes.traitors").text("traitor-names", name, language)


def sentence(name: str, language: Language) -> str:
    """What a kind of traitor does."""
    return Words.of("nodes.traitors").text("traitors", name, language)


def find_traitor(name: str) -> type[Traitor]:
    """The replica of a kind of traitor; raises OperatorError `unknown-traitor`."""
    if name not in TRAITORS:
        raise OperatorError("unknown-traitor", f"There is no traitor {name!r}: choose from {', '.join(TRAITORS)}.")
    return TRAITORS[name]
