"""The teacher's table: where each group is, what its lab still misses, and whether it needs help, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import JsonValue
from nodes.words import Language, Words

MINUTE_MS = 60_000
TRIES_MANY = 3
"""Checks with something missing, after which a group is stuck."""
NOTHING = "–"
WORDS = Words.of("scenarios.workshop.serve")["rows"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the control of a group answered: None where it said nothing."""

    network: Mapping[str, Any] | None
    exercises: Sequence[Mapping[str, Any]] | None
    now_ms: int
    language: Language

    def row(self) -> dict[str, JsonValue]:
        """For the page: `cells` are pairs of words and smaller words."""
        lab = next((one for one in self.exercises or () if one["started"]), None)
        nodes = self.network["nodes"] if self.network else []
        height = max((node["height"] or 0 for node in nodes), default=0)
        needs = self._say("and").join(self._needs(lab))
        ledger = self._say("ledger", height=height, up=sum(node["running"] for node in nodes), of=len(nodes)) if nodes else ""
        cells = [
            (needs or self._state(), ledger),
            (self._story(), ""),
            *(((NOTHING, ""),) * 3 if lab is None else (self._lab(lab), self._check(lab), self._missing(lab))),
            (" ".join(str(one["number"]) for one in self.exercises or () if one["done"]) or NOTHING, ""),
        ]
        return {
            "frozen": bool(self.network and self.network["frozen"]),
            "at": self.network["story"]["at"] if self.network else 0,
            "height": height,
            "needs": needs,
            "cells": [list(cell) for cell in cells],
        }

    def _needs(self, lab: Mapping[str, Any] | None) -> Iterator[str]:
        """Why the teacher should go there first; nodes that are down are no reason, they may be the lab's own doing."""
        job = (self.network or {}).get("job") or {}
        if self.network is None:
            yield self._say("silent")
        elif job.get("state") == "failed":
            yield self._say("failed", message=job.get("message"))
        if lab is not None and not lab["done"]:
            if lab["missing"] and lab["tries"] >= TRIES_MANY:
                yield self._say("stuck", tries=lab["tries"])
            if self.now_ms - lab["started_ms"] > lab["minutes"] * MINUTE_MS:
                yield self._say("late")

    def _state(self) -> str:
        assert self.network is not None, "a group that says nothing needs help"
        job = self.network.get("job") or {}
        if self.network["frozen"]:
            return self._say("frozen")
        return self._say("works", what=job["what"]) if job.get("state") in ("running", "waiting") else self._say("ready")

    def _story(self) -> str:
        story = self.network and self.network.get("story")
        return f"{story['at']}/{story['of']}" if story else NOTHING

    def _lab(self, lab: Mapping[str, Any]) -> tuple[str, str]:
        since = self._say("since", minutes=self._minutes(lab["started_ms"]), of=lab["minutes"])
        return f"{lab['number']} {lab['title']}", since

    def _check(self, lab: Mapping[str, Any]) -> tuple[str, str]:
        if lab["checked_ms"] is None:
            return NOTHING, ""
        said = self._say("missing", count=len(lab["missing"])) if lab["missing"] else self._say("done")
        return said, self._say("ago", minutes=self._minutes(lab["checked_ms"]))

    def _missing(self, lab: Mapping[str, Any]) -> tuple[str, str]:
        """The first in the order of the handout: the others often hang on it."""
        first, *others = lab["missing"] or [NOTHING]
        return first.replace("`", ""), self._say("more", count=len(others)) if others else ""

    def _minutes(self, since_ms: int) -> int:
        return max(0, self.now_ms - since_ms) // MINUTE_MS

    def _say(self, key: str, **values: object) -> str:
        return WORDS[key].text(self.language, **values)


def said_of_all(rows: Sequence[Mapping[str, Any]], language: Language) -> dict[str, JsonValue]:
    """Whether the room is frozen, and which groups the teacher should see first."""
    frozen = [row["number"] for row in rows if row["frozen"]]
    is_all = len(frozen) == sum(row["network"] is not None for row in rows)
    said = WORDS["free" if not frozen else "all-frozen" if is_all else "some-frozen"]
    needs = [WORDS["needs"].text(language, number=row["number"], why=row["needs"]) for row in rows if row["needs"]]
    help_ = WORDS["help" if needs else "calm"].text(language, needs=" · ".join(needs))
    return {"frozen": bool(frozen), "said": said.text(language, numbers=", ".join(map(str, frozen))), "help": help_}


def chapters_of(story: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Titles, and the number and words of each step, of the answer of `GET /story`."""
    chapters: list[dict[str, Any]] = [{"title": one["title"], "steps": []} for one in story["chapters"]]
    for step in story["steps"]:
        chapters[step["chapter"]]["steps"].append({"number": step["number"], "words": step["words"]})
    return chapters
