"""Shipping as a scenario: its cast, story, invariants and exhibits under one name."""

from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from nodes.network.specification import NetworkSpecification
from scenarios.shipping.cast import CAST, PARTIES
from scenarios.shipping.contract import Shipping
from scenarios.shipping.exhibits import exhibits
from scenarios.shipping.invariants import findings
from scenarios.shipping.story_booking import write_booking, write_documents, write_instructions
from scenarios.shipping.story_release import write_arrival, write_release, write_returns
from scenarios.shipping.story_title import (
    write_bearer,
    write_credits,
    write_paper,
    write_platforms,
    write_surrender,
    write_two_banks,
)
from scenarios.shipping.story_voyage import write_departure, write_excursion, write_gate, write_transhipment
from scenarios.story.story import Scenario, Story, StoryWriter

WORDS = read_words("scenarios.shipping")

CHAPTERS = (
    write_booking, write_instructions, write_gate, write_documents, write_departure, write_credits, write_two_banks,
    write_platforms, write_transhipment, write_paper, write_bearer, write_excursion, write_arrival, write_surrender,
    write_release, write_returns,
)  # fmt: skip
"""In the order of time."""


def specification() -> NetworkSpecification:
    """Each party is an organization of its own."""
    return PARTIES.network(Shipping)


def story() -> Story:
    """Solar modules from Shanghai to Hamburg, and everybody who would like to have them twice."""
    writer = StoryWriter()
    for write in CHAPTERS:
        write(writer)
    return writer.story()


SCENARIO = Scenario(
    name="shipping",
    title=Phrase("Maritime shipping", "海运"),
    summary=Phrase(
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
