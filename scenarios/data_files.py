"""Reads the data that lie beside a scenario, from the package, wherever it is installed."""

import csv
import json
from importlib.resources import files
from typing import Any


def read_data(package: str, name: str) -> Any:
    """The JSON of `PACKAGE/data/NAME`."""
    return json.loads((files(package) / "data" / name).read_text(encoding="utf-8"))


def read_table(package: str, name: str) -> list[list[str]]:
    """The rows of `PACKAGE/data/NAME`, a CSV file, without its header."""
    return list(csv.reader((files(package) / "data" / name).read_text(encoding="utf-8").splitlines()))[1:]
