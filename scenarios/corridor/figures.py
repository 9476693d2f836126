"""The two figures of the corridor: what crossing costs, and which ledger caught what."""

from collections import Counter

from ledger.contract.refusal import Phrase
from scenarios.corridor.cast import CALLED
from scenarios.corridor.stage import PlayedCorridor
from scenarios.story.play import outcomes_of
from scenarios.story.story import KeyFigure, Language, PlayedStory


def key_figures(played_story: PlayedStory) -> tuple[KeyFigure, ...]:
    """Proofs and headers that crossed; refused attempts by ledger."""
    assert isinstance(played_story, PlayedCorridor)
    return _crossed(played_story), _caught(played_story)


def _crossed(played: PlayedCorridor) -> KeyFigure:
    proofs, headers = len(played.crossings), len(played.carried)
    each = sum(one.bytes_sent for one in played.crossings) // max(1, proofs)
    header = sum(one.bytes_sent for one in played.carried) // max(1, headers)
    checked = sum(one.signatures for one in played.carried)
    return KeyFigure(
        Phrase("Proofs that crossed", "跨账本证明"),
        (("computed", Phrase(f"{proofs:,}, of {each:,} bytes each", f"{proofs:,} 个，平均 {each:,} 字节")),),
        Phrase(
            f"A relayer brought headers beside them, in {headers:,} transactions of {header:,} bytes each, "
            f"with {checked:,} signatures to check.",
            f"按故事统计。另由中继以 {headers:,} 笔交易带来区块头，平均 {header:,} 字节，共需验证 {checked:,} 个签名。",
        ),
    )


def _caught(played: PlayedCorridor) -> KeyFigure:
    caught = Counter(call.ledger for step in played.steps for call, outcome in outcomes_of(step) if outcome.outcome == "rejected")

    def said(language: Language) -> str:
        return ", ".join(f"{CALLED[name].said(language)} {count:,}" for name, count in caught.most_common())

    return KeyFigure(
        Phrase("Caught by a rule on", "由规则识破"),
        (("computed", Phrase(said("en"), said("zh").replace(", ", "，"))),),
        Phrase("Refused attempts of the story, by the ledger that refused.", "故事中被拒绝的尝试，按拒绝的账本统计。"),
    )
