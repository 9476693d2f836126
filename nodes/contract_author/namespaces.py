"""What the modules of a contract and their classes hold, as values that can be compared: before it was played, and after."""

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

DEPTH_MAX = 12
Snapshot = Mapping[str, object]


def snapshot(modules: Mapping[str, object]) -> Snapshot:
    """`module.name` and `module.Class.name` → value; of the modules that are imported."""
    found: dict[str, object] = {}
    for module in modules:
        for name, value in _names(vars(sys.modules[module])) if module in sys.modules else ():
            if isinstance(value, type) and value.__module__ in modules:
                for inner, held in _names(vars(value)):
                    found[f"{value.__module__}.{value.__qualname__}.{inner}"] = _value(held)
            else:
                found[f"{module}.{name}"] = _value(value)
    return found


def changed(before: Snapshot, after: Snapshot) -> list[str]:
    """Names whose value is another one, or is there only once."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _names(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Without what Python and its libraries keep there for themselves."""
    return ((name, value) for name, value in namespace.items() if not name.startswith(("__", "_abc_")))


def _value(value: Any, depth: int = 0) -> object:
    if depth > DEPTH_MAX:
        return "…"
    if isinstance(value, Mapping):
        return "mapping", tuple((_value(name, depth + 1), _value(held, depth + 1)) for name, held in value.items())
    if isinstance(value, list | tuple | deque):
        return type(value).__name__, tuple(_value(part, depth + 1) for part in value)
    if isinstance(value, set | frozenset):
        return type(value).__name__, tuple(sorted(map(repr, value)))
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return value.__qualname__, _value([value.__defaults__, value.__kwdefaults__, cells, vars(value)], depth + 1)
    if isinstance(value, partial):
        return "partial", _value([value.func, value.args, value.keywords], depth + 1)
    if isinstance(value, classmethod | staticmethod | MethodType):
        return _value(value.__func__, depth + 1)
    if isinstance(value, type | ModuleType):
        return value.__name__
    if hasattr(value, "__dict__"):
        return type(value).__qualname__, _value(list(_names(vars(value))), depth + 1)
    return repr(value)
