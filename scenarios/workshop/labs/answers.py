"""How answers are read: what people type differs in case, commas and spaces, and that is no mistake."""

import re

DIVIDERS = re.compile(r"[\s,;、，；。&]+")


def words_in(text: str) -> list[str]:
    """Its words in small letters; commas of both scripts divide."""
    return [word for word in DIVIDERS.split(text.strip().lower()) if word]


def names_in(text: str, organizations: str = "") -> set[str]:
    """Names without order. Where `organizations` is `.validator`, `north` is understood as `north.validator`."""
    return {word if "." in word else word + organizations for word in words_in(text) if word not in ("and", "和", "与")}


def number_in(text: str) -> int | None:
    """The number, if it is one."""
    found = text.strip().replace(",", "").replace("，", "")
    return int(found) if found.isdecimal() and found.isascii() and len(found) < 16 else None
