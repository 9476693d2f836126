"""The loader refuses contract code by which two nodes could come to different results."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.contract.contract import ContractSet
from ledger.contract.source_rules import importing, loader
from ledger.contract.source_rules.loader import load_contract
from ledger.contract.source_rules.source import read_sources, sources_digest
from ledger.errors import OperatorError
from ledger.identity.records import ContractEntry
from nodes.sample_contract import Asset

CONTRACT = '''"""A contract for the test."""

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, Record, Refusal, operation


class Box(Record):
    """A box."""

    size: int


class Boxes(Contract):
    """Boxes."""

    name = "boxes"
    boxes = Collection(Box)
    refusals = {"too-big": Refusal(en="{size} is too big.", zh="{size} 太大。")}

    @operation(signed_by=Anyone())
    def add(self, context: Context, number: Identifier, size: int) -> None:
        """Adds a box."""
        context.require(size < 10, "too-big", size=size)
        self.boxes[number] = Box(size=size)
'''
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes modules of a package and gives the import string of its contract; every test has a package of its own."""
    package = f"loaded_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / package
    folder.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(contract: str = CONTRACT, **modules: str) -> str:
        for name, text in {"__init__": "", "contract": contract, **modules}.items():
            (folder / f"{name}.py").write_text(text.replace("PACKAGE", package), encoding="utf-8", newline="")
        return f"{package}.contract:Boxes"

    return written


def refused(module: str) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        load_contract(module)
    return caught.value


def test_contract_is_loaded_with_its_digest(write: Write) -> None:
    module = write()
    loaded = load_contract(module)
    assert (loaded.contract.name, loaded.module) == ("boxes", module)
    assert loaded.digest == sources_digest(read_sources(module.partition(":")[0]))


def test_digest_does_not_depend_on_line_endings(write: Write) -> None:
    path = write().partition(":")[0]
    first = sources_digest(read_sources(path))
    write(CONTRACT.replace("\n", "\r\n"))
    assert sources_digest(read_sources(path)) == first


def test_digest_covers_what_the_contract_imports_from_its_package(write: Write) -> None:
    text = CONTRACT.replace("\n\n\nclass", "\nfrom PACKAGE import limits\nfrom PACKAGE.more import MORE\n\n\nclass", 1)
    path = write(text, limits="LIMIT = 10\n", more="MORE = 1\n", unused="X = 1\n").partition(":")[0]
    package = path.partition(".")[0]
    sources = read_sources(path)
    assert list(sources) == [package, f"{package}.contract", f"{package}.limits", f"{package}.more"]
    write(text, limits="LIMIT = 11\n", more="MORE = 1\n")
    assert sources_digest(read_sources(path)) != sources_digest(sources)


def test_rules_cover_what_the_contract_imports_from_its_package(write: Write) -> None:
    error = refused(write(CONTRACT.replace("\n\n\nclass", "\nfrom . import clock\n\n\nclass", 1), clock="import time\n"))
    assert error.code == "contract-forbidden"
    assert "clock.py, line 1" in error.message


@pytest.mark.parametrize(
    "line",
    ["import time", "import random", "import os.path", "from datetime import datetime", "from ledger.chain import chain"],
)
def test_import_of_clock_chance_or_machine_is_refused(write: Write, line: str) -> None:
    error = refused(write(f"{line}\n{CONTRACT}"))
    assert error.code == "contract-forbidden"
    assert "which contracts may not" in error.message


def forbidden(write: Write, statement: str) -> str:
    """Why a statement inside of an operation is refused."""
    place = "        self.boxes[number]"
    error = refused(write(CONTRACT.replace(place, f"        {statement}\n{place}")))
    assert error.code == "contract-forbidden"
    return error.message


def test_float_literal_is_refused(write: Write) -> None:
    assert "is a float" in forbidden(write, "size = int(size * 1.5)")


def test_true_division_is_refused(write: Write) -> None:
    assert "`/` gives a float" in forbidden(write, "size = int(size / 2)")
    assert "`/` gives a float" in forbidden(write, "size /= 2")


def test_power_with_an_unknown_exponent_is_refused(write: Write) -> None:
    assert "`**`" in forbidden(write, "size = 2 ** size")
    load_contract(write(CONTRACT.replace("size < 10,", "size < 10**2,")))


@pytest.mark.parametrize("name", ["float(size)", "hash(number)", "id(number)", "open(number)", "eval(number)", "print(size)"])
def test_built_in_that_differs_between_machines_is_refused(write: Write, name: str) -> None:
    assert "is not for contracts" in forbidden(write, f"size = {name}")


def test_way_behind_the_language_is_refused(write: Write) -> None:
    assert "__class__" in forbidden(write, "size = number.__class__")
    assert "__import__" in forbidden(write, "size = __import__(number)")


