"""Government services as a scenario: its network, story, invariants, exhibits and words under one name."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios.government.cast import BAIHUA, CAST, JINNONG, NETWORK, ORGANIZATIONS, QINGTENG, identifier
from scenarios.government.contract import Government
from scenarios.government.exhibits import exhibits, key_figures
from scenarios.government.invariants import findings
from scenarios.government.own_catalogue import read_catalogue, story_of
from scenarios.government.story_account import write_account, write_attacks
from scenarios.government.story_citizen import write_citizen, write_inquiry
from scenarios.government.story_court import write_court, write_deposit
from scenarios.government.story_licences import write_branches, write_catalogue, write_licences
from scenarios.government.story_overnight import write_overnight, write_own_data
from scenarios.government.story_permit import write_deadlines, write_sharing, write_window
from scenarios.story.short import read_short
from scenarios.story.story import Scenario, written

WORDS = read_words("scenarios.government")

CHAPTERS = (
    write_catalogue, write_licences, write_account, write_attacks, write_window, write_sharing, write_deadlines, write_overnight,
    write_own_data, write_deposit, write_citizen, write_court, write_inquiry, write_branches,
)  # fmt: skip
"""In the order of time: a small company's day, and what others try with its licence, its code and its data."""
TERMS: Mapping[str, Phrase] = {
    **WORDS.terms,
    **ORGANIZATIONS,
    identifier(QINGTENG): Phrase("Qingteng's licence", "青藤的执照"),
    identifier(QINGTENG, 2): Phrase("Qingteng's licence, version 2", "青藤的执照第 2 版"),
    identifier(BAIHUA): Phrase("Baihua's licence", "百花的执照"),
    identifier(JINNONG): Phrase("Jinnong's licence", "金农的执照"),
}
"""Names that people meet in refusals and plots: organizations and licences of the story, and the words of the trade."""


def with_data(folder: Path) -> Scenario:
    """The same rules over the user's own catalogue, services and requests: three CSV files in a folder."""
    own = read_catalogue(folder)
    entries, requests = len(own.entries), len(own.requests)
    return replace(
        SCENARIO,
        short=None,
        summary=Phrase(f"{entries} entries of a catalogue, {requests} requests.", f"目录 {entries} 项，申请 {requests} 件。"),
        story=partial(story_of, own),
        exhibits=partial(exhibits, names=("needs", "deadlines")),
    )


SCENARIO: Scenario = Scenario(
    name="government",
    title=Phrase("Government services", "政务服务"),
    summary=Phrase(
        "A small company wants a bank account and a permit on one day. Departments share data instead of sending it around, a "
        "code opens its licence once, a bank knows it without paper, and a court compares a menu byte for byte. No personal "
        "data are on the ledger.",
        "一家小企业想在同一天开户并办许可：部门共享数据代替企业跑腿，授权码只开一次证照，银行无纸核验，法院逐字节比对菜单。"
        "账本上没有任何个人信息。",
    ),
    contract=Government,
    specification=partial(NETWORK.network, Government),
    story=partial(written, CHAPTERS),
    findings=findings,
    exhibits=exhibits,
    key_figures=key_figures,
    cast=CAST,
    sources=WORDS.sources,
    operator="data-bureau",
    short=partial(read_short, "scenarios.government"),
    terms=TERMS,
    with_data=with_data,
    sample="tallystick demo government --data {directory}",
)
