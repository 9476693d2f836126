"""Shipping as a scenario: its cast, story, invariants and exhibits under one name."""

from scenarios.shipping.cast import CAST, specification
from scenarios.shipping.contract import WORDS, Shipping
from scenarios.shipping.exhibits import exhibits
from scenarios.shipping.invariants import findings
from scenarios.shipping.story import story
from scenarios.story.story import Scenario, Words

SCENARIO = Scenario(
    name="shipping",
    title=Words("Maritime shipping", "海运"),
    summary=Words(
        "Solar modules go from Shanghai to Hamburg. One bill of lading is offered to two banks, back-dated, copied, switched to "
        "paper and asked for without papers; the goods go once, to the one who surrendered it.",
        "光伏组件由上海运往汉堡。同一份提单有人想一单两押、倒签、复制、转纸质再卖、无单放货；货物只放一次，只给交单的人。",
    ),
    contract=Shipping,
    specification=specification,
    story=story,
    findings=findings,
    exhibits=exhibits,
    cast=CAST,
    sources=WORDS.sources,
    terms=WORDS.terms,
    currency="€",
)
