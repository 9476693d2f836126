"""What the report shows of a played trade, in the order in which a practitioner asks: price, speed, reach, trees, risk, books.

The words stand in `data/exhibits.toml` by the name of each; a row of a chart has a label and numbers, a series a name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ledger.contract.calendar import date_text
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios.data_files import filled, read_phrases
from scenarios.plots import Bar, Flow, Group, Node, Place, columns, grouped_bars, matrix, sankey, stacked_bars, tree
from scenarios.plots.drawing import Basis, plain
from scenarios.story.play import totals_of
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, exhibit
from scenarios.supply_chain_finance import figures
from scenarios.supply_chain_finance.cast import PACKAGE
from scenarios.supply_chain_finance.records import Certificate

WORDS = read_words(PACKAGE)
SAID = read_phrases(PACKAGE, "exhibits.toml")
COMMON, KINDS = SAID["common"], SAID["detection_kinds"]
STATE_FILLS = {
    "settled": "#d5efe9", "overdue": "#fbe3c0", "recourse": "#fbe3c0", "written-off": "#f6c9c2", "rejected": "#eceff3",
}  # fmt: skip
AGAINST: tuple[Basis, ...] = ("story", "assumed")
"""With the ledger, and without it."""
COMPARED: tuple[Basis, ...] = ("computed", "story", "assumed")
CORE_FILL, BANK_FILL, HELD_FILL = "#0f766e", "#1f3a5f", "#eceff3"
TIER_FILLS = ("#c98a2f", "#e0a458", "#ebc48f", "#f3dfc1")
"""Suppliers by tier: the further from the core, the lighter."""
TREES_MAX = 8
"""At most this many trees are drawn, the first ones."""
CORES_MAX = 4
"""Cores that have a colour each in a stack; the others share one."""
BOOK_DAYS_MAX = 40
Row = tuple[Phrase, Sequence[tuple[int, Phrase]]]
"""A label, and numbers with what stands beside each."""


@dataclass(frozen=True, slots=True)
class Played:
    """Whom a played story is about."""

    cast: Mapping[str, Phrase]
    tiers: Mapping[str, int]
    """Supplier -> how far it delivers from a core."""
    root: str = ""
    """A certificate that the report follows; empty for none."""
    cores: tuple[str, ...] = ()
    """Cores whose trees are drawn where one is followed."""

    def called(self, name: str) -> Phrase:
        """How people call a member."""
        return self.cast.get(name) or _same(name)


def exhibits(played_story: PlayedStory, played: Played) -> tuple[Exhibit, ...]:
    """Every exhibit that has something to show."""
    shown = (
        detected(), cost(played_story, played), speed(played_story, played), reach(played_story, played),
        way(played_story, played), holders(played_story, played), trees(played_story, played), maturities(played_story, played),
        against_lines(played_story, played), concentration(played_story, played), defaulted(played_story),
        shocked(played_story, played), refused(played_story), reconciled(played_story, played),
    )  # fmt: skip
    return tuple(found for found in shown if found is not None)


def cost(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """1: effective annual cost by tier, with and without the ledger."""
    rows = [
        (_counted(f.tier, f.count), [(ppm, _same(percent(ppm))) for ppm in (f.cost_ppm, f.cost_alone_ppm)])
        for f in figures.tier_figures(played_story.records, tiers=played.tiers)
    ]
    return _chart(partial(grouped_bars, bases=AGAINST), "cost", rows, bases=COMPARED, **_made_up(played))


def speed(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """2: days from invoice to cash by tier."""
    rows = [
        (
            _counted(f.tier, f.count),
            [(days, filled(COMMON["days"], number=days)) for days in (f.days_to_cash, f.days_to_cash_alone)],
        )
        for f in figures.tier_figures(played_story.records, tiers=played.tiers)
    ]
    return _chart(partial(grouped_bars, bases=AGAINST), "speed", rows, bases=COMPARED, **_made_up(played))


def key_figures(played_story: PlayedStory, played: Played) -> tuple[KeyFigure, ...]:
    """How well duplicates are found, and days to cash over all tiers, each certificate once."""
    found, asked = figures.detection(), SAID["detection"]
    shares = [("recall", found.recall_ppm, found.frauds), ("alarms", found.alarms_ppm, found.honest)]
    values = [
        filled(asked[name], share=percent(share), count=f"{sum(count for count, _ in kinds.values()):,}")
        for name, share, kinds in shares
    ]
    duplicates = KeyFigure(
        asked["title"], tuple(("computed", value) for value in values), filled(asked["reading"], seed=found.seed)
    )
    tiers = figures.tier_figures(played_story.records, tiers=played.tiers)
    count, words = sum(f.count for f in tiers), SAID["days_to_cash"]
    if not count:
        return (duplicates,)
    sums = sum(f.days_to_cash * f.count for f in tiers), sum(f.days_to_cash_alone * f.count for f in tiers)
    means = (filled(COMMON["days"], number=days // count) for days in sums)
    cash = KeyFigure(words["title"], tuple(zip(AGAINST, means, strict=True)), filled(words["reading"], certificates=count))
    return (duplicates, cash)


def detected() -> Exhibit:
    """0: recall and false alarms of duplicate detection, kind by kind."""
    found, words = figures.detection(), SAID["detection"]

    def draw(language: Language) -> str:
        kinds = {**found.frauds, **found.honest}
        rows = [
            (KINDS[kind].said(language), (f"{hits}", f"{count:,}", percent(hits * 1_000_000 // count)))
            for kind, (count, hits) in kinds.items()
        ]
        first, *header = words["header"].said(language).split("|")
        return matrix(first, header, rows, are_numbers=True)

    return exhibit(words["table"], filled(words["method"], seed=found.seed), draw, ("computed",))


def reach(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """3: what share of what a tier is owed became a promise that a bank finances."""
    rows: list[Row] = []
    for f in figures.reach_figures(played_story.records, played.tiers):
        share = percent(f.received_cents * 1_000_000 // f.invoiced_cents) if f.invoiced_cents else "–"
        kept = max(0, f.received_cents - f.passed_on_cents - f.financed_cents)
        values = (f.financed_cents, f.passed_on_cents, kept, f.invoiced_cents - f.received_cents)
        rows.append((_after(_tier(f.tier), f" · {share}"), _money(values)))
    return _chart(stacked_bars, "reach", rows)


def way(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4a: from the cores through the tiers to those who hold the promise."""
    ribbons, words = figures.flows(played_story.records, played.tiers), SAID["way"]

    def place(name: str, language: Language) -> Place:
        if name.startswith("tier "):
            tier = int(name.removeprefix("tier "))
            return Place(_tier(tier).said(language), TIER_FILLS[min(tier, 4) - 1])
        if name == "held":
            return Place(words["kept"].said(language), HELD_FILL)
        is_bank = getattr(played_story.records["parties"].get(name), "kind", "") == "bank"
        return Place(played.called(name).said(language), BANK_FILL if is_bank else CORE_FILL)

    def draw(language: Language) -> str:
        places = {name: place(name, language) for name in sorted({name for pair in ribbons for name in pair})}
        drawn = [Flow(source, target, cents, money(cents)) for (source, target), cents in ribbons.items()]
        return sankey(drawn, places, words["title"].said(language), ends_right=True)

    return exhibit(words["title"], words["reading"], draw) if ribbons else None


