"""A command that needs an extra says so where it is missing, and nothing else of the program does."""

import sys

import pytest

from ledger.errors import OperatorError
from nodes.commands.command_parts import load_leaf


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(OperatorError) as refused:
        load_leaf("duckdb:connect", "analysis")
    assert refused.value.code == "missing-extra"
    assert "pip install -e '.[analysis]'" in refused.value.message


def test_a_module_of_the_project_that_is_missing_is_no_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError):
        load_leaf("nodes.no_such_leaf:run", "analysis")
