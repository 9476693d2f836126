"""The option `--lang` of commands."""

from typing import Annotated, TypeAlias

import typer

from scenarios.story.story import Language

Lang: TypeAlias = Annotated[str, typer.Option("--lang", help="en or zh.")]


def parse_language(text: str) -> Language:
    """Raises typer.BadParameter for another language than en and zh."""
    if text == "en":
        return "en"
    if text == "zh":
        return "zh"
    raise typer.BadParameter(f"{text!r} is neither en nor zh.", param_hint="--lang")
