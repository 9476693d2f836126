"""The loader refuses contract code by which two nodes could come to different results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.contract.contract import ContractSet
from ledger.contract.source_rules import importing, loader
from ledger.contract.source_rules.loader import load_contract
from ledger.contract.source_rules.source import read_sources, sources_digest
from ledger.errors import OperatorError
from ledger.identity.records import ContractEntry
from nodes.sample_contract import Asset
from tests.little_contracts import Write, contract, writer
from tests.support import refusal

CONTRACT = contract()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    return writer(tmp_path, monkeypatch)


def refused(module: str) -> OperatorError:
    return refusal(OperatorError, load_contract, module)


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
    text = contract(top="from PACKAGE import limits\nfrom PACKAGE.more import MORE")
    path = write(text, limits="LIMIT = 10\n", more="MORE = 1\n", unused="X = 1\n").partition(":")[0]
    package = path.partition(".")[0]
    sources = read_sources(path)
    assert list(sources) == [package, f"{package}.contract", f"{package}.limits", f"{package}.more"]
    write(text, limits="LIMIT = 11\n", more="MORE = 1\n")
    assert sources_digest(read_sources(path)) != sources_digest(sources)


def test_rules_cover_what_the_contract_imports_from_its_package(write: Write) -> None:
    error = refused(write(contract(top="from . import clock"), clock="import time\n"))
    assert error.code == "contract-forbidden"
    assert "clock.py, line 1" in error.message


@pytest.mark.parametrize(
    ("option", "digits", "words"),
    [("-O", "4300", "start Python without -O"), ("-B", "9999", "PYTHONINTMAXSTRDIGITS")],
    ids=["without assertions", "another limit of digits"],
)
def test_contracts_do_not_run_with_another_python(option: str, digits: str, words: str) -> None:
    """Where a number becomes too long to be written would hang on the machine's settings, and so would what is asserted."""
    code = "from ledger.contract.source_rules.loader import load_contract; load_contract('nodes.sample_contract:Asset')"
    environment = {**os.environ, "PYTHONINTMAXSTRDIGITS": digits}
    run = subprocess.run([sys.executable, option, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert words in run.stderr.splitlines()[-1]


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


NOT_LOADED: dict[str, tuple[str, str, str]] = {
    "no class named": ("nodes.sample_contract", "contract-not-found", "is named as"),
    "an empty class": ("nodes.sample_contract:", "contract-not-found", "is named as"),
    "no module named": (":Asset", "contract-not-found", "is named as"),
    "a class of two words": ("nodes.sample_contract:As et", "contract-not-found", "is named as"),
    "no such package": ("no_such_package.contract:Asset", "contract-not-found", "no_such_package"),
    "no such module": ("nodes.no_such_module:Asset", "contract-not-found", "no_such_module"),
    "no such class": ("nodes.sample_contract:Gold", "contract-not-found", "nodes.sample_contract has no class Gold."),
    "a record": ("nodes.sample_contract:Holding", "contract-faulty", "is not a contract"),
    "the base of all contracts": ("nodes.sample_contract:Contract", "contract-faulty", "is not a contract"),
}


@pytest.mark.parametrize("name", NOT_LOADED)
def test_what_is_no_contract_is_refused(name: str) -> None:
    module, code, words = NOT_LOADED[name]
    error = refused(module)
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("text", ["def (", "x = 1\nraise ValueError(x)\n", 'x = "\x00"'])
def test_module_that_cannot_run_is_faulty(write: Write, text: str) -> None:
    module = write(text)
    assert refused(module).code == "contract-faulty"
    sys.modules.pop(module.partition(":")[0], None)


def entry(digest: str) -> ContractEntry:
    return ContractEntry(name="asset", module="nodes.sample_contract:Asset", digest=digest)


@pytest.mark.parametrize(
    ("contracts", "words"),
    [
        (ContractSet({"asset": Asset}, {"asset": "aa" * 32}), "is installed with digest"),
        (ContractSet({}), "is not installed here"),
    ],
    ids=["another digest", "not installed"],
)
def test_contract_that_was_not_approved_is_not_run(contracts: ContractSet, words: str) -> None:
    error = refusal(OperatorError, contracts.installed, entry("bb" * 32))
    assert (error.code, words in error.message) == ("contract-not-installed", True)


def test_the_approved_contract_is_run() -> None:
    assert ContractSet({"asset": Asset}, {"asset": "aa" * 32}).installed(entry("aa" * 32)) is Asset
