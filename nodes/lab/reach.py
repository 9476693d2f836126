"""Which node hears which in a lab, why a height therefore waits, and what to expect.

Everything comes from the rows of `GET /network`: what each node reports, and the faults that the lab made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, get_args

from ledger.errors import JsonValue
from nodes.links.faults import EVERYBODY, PERMILLE
from nodes.traitors.kinds import called
from nodes.words import Language, Words

NodeRow = Mapping[str, Any]
"""A node in the answer of `GET /network`."""
COMMA: Mapping[Language, str] = {"en": ", ", "zh": "、"}
SPACE: Mapping[Language, str] = {"en": " ", "zh": ""}
WORDS = Words.of("nodes.lab")["reach"]


@dataclass(frozen=True, slots=True)
class Reach:
    """A lab at one moment."""

    nodes: Sequence[NodeRow]
    groups: Sequence[Sequence[str]]
    """Of a partition."""
    quorum: int
    tolerated: int

    def to_json(self) -> dict[str, JsonValue]:
        """How many are `together`, `why` it waits, what is wrong at `present` and what to `expect`, in both languages."""
        return {
            "together": self.together,
            "why": {language: self.why(language) for language in get_args(Language)},
            "present": {language: list(self.present(language)) for language in get_args(Language)},
            "expect": {language: list(self.expectations(language)) for language in get_args(Language)},
        }

    @property
    def together(self) -> int:
        """Size of the largest group in which each node hears each other."""
        strangers = {
            place: frozenset(at for at, peer in enumerate(self.nodes) if not self._is_linked(node, peer))
            for place, node in enumerate(self.nodes)
            if node["running"]
        }
        return _largest(strangers)

    def why(self, language: Language) -> str:
        """For what the foremost honest node waits, who is missing, and why."""
        node = self._foremost()
        if node is None:
            return _say("none", language)
        consensus, sentences = node["consensus"], [self._waiting(node, language)]
        if self.together < consensus["quorum"]:
            values = {"best": self.together, "count": len(self.nodes), "quorum": consensus["quorum"]}
            sentences.append(_say("too-few", language, **values))
        return SPACE[language].join(sentences)

    def present(self, language: Language) -> tuple[str, ...]:
        """What is wrong now: nodes, then links; a sentence if it is nothing."""
        all_nodes = _say("all", language)
        wrong: list[tuple[str, dict[str, object]]] = [("is-down", {"node": n["member"]}) for n in self.nodes if not n["running"]]
        for node in filter(itemgetter("traitor"), self.nodes):
            wrong.append(("is-traitor", {"node": node["member"], "kind": called(node["traitor"], language)}))
        wrong += [("is-isolated", {"node": node["member"]}) for node in filter(_is_isolated, self.nodes)]
        if self.groups:
            wrong.append(("cut", {"parts": " ‖ ".join(" + ".join(group) for group in self.groups)}))
        for node in self.nodes:
            for fault in node["faults"]:
                if not self._is_told(node, fault):
                    peer = all_nodes if fault["peer"] == EVERYBODY else fault["peer"]
                    values = {"node": node["member"], "peer": peer, "drop": fault["drop_permille"], "delay": fault["delay_ms"]}
                    wrong.append(("link", values))
        return tuple(_say(key, language, **values) for key, values in wrong or [("well", {})])

    def _is_told(self, node: NodeRow, fault: NodeRow) -> bool:
        """Whether a fault is part of an isolation or of the partition."""
        if fault["peer"] == EVERYBODY:
            return _is_isolation(fault)
        return bool(self.groups) and not any({node["member"], fault["peer"]} <= set(group) for group in self.groups)

    def expectations(self, language: Language) -> tuple[str, ...]:
        """What one should see of a network in which this goes wrong."""
        count, best = len(self.nodes), self.together
        traitors = [node["member"] for node in self.nodes if node["traitor"]]
        values = {
            "best": best,
            "count": count,
            "quorum": self.quorum,
            "one": self.quorum - 1,
            "tolerated": self.tolerated,
            "over": self.tolerated + 1,
            "traitors": COMMA[language].join(traitors),
        }
        keys = ["expect-too-few" if best < self.quorum else "expect-missing" if best < count else "expect-whole"]
        if traitors:
            keys.append("expect-betrayed" if len(traitors) > self.tolerated else "expect-traitors")
        if any(_is_slow(fault) for node in self.nodes for fault in node["faults"]):
            keys.append("expect-slow")
        return tuple(_say(key, language, **values) for key in keys)

    def _foremost(self) -> NodeRow | None:
        """The running node that is furthest on, an honest one if there is one."""
        known = [node for node in self.nodes if node["consensus"]]
        return max(
            known,
            key=lambda node: (not node["traitor"], node["consensus"]["height"], node["consensus"]["view"]),
            default=None,
        )

    def _waiting(self, node: NodeRow, language: Language) -> str:
        consensus = node["consensus"]
        awaited, views = consensus["waits_for"], consensus["views"]
        meter = (views[0] if awaited == "finals" else views[-1])["certificates"]["commit" if awaited == "finals" else "notar"]
        skips = views[-1]["certificates"]["skip"]
        values = {
            "height": consensus["height"],
            "view": consensus["view"],
            "quorum": consensus["quorum"],
            "leader": self._because(node, consensus["leader"], language),
            **self._counted(node, meter, language),
        }
        fired = {**values, **self._counted(node, skips, language)}
        is_same = fired["missing"] == values["missing"] and awaited in ("votes", "finals")
        timer = "same" if consensus["timer"] == "fired" and is_same else consensus["timer"]
        clock = "" if timer == "off" else _say(f"timer-{timer}", language, **fired)
        return SPACE[language].join(filter(None, (_say(awaited, language, **values), clock)))

    def _counted(self, node: NodeRow, meter: NodeRow, language: Language) -> dict[str, object]:
        stated = {statement["member"] for statement in meter["stated"]}
        missing = [member for member in node["consensus"]["validators"] if member not in stated]
        names = COMMA[language].join(self._because(node, member, language) for member in missing)
        return {"have": len(stated), "missing": names or "–"}

    def _because(self, node: NodeRow, member: str, language: Language) -> str:
        """A name and why nothing comes from it."""
        other = next((one for one in self.nodes if one["member"] == member), None)
        return _say(f"because-{'late' if other is None or other is node else self._state(node, other)}", language, node=member)

    def _state(self, node: NodeRow, other: NodeRow) -> str:
        if not other["running"]:
            return "down"
        if _is_isolated(other) or _is_isolated(node):
            return "isolated"
        hears, is_heard = self._hears(node, other), self._hears(other, node)
        if not (hears and is_heard):
            return "deaf" if hears else "lost" if is_heard else "cut"
        return "traitor" if other["traitor"] else "silent" if other.get("silent") else "late"

    def _is_linked(self, one: NodeRow, other: NodeRow) -> bool:
        """Whether each hears the other."""
        return self._hears(one, other) and self._hears(other, one)

    def _hears(self, node: NodeRow, sender: NodeRow) -> bool:
        if not node["running"] or not sender["running"]:
            return False
        ends = sender["member"], node["member"]
        is_apart = len(self.groups) > 1 and not any(set(ends) <= set(group) for group in self.groups)
        return node is sender or not (is_apart or _loses(sender, "to", ends[1]) or _loses(node, "from", ends[0]))


def _loses(node: NodeRow, direction: str, peer: str) -> bool:
    """Whether everything that goes from a node `to` a peer, or comes `from` it, is lost."""
    return any(
        fault["drop_permille"] >= PERMILLE and fault["peer"] in (peer, EVERYBODY) and fault["direction"] in (direction, "both")
        for fault in node["faults"]
    )


def _is_isolated(node: NodeRow) -> bool:
    return any(map(_is_isolation, node["faults"]))


def _is_isolation(fault: NodeRow) -> bool:
    return bool(fault["peer"] == EVERYBODY and fault["direction"] == "both" and fault["drop_permille"] >= PERMILLE)


def _largest(strangers: Mapping[int, frozenset[int]]) -> int:
    """Size of the largest set of these none of which is among the strangers of another."""
    counts = {one: len(strangers.keys() & others) for one, others in strangers.items()}
    if max(counts.values(), default=0) <= 1:  # one of each pair of strangers belongs to it, and all others
        return len(counts) - sum(counts.values()) // 2
    worst = max(counts, key=lambda one: counts[one])
    without = {one: others for one, others in strangers.items() if one != worst}
    among = {one: others for one, others in without.items() if one not in strangers[worst]}
    return max(1 + _largest(among), _largest(without))


def _is_slow(fault: NodeRow) -> bool:
    return bool(fault["delay_ms"] > 0 or 0 < fault["drop_permille"] < PERMILLE)


def _say(key: str, language: Language, **values: object) -> str:
    return WORDS[key].text(language, **values)
