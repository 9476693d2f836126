"""The trade's rules as plain functions: spelling of invoices, terms."""

import unicodedata

from ledger.contract.calendar import add_months, day_of
from ledger.encoding import digest
from ledger.primitives import Digest


def normalised(number: str) -> str:
    """An invoice number without what a forger changes first: width, case, spaces and signs between."""
    return "".join(_words(number))


def stem_of(number: str) -> str:
    """The same without a last short word and leading zeros: lines and halves of one invoice have one stem."""
    words = _words(number)
    whole = words[:-1] if len(words) > 1 and len(words[-1]) <= 2 else words
    return "".join(word.lstrip("0") for word in whole)


def is_part_number(certificate: str) -> bool:
    """Whether a certificate's number reads like that of a part, `…-3`: parts are numbered from 1, without leading zeros."""
    whole, _, last = certificate.rpartition("-")
    return whole != "" and last.isdigit() and not last.startswith("0")


def fingerprint_of(seller: str, buyer: str, number: str, kind: str = "exact") -> Digest:
    """What two registrations of one invoice have in common: the parties and the normalised number, not the amount."""
    return digest("invoice-fingerprint", "\x00".join((kind, seller, buyer, number)).encode())


def tenor_fault(issued_ms: int, due_on_ms: int, months_max: int, months_without_reason: int, reason: str) -> str | None:
    """The limit on the term that a due date breaks: `tenor-too-long`, `tenor-without-reason`, or None.

    Months are calendar months; where the target month is shorter its last day counts. A reason has letters or digits.
    """
    issued_on_ms = day_of(issued_ms)
    if due_on_ms > add_months(issued_on_ms, months_max):  # check: tenor-too-long
        return "tenor-too-long"
    is_reasoned = any(sign.isalnum() for sign in reason)
    if due_on_ms > add_months(issued_on_ms, months_without_reason) and not is_reasoned:  # check: tenor-without-reason
        return "tenor-without-reason"
    return None


def _words(number: str) -> list[str]:
    upper = unicodedata.normalize("NFKC", number).upper()
    return "".join(sign if sign.isalnum() else " " for sign in upper).split()
