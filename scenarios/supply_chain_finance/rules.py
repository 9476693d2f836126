"""The trade's rules as plain functions: codes of companies, spelling of invoices, terms."""

import unicodedata

from ledger.contract.calendar import add_months, day_of
from ledger.encoding import digest
from ledger.primitives import Digest

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Signs of the unified social credit code, GB 32100-2015: no I, O, S, V, Z. A sign's place is its value."""
_USCC_LENGTH = 18


def is_uscc(code: str) -> bool:
    """Whether the code has 18 signs and the right check sign: the sum of values times 3^place, and the check, is 0 mod 31."""
    if len(code) != _USCC_LENGTH or any(sign not in _USCC_SIGNS for sign in code):
        return False
    weighted = sum(_USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:-1]))
    return (weighted + _USCC_SIGNS.index(code[-1])) % 31 == 0


def normalised(number: str) -> str:
    """An invoice number without what a forger changes first: width, case, spaces and signs between."""
    return "".join(_words(number))


def stem(number: str) -> str:
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

    Months are calendar months; where the target month is shorter its last day counts.
    """
    issued_on_ms = day_of(issued_ms)
    if due_on_ms > add_months(issued_on_ms, months_max):  # check: tenor-too-long
        return "tenor-too-long"
    if due_on_ms > add_months(issued_on_ms, months_without_reason) and not reason.strip():  # check: tenor-without-reason
        return "tenor-without-reason"
    return None


def _words(number: str) -> list[str]:
    upper = unicodedata.normalize("NFKC", number).upper()
    return "".join(sign if sign.isalnum() else " " for sign in upper).split()
