"""Loading a contract by its import string, `scenarios.shipping.contract:Shipping`.

The source is read and judged before any of it runs: `source_rules` says by what, and what that does not stop. Who installs a
contract trusts its author, and the ledger names the digest that it runs.
"""

import importlib
import inspect
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from ledger.contract.contract import Contract
from ledger.contract.records import Collection
from ledger.contract.source_rules.refusals import refusal_breaches
from ledger.contract.source_rules.source import Remark, read_sources, sources_digest
from ledger.contract.source_rules.statements import breaches
from ledger.errors import OperatorError
from ledger.primitives import Digest

WORDS = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
"""By rule what is wrong, and what to do, in two languages."""
OF_LEDGER = ("__init__", "run", "read_rule")
"""What is given the whole state, and so is no contract's own."""
_JUDGED: set[tuple[str, Digest]] = set()
"""What this process has judged and found good: judging the same text again takes the most of loading it."""


@dataclass(frozen=True, slots=True)
class LoadedContract:
    """A contract class with the digest of the source that it came from."""

    contract: type[Contract]
    module: str
    """The import string."""
    digest: Digest


def load_contract(module: str) -> LoadedContract:
    """Reads, judges and imports a contract.

    Raises OperatorError `assertions-off`, `digits-changed`, `contract-not-found`, `contract-forbidden` (with file and line) or
    `contract-faulty`.
    """
    if not __debug__:  # check: assertions-on
        raise OperatorError("assertions-off", "Contracts run with their assertions on: start Python without -O.")
    if sys.get_int_max_str_digits() != sys.int_info.default_max_str_digits:  # check: digits-as-usual
        message = "Contracts run with Python's usual limit of digits: start it without PYTHONINTMAXSTRDIGITS."
        raise OperatorError("digits-changed", message)
    path, _, name = module.partition(":")
    if not path or not name.isidentifier():  # check: contract-import-string
        raise OperatorError("contract-not-found", f"A contract is named as package.module:Class, got {module!r}.")
    sources = read_sources(path)
    given = sources_digest(sources)
    if (module, given) not in _JUDGED:
        for breach in breaches(sources):
            raise OperatorError("contract-forbidden", _sentence(breach), module=breach.module, line=breach.line)
        for breach in refusal_breaches(sources, find_contract(module)):
            raise OperatorError("contract-faulty", _sentence(breach))
        _JUDGED.add((module, given))
    return LoadedContract(find_contract(module), module, given)


def find_contract(module: str) -> type[Contract]:
    """Imports a contract whose source was judged; raises OperatorError `contract-not-found` or `contract-faulty`."""
    path, _, name = module.partition(":")
    try:
        found = getattr(importlib.import_module(path), name, None)
    except Exception as error:
        raise OperatorError("contract-faulty", f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    if found is None:  # check: contract-class-found
        raise OperatorError("contract-not-found", f"{path} has no class {name}.")
    if not (isinstance(found, type) and issubclass(found, Contract) and found.name):  # check: contract-class
        raise OperatorError("contract-faulty", f"{module} is not a contract with a name.")
    own = [name for name in OF_LEDGER if inspect.getattr_static(found, name) is not vars(Contract)[name]]
    own += [] if type(found) is type else ["metaclass"]
    if own:  # check: contract-init
        raise OperatorError("contract-faulty", f"{module} has {own[0]} of its own; the ledger makes contracts and asks them.")
    named = {name for base in found.__mro__ for name, value in vars(base).items() if isinstance(value, Collection)}
    if astray := [
        name for name in sorted(named) if getattr(found, name).contract != found.name
    ]:  # check: contract-own-collections
        raise OperatorError(
            "contract-faulty", f"{module} has {astray[0]} of another contract; it declares a view of that in reads."
        )
    return found


def _sentence(breach: Remark) -> str:
    wrong = WORDS[breach.rule]["wrong"]["en"].replace("{subject}", breach.subject)
    return f"{breach.file}, line {breach.line} of module {breach.module}: {wrong}."
