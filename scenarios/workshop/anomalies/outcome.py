"""How an attack ends, in one vocabulary for all systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ledger.errors import JsonValue
from scenarios.story.story import Words

Outcome = Literal["undetected", "detected-later", "refused", "goes-on", "waits", "lost", "not-applicable"]

OUTCOMES: Mapping[Outcome, Words] = {
    "undetected": Words("undetected", "未被发现"),
    "detected-later": Words("detected later", "事后发现"),
    "refused": Words("refused at once", "当场拒绝"),
    "goes-on": Words("goes on", "继续运行"),
    "waits": Words("waits", "等待"),
    "lost": Words("lost", "有丢失"),
    "not-applicable": Words("not applicable", "不适用"),
}
NOBODY = Words("", "")
ANYBODY = Words("by anybody with a copy", "任何持有副本者")
KEEPER = Words("only by who kept an old digest", "仅限留有旧摘要者")
READERS = Words("by readers who compare", "相互对照的读者")
CONVICTED = Words("by anybody, with names", "任何人，并指名")
ONE_SIDE = Words("on the server's side", "仅服务器一侧")
NO_FAULT = Words("f = 0", "f = 0")


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen."""

    outcome: Outcome
    by: Words
    """Who finds it out, or where it holds; empty where that says nothing."""
    evidence: tuple[str, ...]
    """What the system or the verifier said, word for word."""

    def to_json(self) -> dict[str, JsonValue]:
        """Without sentences."""
        return {"outcome": self.outcome, "evidence": [*self.evidence]}
