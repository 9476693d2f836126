"""A little contract with lines put into it, written as a package of its own, for tests of what a contract's source may hold."""

from collections.abc import Callable
from pathlib import Path

import pytest

TEMPLATE = '''"""A contract for the test."""

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, Record, Refusal, operation
{top}

class Box(Record):
    """A box."""

    size: int


class Boxes(Contract):
    """Boxes."""

    name = "boxes"
    boxes = Collection(Box)
    refusals = {{"too-big": Refusal(en="{{size}} is too big.", zh="{{size}} 太大。")}}
{body}
    @operation(signed_by=Anyone())
    def add(self, context: Context, number: Identifier, size: int) -> None:
        """Adds a box."""
        context.require(size < 10, "too-big", size=size)
{here}
        self.boxes[number] = Box(size=size)
'''


def contract(*, top: str = "", body: str = "", here: str = "") -> str:
    """The template with lines at the top of the module, in the class, and in the operation."""
    inside = "\n".join(f"        {line}" for line in here.splitlines())
    in_class = "\n".join(f"    {line}" for line in body.splitlines())
    return TEMPLATE.format(top=f"{top}\n", body=f"{in_class}\n", here=inside)


Write = Callable[..., str]


def writer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the modules of a package in this folder, and gives the import string of its contract."""
    package = f"little_{folder.name.replace('-', '_')}"
    (folder / package).mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def write(text: str = contract(), **modules: str) -> str:
        for name, content in {"__init__": "", "contract": text, **modules}.items():
            (folder / package / f"{name}.py").write_text(content.replace("PACKAGE", package), encoding="utf-8", newline="")
        return f"{package}.contract:Boxes"

    return write
