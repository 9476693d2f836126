"""Makes `scenarios/sample.jsonl`: the export of a small simulated ledger, the same bytes on every machine.

    python -m scenarios.sample            writes the file
    tallystick verify scenarios/sample.jsonl

Two organizations with two validators each. An asset is issued and passed on; who held it before is refused.
"""

from importlib.resources import files
from pathlib import Path

from ledger.contract.calendar import DAY_MS
from nodes.network.specification import LAB_START_MS, MemberSpec, NetworkSpecification, OrganizationSpec
from nodes.sample_contract import Asset
from scenarios.story.play import Prepared
from scenarios.story.simulated_stage import SimulatedStage

SEED = 2026
BYTES_MAX = 20_000
NODES = (MemberSpec("one", ("validator",)), MemberSpec("two", ("validator",)))


def sample_lines() -> bytes:
    """The whole file."""
    people = MemberSpec("wang", ("member", "admin"))
    specification = NetworkSpecification(
        organizations=(OrganizationSpec("maker", (people, *NODES)), OrganizationSpec("bank", (people, *NODES))),
        validators=("maker.one", "bank.one", "maker.two", "bank.two"),
        contracts=((Asset.name, "nodes.sample_contract:Asset"),),
        start_time_ms=LAB_START_MS,
    )
    stage = SimulatedStage(specification, SEED)
    stage.set_clock(LAB_START_MS + DAY_MS)
    stage.submit(("maker.wang",), [Prepared(Asset.issue, {"number": "tally-1", "to": "bank.wang"})])
    stage.submit(("bank.wang",), [Prepared(Asset.transfer, {"number": "tally-1", "to": "maker.wang"})])
    stage.submit(("bank.wang",), [Prepared(Asset.transfer, {"number": "tally-1", "to": "bank.wang"})])
    return b"".join(line + b"\n" for line in stage.simulation.view().export())


def sample_path() -> Path:
    """Where the file lies in the package."""
    return Path(str(files("scenarios") / "sample.jsonl"))


if __name__ == "__main__":
    sample_path().write_bytes(sample_lines())
