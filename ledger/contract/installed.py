"""The contracts that are installed on this machine: which class runs for which entry of the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.contract import Contract
from ledger.errors import ContractMissingError
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
