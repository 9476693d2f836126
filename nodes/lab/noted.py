"""What honest nodes have noted about each other, gathered from the log of a lab: what a detective looks at first."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ledger.errors import JsonValue
from ledger.identity.records import ValidatorSet
from nodes.lab.feed import Feed

WHAT = ("evidence", "invalid-block", "wrong-signature", "timeout", "heard")
"""A pair of statements that convicts; a block that was refused; a signature that is none; a leader waited for in vain; and
batches that arrived, by sender."""

PAGE = 2_000
"""Records of the log at a time."""
SHORT = 6
"""Digits of a block's id in the log's words."""


def noted(records: Iterable[Mapping[str, Any]], validators: ValidatorSet) -> list[JsonValue]:
    """Rows `{what, about, by: [node, …], times, detail}`, in the order of WHAT and of names."""
    kept = list(records)
    proposers = _proposers(kept)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for record in kept:
        found = _judged(record, validators, proposers)
        if found is None:
            continue
        what, about, detail = found
        row = rows.setdefault((WHAT.index(what), about), {"by": set(), "times": 0, "detail": detail})
        row["by"].add(record["node"])
        row["times"] += 1
    return [{"what": WHAT[place], "about": about, **row, "by": sorted(row["by"])} for (place, about), row in sorted(rows.items())]


def pair_of(record: Mapping[str, Any]) -> str:
    """The kinds of two statements that contradict each other, such as `vote/vote`."""
    return "/".join(sorted(statement["kind"] for statement in record["statements"]))


def _judged(record: Mapping[str, Any], validators: ValidatorSet, proposers: Mapping[str, str]) -> tuple[str, str, str] | None:
    """What, about whom, and a detail; None for what accuses no node."""
    match record["kind"]:
        case "evidence":
            return "evidence", str(record["signer"]), f"{pair_of(record)}, {record['height']}/{record['view']}"
        case "invalid-block":
            return "invalid-block", proposers.get(record["block"][:SHORT], "?"), f"{record['code']}, {record['height']}"
        case "dropped" if record.get("code") == "wrong-signature":
            return "wrong-signature", str(record["sender"]), str(record["message"])
        case "timeout":
            leader = validators.leader(record["height"], record["view"])
            return "timeout", validators.validators[leader].member, f"{record['height']}/{record['view']}"
        case "received":
            return "heard", str(record["from"]), ""
    return None


def _proposers(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Who was the first to send a block, by the start of its id: the log says `block ab12cd`."""
    found: dict[str, str] = {}
    for record in records:
        for message in record["messages"] if record["kind"] == "sent" else ():
            what, _, block = message.partition(" ")
            if what == "block":
                found.setdefault(block, str(record["node"]))
    return found


def read_log(feed: Feed) -> list[dict[str, Any]]:
    """All that the nodes of a lab wrote down since its ledger last went back."""
    if not feed.is_fresh:
        feed.read()
    records: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": 0}
    while (page := json.loads(feed.page(int(page["next"]), PAGE)))["records"]:
        records += page["records"]
    return records