def holders(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4b: one root to its leaves, by holder."""
    of_root = {key: one for key, one in figures.certificates(played_story.records).items() if one.root == played.root}
    title = filled(SAID["holders"]["title"], root=played.root)

    def place(certificate: Certificate, language: Language) -> Place:
        fill = CORE_FILL if certificate.holder == certificate.core else BANK_FILL
        if certificate.holder in played.tiers:
            fill = TIER_FILLS[min(played.tiers[certificate.holder], 4) - 1]
        said = f"{money(certificate.amount_cents)} {WORDS.terms[certificate.state].said(language)}"
        return Place(played.called(certificate.holder).said(language), fill, said)

    def draw(language: Language) -> str:
        places = {key: place(one, language) for key, one in of_root.items()}
        drawn = [Flow(one.parent, key, one.amount_cents, money(one.amount_cents)) for key, one in of_root.items() if one.parent]
        return sankey(drawn, places, title.said(language), height=460)

    return exhibit(title, SAID["holders"]["reading"], draw) if len(of_root) > 1 else None


def trees(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4c: the certificates as trees of boxes."""
    held, words = figures.certificates(played_story.records), SAID["trees"]
    roots = [key for key, one in held.items() if not one.parent]
    drawn = [key for key in roots if not played.root or held[key].core in played.cores][:TREES_MAX]

    def node(key: str, language: Language) -> Node:
        one = held[key]
        number = key.removeprefix(one.root) if one.parent else key
        holder, state = played.called(one.holder).said(language), WORDS.terms[one.state].said(language)
        said = (number, holder, money(one.amount_cents), state)
        return Node(said, STATE_FILLS.get(one.state, "#ffffff"), tuple(node(child, language) for child in one.children))

    def draw(language: Language) -> str:
        return tree([node(key, language) for key in drawn], words["title"].said(language))

    return exhibit(words["title"], filled(words["reading"], drawn=len(drawn), roots=len(roots)), draw) if drawn else None


def maturities(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5a: what falls due when."""
    steps, words = figures.ladder(played_story.records), SAID["maturities"]
    owed: dict[str, int] = {}
    for step in steps.values():
        for core, cents in step.items():
            if core and cents:
                owed[core] = owed.get(core, 0) + cents
    cores = sorted(owed, key=lambda core: (-owed[core], core))[:CORES_MAX]

    def draw(language: Language) -> str:
        paid, others = words["series"].said(language).split("|")
        series = [paid, *(played.called(core).said(language) for core in cores), others]
        groups = []
        for label, step in steps.items():
            other = sum(cents for core, cents in step.items() if core and core not in cores)
            values = (step.get("", 0), *(step.get(core, 0) for core in cores), other)
            bars = (Bar(cents, f"{name} {money(cents)}") for name, cents in zip(series, values, strict=True))
            groups.append(Group(label[2:], tuple(bars)))
        return columns(groups, series, words["title"].said(language), write=thousands)

    return exhibit(words["title"], words["reading"], draw) if steps else None


def against_lines(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5b: outstanding against lines."""
    books, limits = figures.Bookkeeper(played_story).days().values(), figures.lines(played_story.records)
    rows: list[Row] = []
    for core, obligor in sorted(played_story.records["obligors"].items()):
        now = getattr(obligor, "outstanding_cents", 0)
        peak = max([now, *(book[core][1] for book in books if core in book)])
        rows.append((played.called(core), _money((now, peak, limits.get(core, 0)))))
    return _chart(grouped_bars, "lines", rows)


def concentration(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """6: how banks spread what they finance."""
    rows = [
        (
            _after(played.called(f.bank), f" · {money(f.net_cents)}"),
            [(f.share_ppm, _same(percent(f.share_ppm))), (f.hhi_ppm, _same(_index(f.hhi_ppm)))],
        )
        for f in figures.bank_figures(played_story.records)
    ]
    return _chart(grouped_bars, "concentration", rows)


def defaulted(played_story: PlayedStory) -> Exhibit | None:
    """7a: the default that was played."""
    recourse = {True: SAID["defaulted"]["with_recourse"], False: SAID["defaulted"]["without"]}
    named = [
        (Phrase(f"{f.name}, {recourse[f.with_recourse].en}", f"{f.name}, {recourse[f.with_recourse].zh}"), f)
        for f in figures.losses(played_story.records)
    ]
    return _borne("defaulted", named)


def shocked(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """7b: what a default of each core would do."""
    return _borne("shocked", [(played.called(f.name), f) for f in figures.shock(played_story.records)], COMPARED)


def refused(played_story: PlayedStory) -> Exhibit | None:
    """8: refused attempts by rule."""
    totals, words = totals_of(played_story.steps), SAID["refused"]
    attempts = totals.rejected + totals.turned_away
    reading = filled(
        words["reading"],
        attempts=f"{attempts.total():,}",
        rules=len(attempts),
        rejected=f"{totals.rejected.total():,}",
        turned_away=f"{totals.turned_away.total():,}",
        found=f"{totals.found:,}",
    )

    def draw(language: Language) -> str:
        rule, *header = words["header"].said(language).split("|")
        sources = {code: WORDS.sources.get(code) or COMMON["own_rule"] for code in attempts}
        return matrix(rule, header, [(code, (f"{n}", sources[code].said(language))) for code, n in attempts.most_common()])

    return exhibit(words["title"], reading, draw, ("computed",)) if attempts else None


def reconciled(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """9: the books of each day."""
    books, words = list(figures.Bookkeeper(played_story).days().items())[-BOOK_DAYS_MAX:], SAID["reconciled"]
    cores = sorted({core for _, book in books for core in book})
    reading = filled(words["reading"], days=len(books), stated=len(played_story.records["reconciliations"]))

    def draw(language: Language) -> str:
        header = [played.called(core).said(language) for core in cores]
        rows = [
            (date_text(day), [f"{money(book[core][1])} ({book[core][0]})" if core in book else "–" for core in cores])
            for day, book in books
        ]
        return matrix(words["day"].said(language), header, rows, are_numbers=True)

    return exhibit(words["title"], reading, draw) if books else None


def _chart(
    plot: Callable[[Sequence[Group], Sequence[str], str], str],
    name: str,
    rows: Sequence[Row],
    *,
    bases: tuple[Basis, ...] = FROM_STORY,
    **values: Phrase,
) -> Exhibit | None:
    """Bars, a group a row, with the words of that name."""
    title, reading, series = (filled(SAID[name][entry], **values) for entry in ("title", "reading", "series"))

    def draw(language: Language) -> str:
        groups = [
            Group(label.said(language), tuple(Bar(number, said.said(language)) for number, said in bars)) for label, bars in rows
        ]
        return plot(groups, series.said(language).split("|"), title.said(language))

    return exhibit(title, reading, draw, bases) if rows else None


def _borne(
    name: str, named: Sequence[tuple[Phrase, figures.LossFigure]], bases: tuple[Basis, ...] = FROM_STORY
) -> Exhibit | None:
    """Who bears what a core does not pay."""
    rows = [(label, _money((f.paid_cents, f.seller_cents, f.holder_cents, f.bank_cents))) for label, f in named]
    return _chart(stacked_bars, name, rows, bases=bases)


def _made_up(played: Played) -> dict[str, Phrase]:
    """What is not measured: in a story rates, fees and dates with the ledger are made up too, in files they are the user's."""
    ledger, origin = ("with_ledger_in_story", "origin_story") if played.root else ("with_ledger", "origin_files")
    return {"ledger": COMMON[ledger], "origin": COMMON[origin]}


def _tier(tier: int) -> Phrase:
    return filled(COMMON["tier"], number=tier)


def _counted(tier: int, count: int) -> Phrase:
    """A tier with the number of its certificates."""
    return _after(_tier(tier), f" ({count})")


def _after(words: Phrase, text: str) -> Phrase:
    return Phrase(f"{words.en}{text}", f"{words.zh}{text}")


def _same(text: str) -> Phrase:
    """What reads alike in both languages."""
    return Phrase(text, text)


def _money(amounts: Iterable[int]) -> list[tuple[int, Phrase]]:
    return [(cents, _same(money(cents))) for cents in amounts]


def money(cents: int) -> str:
    """`1,234,567.89`."""
    return f"{cents // 100:,}.{cents % 100:02}"


def thousands(cents: int) -> str:
    """Beside an axis, in thousands of yuan: `1,250`."""
    return plain(cents // 100_000)


def percent(ppm: int) -> str:
    """`3.62 %`, half up."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def _index(ppm: int) -> str:
    return f"{ppm // 1_000_000}.{ppm % 1_000_000 // 10_000:02}"
