"""Commands as tests give them: in this process, where their exit code and both streams are at hand."""

import json
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from nodes.commands.application import application

PROGRAM = [sys.executable, "-c", "from nodes.commands.application import application; application()"]
"""The same commands in a process of their own."""


def run(*arguments: str | Path) -> Result:
    """How a command ends; an error that it does not tell of fails the test."""
    result = CliRunner().invoke(application, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def succeeds(*arguments: str | Path) -> str:
    """What a command prints that ends well."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def answer(*arguments: str | Path) -> Any:
    """The JSON that a command prints."""
    return json.loads(succeeds(*arguments))


def fails(exit_code: int, words: str, *arguments: str | Path) -> Result:
    """A command that ends with this exit code and these words among its errors."""
    result = run(*arguments)
    assert result.exit_code == exit_code, result.output
    assert words in result.stderr, result.output
    return result
