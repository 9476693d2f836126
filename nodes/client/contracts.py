"""A contract as its own description shows it: operations as methods whose arguments are checked before anything is signed.

    scf = ledger.contract("supply-chain-finance")
    scf.confirm_payable(invoice="BC-1")        # InputError `bad-arguments` for what the JSON Schema does not allow
    help(scf.confirm_payable)                  # what it does, who must sign, its arguments

No code of the contract is needed: the description comes from the node, and a node that describes it wrongly can only make
this client refuse, or the ledger.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any

import jsonschema_rs

from ledger.contract.records import json_of
from ledger.errors import InputError, JsonValue, NotFoundError
from nodes.key_files import LocalMember

Perform = Callable[[str, str, Mapping[str, JsonValue], Sequence[LocalMember]], Any]
"""Contract, operation, arguments and signers: gives the outcome, or what is to be awaited for it."""


class RemoteOperation:
    """One operation; call it with its arguments by name, and with `signers` unless the client's member signs."""

    def __init__(self, contract: str, described: Mapping[str, Any], perform: Perform) -> None:
        self.name: str = described["name"]
        self.schema: Mapping[str, Any] = described["arguments"]
        self.signed_by: str = described["signed_by"]
        """The policy in the notation of receipts."""
        self._contract, self._perform = contract, perform
        self._validator = jsonschema_rs.validator_for(dict(self.schema))
        needed = self.schema.get("required", ())
        names = sorted(self.schema.get("properties", {}), key=lambda name: name not in needed)
        self.__doc__ = f"{described['description']}\n\nSigned by {self.signed_by}."
        self.__signature__ = Signature(
            [Parameter(name, Parameter.KEYWORD_ONLY, default=Parameter.empty if name in needed else ...) for name in names]
        )

    def __call__(self, *, signers: Sequence[LocalMember] = (), **arguments: object) -> Any:
        """Checks, signs, submits and waits until final; raises InputError `bad-arguments` before, RefusedError after."""
        return self._perform(self._contract, self.name, self.check(arguments), signers)

    def check(self, arguments: Mapping[str, object]) -> dict[str, JsonValue]:
        """The arguments as JSON; raises InputError `bad-arguments`, which names each field that does not fit."""
        try:
            values = {name: json_of(value) for name, value in arguments.items()}
        except TypeError as error:
            raise self._wrong([("", f"{error} Money, energy and time are integers in a stated unit.")]) from error
        wrong = [(".".join(map(str, fault.instance_path)), fault.message) for fault in self._validator.iter_errors(values)]
        if wrong:  # check: client-arguments
            raise self._wrong(wrong)
        return values

    def _wrong(self, faults: Iterable[tuple[str, str]]) -> InputError:
        text = "; ".join(f"{place}: {message}" if place else message for place, message in faults)
        fields: JsonValue = [*sorted({place for place, _ in faults})]
        return InputError("bad-arguments", f"{self._contract}.{self.name}: {text}", fields=fields)


class RemoteContract:
    """The operations of a contract as attributes; `contract["name"]` for one whose name is taken."""

    def __init__(self, described: Mapping[str, Any], perform: Perform) -> None:
        """Raises NotFoundError `unknown-contract` for one that is approved on the ledger, but not installed at the node."""
        if "operations" not in described:  # check: client-contract-installed
            raise NotFoundError("unknown-contract", f"The node has no code of {described['name']} and cannot describe it.")
        self.description = described
        self.__doc__ = described["description"]
        self.operations = {o["name"]: RemoteOperation(described["name"], o, perform) for o in described["operations"]}

    def __getitem__(self, operation: str) -> RemoteOperation:
        return self.operations[operation]

    def __getattr__(self, name: str) -> RemoteOperation:
        if name.startswith("_") or name not in self.operations:
            raise AttributeError(f"{self.description['name']} has no operation {name}; it has {', '.join(self.operations)}.")
        return self.operations[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.operations]
