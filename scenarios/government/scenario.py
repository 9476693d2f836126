"""Government services as a scenario: its cast, story, invariants and exhibits under one name."""

from scenarios.government.cast import CAST, specification
from scenarios.government.contract import WORDS, Government
from scenarios.government.exhibits import exhibits
from scenarios.government.invariants import findings
from scenarios.government.story import story
from scenarios.government.terms import TERMS
from scenarios.story.story import Scenario, Words

SCENARIO = Scenario(
    name="government",
    title=Words("Government services", "政务服务"),
    summary=Words(
        "A small company wants a bank account and a permit on one day. Departments share data instead of sending it around, a "
        "code opens its licence once, a bank knows it without paper, and a court compares a menu byte for byte. No personal "
        "data are on the ledger.",
        "一家小企业想在同一天开户并办许可：部门共享数据代替企业跑腿，授权码只开一次证照，银行无纸核验，法院逐字节比对菜单。"
        "账本上没有任何个人信息。",
    ),
    contract=Government,
    specification=specification,
    story=story,
    findings=findings,
    exhibits=exhibits,
    cast=CAST,
    sources=WORDS.sources,
    terms=TERMS,
)
