"""The energy records as a scenario: cast, story, invariants and exhibits under one name."""

from scenarios.energy.cast import CAST, specification
from scenarios.energy.contract import WORDS, Energy
from scenarios.energy.exhibits import exhibits
from scenarios.energy.invariants import findings
from scenarios.energy.own_data import with_data
from scenarios.energy.story import story
from scenarios.story.story import Scenario, Words

SCENARIO: Scenario = Scenario(
    name="energy",
    title=Words("Energy records", "能源记录"),
    summary=Words(
        "A data centre wants to be green in every hour. Wind, sun and a battery are certified by the hour, used once, and "
        "claimed in the hour in which they were generated; the average of a day does not pass.",
        "一家数据中心要做到每小时都用绿电。风、光、储逐小时核发证书，只用一次，在发电的那一小时声明；全天平均数过不了关。",
    ),
    contract=Energy,
    specification=specification,
    story=story,
    findings=findings,
    exhibits=exhibits,
    cast=CAST,
    sources=WORDS.sources,
    terms=WORDS.terms,
    with_data=lambda path: with_data(SCENARIO, path),
)
