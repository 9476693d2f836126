"""The registry of every stable error code with its meaning: `error_codes.toml` beside this file, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("error_codes.toml")
LANGUAGES = ("en", "zh")


@cache
def error_codes() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """By group, then by code (kebab-case): the meaning, by language."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def meanings() -> Mapping[str, Mapping[str, str]]:
    """By code: the meaning, by language."""
    return {code: words for group in error_codes().values() for code, words in group.items()}
