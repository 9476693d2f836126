"""A contract: a class with typed operations over typed collections. Its whole life is one transaction.

    class WarehouseReceipt(Contract):
        name = "warehouse-receipt"
        receipts = Collection(Receipt)
        refusals = {"not-holder": Refusal(en="Only {holder} may do this.", zh="只有 {holder} 可以这样做。")}

        @operation(signed_by=Anyone())
        def transfer(self, context: Context, number: Identifier, to: MemberId) -> None: …

What is wrong with a contract shows when its class is made: a TypeError says what.
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from ledger.contract.collection import Collection
from ledger.contract.context import Context
from ledger.contract.operation import Operation
from ledger.contract.refusal import ReadRule, Refusal, sentence, verify_read_rules, verify_refusals
from ledger.errors import JsonValue, RefusedError
from ledger.identity.policies import verify_policy
from ledger.identity.records import Member, StateModel
from ledger.primitives import NAME, NO_DIGEST
from ledger.state.overlay import StateReads


class Contract:
    """Base of every contract. Made with a state alone, it serves typed reads: `WarehouseReceipt(state).receipts["W-1"]`."""

    name: ClassVar[str] = ""
    """What transactions call it; a base class of contracts leaves it empty."""
    refusals: ClassVar[Mapping[str, Refusal]] = {}
    """Every code that its operations refuse with."""
    read_rules: ClassVar[Mapping[str, ReadRule]] = {}
    """Every reason for which `may_read` lets somebody read."""
    operations: ClassVar[Mapping[str, Operation]] = {}
    """Gathered from the class, by name."""
    collections: ClassVar[Mapping[str, Collection[Any]]] = {}
    """Gathered from the class, by name."""

    def __init__(self, state: StateReads) -> None:
        self.ledger_state = state

    def __init_subclass__(cls) -> None:
        """Gathers what the class declares, inherited parts too, and binds it to the contract's name."""
        super().__init_subclass__()
        if not cls.name:
            return
        if not NAME.fullmatch(cls.name):
            raise TypeError(f"A contract's name is 1 to 64 letters, digits, - or _, got {cls.name!r}.")
        verify_refusals(cls.refusals)
        verify_read_rules(cls.read_rules)
        declared = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        operations = {name: value.bound_to(cls.name) for name, value in declared.items() if isinstance(value, Operation)}
        collections = {name: value.bound_to(cls.name) for name, value in declared.items() if isinstance(value, Collection)}
        for name, value in {**operations, **collections}.items():
            setattr(cls, name, value)
        cls.operations, cls.collections = operations, collections

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """Name of the read rule that entitles this member to the openings of the record's sealed fields, or "".

        Closed unless a contract says so. Ask through `read_rule`.
        """
        return ""

    @classmethod
    def run(cls, state: StateReads, context: Context, operation: str, arguments: JsonValue) -> None:
        """Runs one operation: it exists, the policy is satisfied, the arguments fit, then the method; raises RefusedError."""
        found = cls.operations.get(operation)
        if found is None:  # check: unknown-operation
            message = f"Contract {cls.name} has no operation {operation}."
            raise RefusedError("unknown-operation", message, contract=cls.name, operation=operation)
        verify_policy(found.policy, context.signers)
        found.run(cls(state), context, arguments)

    @classmethod
    def read_rule(cls, state: StateReads, record: StateModel, reader: Member, time_ms: int, height: int) -> str:
        """What `may_read` says on this state at this block time; a rule that refuses lets nobody read.

        Auditors see who reads and what is sealed, never the values, whatever a contract says. Raises TypeError for a rule that
        is not declared. Whether the reader is a member at all is not asked here.
        """
        if "auditor" in reader.roles:  # check: read-rule-auditor
            return ""
        context = Context(
            contract=cls.name,
            refusals=cls.refusals,
            state=state,
            signers=(reader,),
            time_ms=time_ms,
            height=height,
            transaction=NO_DIGEST,
        )
        try:
            rule = cls(state).may_read(context, record, reader)
        except RefusedError:
            return ""
        if rule != "" and rule not in cls.read_rules:  # check: read-rule-declared
            raise TypeError(f"Contract {cls.name} does not declare the read rule {rule!r}.")
        return rule

    @classmethod
    def sentence(cls, code: str, details: Mapping[str, JsonValue], language: str) -> str:
        """The words of a refusal in `en` or `zh`."""
        return sentence(cls.refusals, code, details, language)

    @classmethod
    def describe(cls) -> JsonValue:
        """Everything that a client needs to know, for `GET /v1/contracts`."""
        return {
            "name": cls.name,
            "description": inspect.getdoc(cls) or "",
            "operations": [operation.describe() for operation in cls.operations.values()],
            "collections": [
                {"name": collection.name, "contract": collection.contract, "record": collection.record.model_json_schema()}
                for collection in cls.collections.values()
            ],
            "refusals": {code: refusal.to_json() for code, refusal in cls.refusals.items()},
            "read_rules": {name: rule.to_json() for name, rule in cls.read_rules.items()},
        }
