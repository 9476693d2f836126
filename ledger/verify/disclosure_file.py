"""A disclosure alone in a file: its fields belong to its sealed digest. Whether that stands on a ledger it does not say."""

from ledger.encoding import decode
from ledger.errors import OperatorError
from ledger.sealed import DISCLOSURE_FORMAT, Sealed, parse_disclosure, verify_disclosure
from ledger.verify.proof_file import disclosed_json
from ledger.verify.verdict import BrokenRuleError, Checklist, Pinned, Verdict

RULES = {
    "file": "The file is one value in canonical form, with exactly the fields of its format.",
    "disclosure": "Each field that is shown belongs to the sealed digest.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


def verify_disclosure_file(data: bytes, pinned: Pinned) -> Verdict:
    """The verdict on a disclosure; raises OperatorError `wrong-use` if it is to be of some ledger."""
    if pinned != Pinned():  # check: disclosure-alone
        sentence = "A disclosure alone is of no ledger: put it beside the proof of its record (query --proof --disclosure)."
        raise OperatorError("wrong-use", sentence)
    checklist = Checklist(DISCLOSURE_FORMAT, RULES)
    try:
        with checklist.rule("file"):
            disclosure = parse_disclosure(decode(data.removesuffix(b"\n"), wrapped=2))
        with checklist.rule("disclosure"):
            verify_disclosure(Sealed(disclosure.sealed), disclosure)  # check: disclosure-file
    except BrokenRuleError as error:
        return checklist.verdict(error)
    return checklist.verdict(None, (disclosed_json(disclosure),))
