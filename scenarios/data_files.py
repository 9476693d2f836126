"""The data that lie beside a scenario, from the package, wherever it is installed; its cast and their network; its sample."""

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ledger.contract import Contract
from ledger.contract.refusal import Phrase
from ledger.errors import OperatorError
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.dates import START_MS


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays. Each party is an organization of its own, four of them with a validator."""

    data: Mapping[str, Any]
    """The whole file: `members` with a member id, names and roles, organizations with `validators`, and what the trade adds."""

    @property
    def members(self) -> tuple[Mapping[str, Any], ...]:
        """As the file describes them."""
        return tuple(self.data["members"])

    @property
    def words(self) -> dict[str, Phrase]:
        """Member id -> how people call it."""
        return {person["member"]: Phrase(person["en"], person["zh"]) for person in self.members}

    def network(
        self, contract: type[Contract], *, others: Sequence[OrganizationSpec] = (), with_observers: bool = False
    ) -> NetworkSpecification:
        """Each member enrols others of its own organization. `others` run no node; observers run one without a vote."""
        members: dict[str, list[MemberSpec]] = {}
        for person in self.members:
            organization, _, name = person["member"].partition(".")
            members.setdefault(organization, []).append(MemberSpec(name, (*person["roles"], "admin")))
        for organization, own in members.items():
            if organization in self.data["validators"] or with_observers:
                own.append(MemberSpec("node", ("validator" if organization in self.data["validators"] else "node",)))
        return NetworkSpecification(
            organizations=(*(OrganizationSpec(name, tuple(own)) for name, own in members.items()), *others),
            validators=tuple(f"{organization}.node" for organization in self.data["validators"]),
            contracts=((contract.name, f"{contract.__module__}:{contract.__name__}"),),
            start_time_ms=START_MS,
        )


def read_cast(package: str, name: str) -> Cast:
    """The cast in `PACKAGE/data/NAME`."""
    return Cast(read_data(package, name))


def read_data(package: str, name: str) -> Any:
    """The JSON of `PACKAGE/data/NAME`."""
    return json.loads((files(package) / "data" / name).read_text(encoding="utf-8"))


def read_phrases(package: str, name: str) -> dict[str, dict[str, Phrase]]:
    """The groups of sentences in `PACKAGE/data/NAME`, a TOML file: `[group]`, then `name = { en = "…", zh = "…" }`."""
    groups = tomllib.loads((files(package) / "data" / name).read_text(encoding="utf-8"))
    return {group: {entry: Phrase(**words) for entry, words in entries.items()} for group, entries in groups.items()}


def filled(words: Phrase, **values: object) -> Phrase:
    """A sentence with its values; one that is a phrase itself stands in each language."""
    said = {name: value if isinstance(value, Phrase) else Phrase(f"{value}", f"{value}") for name, value in values.items()}
    return Phrase(
        words.text("en", **{name: value.en for name, value in said.items()}),
        words.text("zh", **{name: value.zh for name, value in said.items()}),
    )


def read_table(package: str, name: str) -> list[list[str]]:
    """The rows of `PACKAGE/data/NAME`, a CSV file, without its header."""
    return list(csv.reader((files(package) / "data" / name).read_text(encoding="utf-8").splitlines()))[1:]


def write_sample(package: str, directory: Path) -> tuple[str, ...]:
    """Copies `PACKAGE/data/sample` into a new or empty directory and gives the files' names.

    Raises OperatorError `no-sample` where the trade has none, `not-empty` where something is there: nothing is replaced.
    """
    sample = files(package) / "data" / "sample"
    if not sample.is_dir():
        raise OperatorError("no-sample", f"{package} has no sample of own data.")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):  # check: sample-not-empty
        raise OperatorError("not-empty", f"{directory} is not an empty directory; name a new one.")
    directory.mkdir(parents=True, exist_ok=True)
    written = sorted((entry.name, entry.read_bytes()) for entry in sample.iterdir())
    for name, content in written:
        (directory / name).write_bytes(content)
    return tuple(name for name, _ in written)
