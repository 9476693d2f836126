"""Names that people meet in refusals and plots: organizations and licences of the story, and the words of the trade."""

from collections.abc import Mapping

from ledger.contract.refusal import Phrase
from scenarios.government.cast import BAIHUA, JINNONG, ORGANIZATIONS, QINGTENG, identifier
from scenarios.government.contract import WORDS

TERMS: Mapping[str, Phrase] = {
    **WORDS.terms,
    **ORGANIZATIONS,
    identifier(QINGTENG): Phrase("Qingteng's licence", "青藤的执照"),
    identifier(QINGTENG, 2): Phrase("Qingteng's licence, version 2", "青藤的执照第 2 版"),
    identifier(BAIHUA): Phrase("Baihua's licence", "百花的执照"),
    identifier(JINNONG): Phrase("Jinnong's licence", "金农的执照"),
}
