"""Plays a contract in two interpreters that order their hashes and lay out their memory differently, and compares the receipts.

Each is a process of its own, `python -m nodes.contract_author.interpreters MODULE:CLASS [FOLDER]`: a line of steps comes in, a
line of receipts goes out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.contract.played_steps import BrokenPropertyError, Step, members_for, receipts_of
from ledger.contract.source_rules.loader import find_contract
from nodes.contract_author.located import Located, importable

SEEDS = ("1", "2")
"""Of PYTHONHASHSEED."""
PROJECT = Path(__file__).resolve().parent.parent.parent
Play = Callable[[Sequence[Step]], list[str]]


def other_receipts(located: Located, plays: Sequence[Sequence[Step]]) -> tuple[list[Step], list[str], str] | None:
    """The first sequence whose receipts differ by a byte, without the steps that it does not need; or None.

    With the codes of all steps but the last, and what differs.
    """
    with ExitStack() as running:
        one, other = (running.enter_context(_interpreter(located, seed)) for seed in SEEDS)
        for steps in plays:
            ours, theirs = one(steps), other(steps)
            if ours != theirs:
                place = next(place for place, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1])
                shortest = _shortest(list(steps[: place + 1]), one, other)
                ours, theirs = one(shortest), other(shortest)
                codes = [str(json.loads(receipt)["code"]) for receipt in ours[:-1]]
                return shortest, codes, " ≠ ".join(_differing(ours[-1], theirs[-1]))
    return None


def _shortest(steps: list[Step], one: Play, other: Play) -> list[Step]:
    for step in steps[:-1]:
        fewer = [kept for kept in steps if kept is not step]
        ours, theirs = one(fewer), other(fewer)
        if ours[:-1] == theirs[:-1] and ours != theirs:
            steps = fewer
    return steps


def _differing(ours: str, theirs: str) -> tuple[str, str]:
    """Of two receipts what differs, as far as it is no digest."""
    one, other = json.loads(ours), json.loads(theirs)
    names = [name for name in one if one[name] != other[name]]
    shown = [name for name in names if name != "writes"] or names
    first, second = ({name: values[name] for name in shown} for values in (one, other))
    return json.dumps(first, ensure_ascii=False), json.dumps(second, ensure_ascii=False)


@contextmanager
def _interpreter(located: Located, seed: str) -> Iterator[Play]:
    folder = [] if located.root is None else [str(located.root)]
    # -P: a file called like a module of Python, in the folder where somebody works, is not imported in its place
    command = [sys.executable, "-P", "-m", "nodes.contract_author.interpreters", located.import_string, *folder]
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    with subprocess.Popen(  # noqa: S603  # this interpreter, and a contract that was judged
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def play(steps: Sequence[Step]) -> list[str]:
            rows = [([signer.member for signer in step.signers], step.operation, step.arguments, step.time_ms) for step in steps]
            asked.write(json.dumps(rows) + "\n")
            asked.flush()
            return [str(receipt) for receipt in json.loads(answers.readline())]

        yield play


def main() -> None:
    """Answers until nothing more is asked."""
    import_string, *folder = sys.argv[1:]
    module, _, name = import_string.partition(":")
    with importable(Located(module, name, Path(folder[0]) if folder else None)):
        contract = find_contract(import_string)
        members = {member.member: member for member in members_for(contract)}
        for line in sys.stdin:
            steps = [Step(tuple(members[name] for name in names), *rest) for names, *rest in json.loads(line)]
            try:
                receipts = [receipt.decode() for receipt in receipts_of(contract, steps)]
            except BrokenPropertyError as error:
                receipts = [json.dumps({"code": str(error)})]
            print(json.dumps(receipts), flush=True)


if __name__ == "__main__":
    main()