@pytest.mark.parametrize(
    "statement", ["for n in {1, 2}: size += n", "size = [*set(number)][0]", "size = list({n for n in number})[0]"]
)
def test_order_of_a_set_is_refused(write: Write, statement: str) -> None:
    assert "a set has an order" in forbidden(write, statement)


def test_set_whose_order_cannot_show_is_allowed(write: Write) -> None:
    load_contract(
        write(CONTRACT.replace("size < 10,", "size in {1, 2} or sorted({number}) == [number] or len(set(number)) < 3,"))
    )


def test_contracts_do_not_run_without_their_assertions() -> None:
    code = "from ledger.contract.source_rules.loader import load_contract; load_contract('nodes.sample_contract:Asset')"
    run = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=False)
    assert "start Python without -O" in run.stderr


def test_contracts_do_not_run_with_another_limit_of_digits() -> None:
    """Where a number becomes too long to be written would hang on the machine's settings."""
    code = "from ledger.contract.source_rules.loader import load_contract; load_contract('nodes.sample_contract:Asset')"
    environment = {**os.environ, "PYTHONINTMAXSTRDIGITS": "9999"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert "PYTHONINTMAXSTRDIGITS" in run.stderr.splitlines()[-1]


def test_global_is_refused(write: Write) -> None:
    assert "nothing but its state" in forbidden(write, "global total")


def test_async_is_refused(write: Write) -> None:
    assert "waits for nothing" in refused(write(f"{CONTRACT}\n\nasync def wait() -> None:\n    pass\n")).message


def test_star_import_is_refused(write: Write) -> None:
    assert "star import" in refused(write(f"from re import *\n{CONTRACT}")).message


def test_library_is_allowed_by_name_and_version(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    load_contract(write(f"from pydantic import Field\n{CONTRACT}"))
    monkeypatch.setattr(importing, "version", lambda name: "3.0.1")
    assert "imports pydantic" in refused(write(f"from pydantic import Field  # the same library\n{CONTRACT}")).message


def test_what_was_found_good_is_judged_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    module = write(CONTRACT)
    first = load_contract(module)
    monkeypatch.setattr(loader, "breaches", lambda sources: pytest.fail("judged again"))
    assert load_contract(module) == first


def test_undeclared_code_is_refused(write: Write) -> None:
    error = refused(write(CONTRACT.replace('"too-big", size', '"too-small", size')))
    assert (error.code, "“too-small” is not declared" in error.message) == ("contract-faulty", True)


def test_refusal_without_its_details_is_refused(write: Write) -> None:
    error = refused(write(CONTRACT.replace(', "too-big", size=size', ', "too-big"')))
    assert (error.code, "its sentences need size" in error.message) == ("contract-faulty", True)


@pytest.mark.parametrize("module", ["nodes.sample_contract", "nodes.sample_contract:", ":Asset", "nodes.sample_contract:As et"])
def test_import_string_of_another_form_is_refused(module: str) -> None:
    error = refused(module)
    assert (error.code, "is named as" in error.message) == ("contract-not-found", True)


@pytest.mark.parametrize("module", ["no_such_package.contract:Asset", "nodes.no_such_module:Asset", "nodes.sample_contract:Gold"])
def test_what_does_not_exist_is_not_found(module: str) -> None:
    assert refused(module).code == "contract-not-found"


def test_absent_class_is_named() -> None:
    assert refused("nodes.sample_contract:Gold").message == "nodes.sample_contract has no class Gold."


@pytest.mark.parametrize("name", ["Holding", "Contract"])
def test_class_that_is_no_contract_is_refused(name: str) -> None:
    assert "is not a contract" in refused(f"nodes.sample_contract:{name}").message


@pytest.mark.parametrize("text", ["def (", "x = 1\nraise ValueError(x)\n", 'x = "\x00"'])
def test_module_that_cannot_run_is_faulty(write: Write, text: str) -> None:
    module = write(text)
    assert refused(module).code == "contract-faulty"
    sys.modules.pop(module.partition(":")[0], None)


def entry(digest: str) -> ContractEntry:
    return ContractEntry(name="asset", module="nodes.sample_contract:Asset", digest=digest)


def test_contract_of_another_digest_is_not_run() -> None:
    contracts = ContractSet({"asset": Asset}, {"asset": "aa" * 32})
    assert contracts.installed(entry("aa" * 32)) is Asset
    with pytest.raises(OperatorError, match="is installed with digest") as caught:
        contracts.installed(entry("bb" * 32))
    assert caught.value.code == "contract-not-installed"


def test_contract_that_is_not_installed_is_named() -> None:
    with pytest.raises(OperatorError, match="is not installed here") as caught:
        ContractSet({}).installed(entry("aa" * 32))
    assert caught.value.code == "contract-not-installed"
