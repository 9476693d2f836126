"""What the models of a contract may hold, judged once when the class is made."""

from pydantic import BaseModel

from ledger.errors import JsonValue


def verify_no_floats(model: type[BaseModel]) -> None:
    """Raises TypeError for a model with a float, whose spelling is not one, or a set, whose order is not one."""
    schema: JsonValue = model.model_json_schema()
    if _holds(schema, "type", "number"):  # check: model-without-floats
        raise TypeError(f"{model.__name__} holds a float; use an integer in a stated unit.")
    if _holds(schema, "uniqueItems", True):  # check: model-without-sets
        raise TypeError(f"{model.__name__} holds a set; use a sorted tuple.")


def _holds(schema: JsonValue, name: str, value: JsonValue) -> bool:
    if isinstance(schema, dict):
        return schema.get(name) == value or any(_holds(part, name, value) for part in schema.values())
    return isinstance(schema, list) and any(_holds(part, name, value) for part in schema)
