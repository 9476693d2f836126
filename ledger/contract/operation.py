"""Operations: the typed methods of a contract that a transaction can name.

`WarehouseReceipt.transfer` is the `Operation` itself: contract, name, argument model and policy, for clients and stories.
On an instance it is the method.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, Self, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from ledger.contract.context import Context
from ledger.contract.schema import verify_no_floats
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, RefusedError
from ledger.identity.policies import Policy
from ledger.primitives import NAME


class Arguments(BaseModel):
    """Base of every argument model: strict, frozen, unknown fields refused."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", protected_namespaces=())


class Operation:
    """A method of a contract with its argument model and its policy."""

    def __init__(self, function: Callable[..., None], policy: Policy) -> None:
        self.function = function
        self.policy = policy
        """Who must sign."""
        self.name = function.__name__
        self.contract = ""
        """Name of the contract; empty until the class is made."""
        self.arguments: type[BaseModel] = Arguments
        """Model of the arguments; its JSON Schema is what `GET /v1/contracts` shows."""

    def bound_to(self, contract: str) -> "Operation":
        """The same operation as part of a named contract, with its argument model."""
        copy = Operation(self.function, self.policy)
        copy.contract = contract
        copy.arguments = _argument_model(contract, self.function)
        return copy

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[..., None]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | Callable[..., None]:
        return self if instance is None else partial(self.function, instance)

    def parse_arguments(self, arguments: JsonValue) -> dict[str, Any]:
        """The typed arguments by name; raises pydantic's ValidationError."""
        return self.arguments.__pydantic_validator__.validate_json(encode_unchecked(arguments)).__dict__  # type: ignore[no-any-return]

    def run(self, instance: object, context: Context, arguments: JsonValue) -> None:
        """Checks the arguments and runs the method; refuses with `bad-arguments`.

        The refusal names fields alone: why a field does not fit is the library's wording, and a receipt must not depend on it.
        """
        try:
            values = self.parse_arguments(arguments)
        except ValidationError as error:
            fields = sorted({str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors()})
            raise RefusedError(
                "bad-arguments", f"These arguments do not fit: {', '.join(fields)}.", fields=list(fields)
            ) from error
        self.function(instance, context, **values)

    def describe(self) -> JsonValue:
        """Name, meaning, policy and JSON Schema."""
        return {
            "name": self.name,
            "description": inspect.getdoc(self.function) or "",
            "policy": self.policy.to_json(),
            "signed_by": self.policy.text(),
            "arguments": self.arguments.model_json_schema(),
        }


def operation(*, signed_by: Policy) -> Callable[[Callable[..., None]], Operation]:
    """Makes a method an operation that transactions signed as the policy demands can name."""
    return lambda function: Operation(function, signed_by)


def _argument_model(contract: str, function: Callable[..., None]) -> type[BaseModel]:
    """The model of a method's parameters after `self` and `context`; raises TypeError where one has no type."""
    name = function.__name__
    parameters = list(inspect.signature(function).parameters.values())
    if not NAME.fullmatch(name) or [p.name for p in parameters[:2]] != ["self", "context"]:
        raise TypeError(f"Operation {contract}.{name} begins with the parameters self and context.")
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in parameters[2:]:
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.name not in hints:
            raise TypeError(f"Parameter {parameter.name} of {contract}.{name} has a name, a type and no star.")
        fields[parameter.name] = (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
    model = create_model(f"{contract}.{name}", __base__=Arguments, **fields)
    verify_no_floats(model)
    return model
