"""Loading a contract by its import string, `scenarios.shipping.contract:Shipping`, and the set that a node has loaded.

The source is read and judged before any of it runs: `source_rules` says by what, and what that does not stop. Whoever installs
a contract trusts its author, and the ledger names the digest that it runs.
"""

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.contract import Contract
from ledger.contract.source import read_sources, sources_digest
from ledger.contract.source_rules import verify_refusal_codes, verify_sources
from ledger.errors import ContractMissingError, OperatorError
from ledger.identity.records import ContractEntry
from ledger.primitives import Digest


@dataclass(frozen=True, slots=True)
class LoadedContract:
    """A contract class with the digest of the source that it came from."""

    contract: type[Contract]
    module: str
    """The import string."""
    digest: Digest


@dataclass(frozen=True, slots=True)
class ContractSet:
    """The contracts that are installed on this machine, by name."""

    contracts: Mapping[str, type[Contract]]
    digests: Mapping[str, str] = field(default_factory=dict)
    """Source digests; a contract without one is taken as the right one (tests, simulations)."""
    versions: Mapping[str, type[Contract]] = field(default_factory=dict)
    """By source digest, where several versions of a name are installed side by side until governance lets the new one act."""

    @classmethod
    def of_loaded(cls, loaded: Sequence[LoadedContract]) -> "ContractSet":
        """Everything that was loaded; of several versions of a name, the last stands for the name."""
        return cls(
            {one.contract.name: one.contract for one in loaded},
            {one.contract.name: one.digest for one in loaded},
            {one.digest: one.contract for one in loaded},
        )

    def acting(self, entries: Iterable[ContractEntry]) -> "ContractSet":
        """The same set in which each name stands for the version that the ledger runs, where that is installed."""
        named = {entry.name: self.versions[entry.digest] for entry in entries if entry.digest in self.versions}
        return ContractSet({**self.contracts, **named}, self.digests, self.versions)

    def installed(self, entry: ContractEntry) -> type[Contract]:
        """The class that the ledger's entry names; raises ContractMissingError: such a block cannot be judged here."""
        version = self.versions.get(entry.digest)
        if version is not None and version.name == entry.name:
            return version
        contract = self.contracts.get(entry.name)
        if contract is None:  # check: contract-installed
            raise ContractMissingError(
                "contract-not-installed", f"The ledger runs contract {entry.name} ({entry.module}); it is not installed here."
            )
        digest = self.digests.get(entry.name, entry.digest)
        if digest != entry.digest:  # check: contract-version
            message = f"Contract {entry.name} is installed with digest {digest[:16]}…; the ledger runs {entry.digest[:16]}…."
            raise ContractMissingError("contract-not-installed", message)
        return contract


_JUDGED: set[tuple[str, Digest]] = set()
"""What this process has judged and found good: judging the same text again takes the most of loading it."""


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
        verify_sources(sources)
        verify_refusal_codes(sources, find_contract(module).refusals)
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
    return found
