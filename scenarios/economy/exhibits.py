"""What the report of the one day shows: how often contracts relied on each other's records, who on whom, and each look."""

from functools import partial

from ledger.contract.contract import ContractSet
from ledger.contract.refusal import Phrase
from nodes.words import Words
from scenarios.data_files import filled
from scenarios.economy.cast import CAST, TERMS, TRADES
from scenarios.economy.reliance import CrossRead, cross_reads, reliance
from scenarios.plots import matrix
from scenarios.story.story import Exhibit, KeyFigure, Language, PlayedStory, exhibit, organization_called

WORDS = Words.of("scenarios.economy")
CONTRACTS = ContractSet({trade.contract.name: trade.contract for trade in TRADES})
called = partial(organization_called, CAST)
"""How people call an organization of the cast."""
TITLES = {trade.contract.name: trade.title for trade in TRADES}


def key_figures(played_story: PlayedStory) -> tuple[KeyFigure, ...]:
    """How often contracts relied on each other, and how often that was why something was refused."""
    reads = tuple(cross_reads(CONTRACTS, played_story.export))
    refused = [read for read in reads if read.code != "ok"]
    places = len({read.place for read in reads})
    return (
        _counted("reads", len(reads), records=places),
        _counted("refusals", len(refused), rules=len({read.code for read in refused})),
    )


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Who relied on whom, and each look."""
    reads = tuple(cross_reads(CONTRACTS, played_story.export))
    return _who_on_whom(reads), _each(reads)


def _counted(name: str, count: int, **values: object) -> KeyFigure:
    words = WORDS[name]
    return KeyFigure(words["title"], (("computed", Phrase(f"{count:,}", f"{count:,}")),), filled(words["reading"], **values))


def _who_on_whom(reads: tuple[CrossRead, ...]) -> Exhibit:
    """A row who relied, a column who was relied on."""
    counted, words = reliance(reads), WORDS["who"]
    readers, writers = (tuple(dict.fromkeys(pair[place] for pair in counted)) for place in (0, 1))

    def draw(language: Language) -> str:
        rows = [
            (called(reader, language), [f"{counted.get((reader, writer), 0) or '–'}" for writer in writers]) for reader in readers
        ]
        return matrix(
            words["corner"].said(language),
            [called(name, language) for name in writers],
            rows,
            are_numbers=True,
        )

    return exhibit(words["title"], words["reading"], draw, ("computed",))


def _each(reads: tuple[CrossRead, ...]) -> Exhibit:
    words = WORDS["each"]

    def row(read: CrossRead, language: Language) -> tuple[str, list[str]]:
        reader, operation = read.operation.split(".")
        contract, collection, key = read.place
        who, whose = (", ".join(called(name, language) for name in names) for names in (read.readers, read.writers))
        name = TERMS[key].said(language) if key in TERMS else key
        asked = f"{TITLES[contract].said(language)}: {collection} / {name}"
        return f"{TITLES[reader].said(language)}: {operation}", [who, asked, whose or words["nobody"].said(language), read.code]

    def draw(language: Language) -> str:
        corner, *header = words["header"].said(language).split("|")
        return matrix(corner, header, [row(read, language) for read in reads])

    return exhibit(words["title"], words["reading"], draw, ("computed",))
