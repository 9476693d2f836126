"""The organization in a member id, and identifiers with a check sign, as `python-stdnum` knows them.

What python-stdnum would tidy up first is not accepted here.

unified social credit code   GB 32100-2015      18 signs, the last one the check
freight container            ISO 6346           four letters, six digits, a check digit
ship                         IMO A.1117(30)     seven digits, the last one the check
legal entity                 ISO 17442 (LEI)    20 signs, the last two the check
metering point         GS1 (GSRN)         18 digits, the last one the check
electronic licence           GB/T 36904-2018    a check sign by ISO 7064 MOD 37,36 over the parts
"""

import re

from stdnum import ean, imo, iso6346, lei
from stdnum.cn import uscc
from stdnum.iso7064 import mod_37_36

_CONTAINER = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}", re.ASCII)
_SHIP = re.compile(r"[0-9]{7}", re.ASCII)


def organization_of(member: str) -> str:
    """The part of a member id before the dot."""
    return member.partition(".")[0]


def is_uscc(code: str) -> bool:
    """Whether this is a unified social credit code with the right check sign, written without spaces, in capitals."""
    return code.isascii() and uscc.is_valid(code) and uscc.compact(code) == code


def is_container_number(number: str) -> bool:
    """Whether this is a container number with the right check digit."""
    return _CONTAINER.fullmatch(number) is not None and iso6346.is_valid(number)


def is_ship_number(number: str) -> bool:
    """Whether this is an IMO number of a ship with the right check digit."""
    return _SHIP.fullmatch(number) is not None and imo.is_valid(number)


def is_lei(code: str) -> bool:
    """Whether this is a legal entity identifier with the right check digits."""
    return code.isascii() and lei.is_valid(code) and lei.compact(code) == code


def is_gsrn(number: str) -> bool:
    """Whether 18 digits end in GS1's check digit: weights of 3 and 1 from the right, modulo 10."""
    return len(number) == 18 and gsrn_of(number[:-1]) == number


def gsrn_of(body: str) -> str:
    """The number of a metering point: 17 digits and their check digit."""
    return body + str(ean.calc_check_digit(body))


def check_sign(text: str) -> str:
    """The check sign of digits and capitals by ISO 7064 MOD 37,36."""
    return str(mod_37_36.calc_check_digit(text))
