"""Shipping as a scenario: its cast, story, invariants and exhibits under one name."""

from functools import partial

from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from nodes.network.specification import NetworkSpecification
from scenarios.shipping import story_booking, story_release, story_title, story_voyage
from scenarios.shipping.cast import CAST, PARTIES
from scenarios.shipping.contract import Shipping
from scenarios.shipping.exhibits import exhibits, key_figures
from scenarios.shipping.invariants import findings
from scenarios.story.short import read_short
from scenarios.story.story import Scenario, written

WORDS = read_words("scenarios.shipping")

CHAPTERS = (
    story_booking.write_booking, story_booking.write_instructions, story_voyage.write_gate, story_booking.write_documents,
    story_voyage.write_departure, story_title.write_credits, story_title.write_two_banks, story_title.write_platforms,
    story_voyage.write_transhipment, story_title.write_paper, story_title.write_bearer, story_voyage.write_excursion,
    story_release.write_arrival, story_title.write_surrender, story_release.write_release, story_release.write_returns,
)  # fmt: skip
"""In the order of time: solar modules from Shanghai to Hamburg, and everybody who would like to have them twice."""


def specification() -> NetworkSpecification:
    """Each party is an organization of its own."""
    return PARTIES.network(Shipping)


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
    story=partial(written, CHAPTERS),
    findings=findings,
    exhibits=exhibits,
    key_figures=key_figures,
    cast=CAST,
    sources=WORDS.sources,
    operator="canghai",
    short=partial(read_short, "scenarios.shipping"),
    terms=WORDS.terms,
    currency="€",
    sample="tallystick shipping import --dry-run {directory}/events.json {directory}/transport-document.json "
    "{directory}/endorsement-chain.json",
)
