"""What the report shows of a played story of energy: the year by the hour, the life of the certificates, the meters.

The words stand in `data/exhibits.toml` by the name of each exhibit.
"""

from collections.abc import Callable

from ledger.contract.quantities import day, energy, money
from ledger.contract.refusal import Phrase
from scenarios import plots
from scenarios.data_files import filled, read_phrases
from scenarios.energy import figures
from scenarios.energy.cast import PACKAGE
from scenarios.energy.quality import CALLED
from scenarios.energy.quantities import MARKET_OFFSET_MS, WH_PER_MWH, expires_ms
from scenarios.energy.records import ResidualMix
from scenarios.energy.year_plan import YearPlan, default_plan
from scenarios.plots.drawing import Basis
from scenarios.story.play import rows, totals_of
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, exhibit

SAID = read_phrases(PACKAGE, "exhibits.toml")
TECHNOLOGIES = SAID["technologies"]
FILLS = {
    "claimed": "#0f766e", "cancelled": "#5aa89d", "active": "#e0a458", "reserved": "#eccf9f", "locked": "#b3bccb",
    "expired": "#8a4b5c", "withdrawn": "#1f3a5f",
}  # fmt: skip
"""Of bundles that were not split, by state."""
JUDGED: tuple[Basis, ...] = ("computed",)
PALE = "#b3bccb"
AGES = (("claimed", "cancelled"), ("active", "reserved", "locked"), ("expired",), ("withdrawn",))
Draw = Callable[[str, Language], str]


def exhibits(played: PlayedStory, plan: YearPlan, tried: figures.Audit) -> tuple[Exhibit, ...]:
    """Every exhibit over the months of a plan, in the order of the report; a plot of which the story has nothing is left out."""
    found = [_scores(played, plan), _heat(played, plan), _duration(played, plan), _audit(tried), _residual(played)]
    found += [_life(played), _ladder(played), _blocked(played)]
    if figures.trades(played):
        found.append(_prices(played))
    if figures.imbalances(played.records):
        found.append(_imbalance(played))
    return (*found, _meters(played, plan), _reasons(plan))


def key_figures(played: PlayedStory, plan: YearPlan, tried: figures.Audit) -> tuple[KeyFigure, ...]:
    """What an attacker got certified beyond the truth, and what part of the load was met in its own hour."""
    hourly = share(figures.scores(played.records, plan).hourly_ppm)
    beyond = filled(SAID["audit"]["value"], beyond=energy(tried.beyond_wh), certified=megawatt_hours(tried.certified_wh))
    return (
        KeyFigure(SAID["audit"]["name"], (("computed", beyond),), _audit_method(tried)),
        KeyFigure(SAID["hourly"]["name"], (("computed", Phrase(hourly, hourly)),), _load_note(plan)),
    )


def _exhibit(name: str, draw: Draw, bases: tuple[Basis, ...] = FROM_STORY, reading: str = "reading", **values: object) -> Exhibit:
    """A drawing that is given the title too, with the words of its name."""
    title = SAID[name]["title"]
    return exhibit(title, filled(SAID[name][reading], **values), lambda language: draw(title.said(language), language), bases)


def _names(name: str, language: Language, entry: str = "series") -> list[str]:
    """The names of series or rows."""
    return SAID[name][entry].said(language).split("|")


def share(ppm: int) -> str:
    """`63.4 %`, rounded down: no load is greener than its certificates."""
    tenths = ppm // 1_000
    return f"{tenths // 10}.{tenths % 10} %"


def megawatt_hours(energy_wh: int) -> str:
    """Whole MWh where there are some, else exact."""
    return f"{energy_wh // WH_PER_MWH:,} MWh" if energy_wh >= 10 * WH_PER_MWH else energy(energy_wh)


# The year by the hour


def _scores(played: PlayedStory, plan: YearPlan) -> Exhibit:
    scores = figures.scores(played.records, plan)
    parts = (scores.annual_ppm, scores.monthly_ppm, scores.hourly_ppm)

    def draw(title: str, language: Language) -> str:
        named = zip(_names("scores", language, "rows"), parts, strict=True)
        groups = [plots.Group(name, (plots.Bar(ppm, share(ppm)),)) for name, ppm in named]
        return plots.grouped_bars(groups, tuple(_names("scores", language)), title)

    return _exhibit("scores", draw, _load_bases(plan), load=megawatt_hours(scores.load_wh), note=_load_note(plan))


def _heat(played: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load = figures.matched(played.records, plan), figures.loads(plan)
    shares = [met * 100 // need if need else None for met, need in zip(used, load, strict=True)]
    lines = [(f"{hour:02}:00", shares[hour::24]) for hour in range(24)]
    days = [month[2:] for month in plan.months for _ in range(len(plan.load_wh(month)) // 24)]

    def draw(title: str, language: Language) -> str:
        return plots.heat_map(lines, days, title, write=lambda value: f"{value} %", every_row=3)

    return _exhibit("heat", draw, _load_bases(plan), note=_load_note(plan))


def _duration(played: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load = figures.matched(played.records, plan), figures.loads(plan)
    residual = sorted((need - met for met, need in zip(used, load, strict=True) if need), reverse=True)
    lines = (sorted(filter(None, load), reverse=True), residual)

    def draw(title: str, language: Language) -> str:
        named = zip(_names("duration", language), lines, strict=True)
        drawn = [plots.Line(name, tuple(enumerate(values))) for name, values in named]
        marks = [(len(residual) * part // 4, f"{len(residual) * part // 4:,}") for part in range(5)]
        hours = SAID["duration"]["hours"].said(language)
        return plots.curve(drawn, title, x_ticks=marks, write=lambda wh: f"{wh / WH_PER_MWH:,.1f} MWh", x_name=hours)

    unmet, hours = (f"{count:,}" for count in (sum(hour > 0 for hour in residual), len(residual)))
    return _exhibit("duration", draw, _load_bases(plan), unmet=unmet, hours=hours, note=_load_note(plan))


def _load_note(plan: YearPlan) -> Phrase:
    """Where the load comes from that a figure is drawn from."""
    origin = "own" if plan.load else "assumed" if plan == default_plan() else "scaled"
    return filled(SAID["load"]["sealed"], origin=SAID["load"][origin])


def _load_bases(plan: YearPlan) -> tuple[Basis, ...]:
    """Real generation, certified by the rules, on a load that is the user's own or an assumption."""
    return ("computed",) if plan.load else ("computed", "assumed")


# What was tried, and what nobody claims


def _audit(tried: figures.Audit) -> Exhibit:
    said, counts = SAID["audit"], tried.tried.items()

    def draw(language: Language) -> str:
        lines = [(said[name].said(language), (f"{count:,}", f"{tried.refused[name]:,}")) for name, count in counts]
        return plots.matrix("", _names("audit", language, "columns"), lines, are_numbers=True)

    return exhibit(said["title"], _audit_method(tried), draw, JUDGED)


def _audit_method(tried: figures.Audit) -> Phrase:
    counts = {"tried": sum(tried.tried.values()), "kinds": len(tried.tried), "refused": sum(tried.refused.values())}
    return filled(SAID["audit"]["method"], **counts, seed=tried.seed, misread=energy(tried.misread_wh))


def _residual(played: PlayedStory) -> Exhibit:
    mixes = rows(played.records, "residual_mixes", ResidualMix)
    kinds = sorted({part.technology for mix in mixes.values() for part in mix.generation})

    def draw(_: str, language: Language) -> str:
        lines = []
        for key, mix in mixes.items():
            by_kind = {part.technology: f"{part.residual_wh / WH_PER_MWH:,.1f}" for part in mix.generation}
            lines.append((key, [by_kind.get(kind, "") for kind in kinds]))
        return plots.matrix("MWh", [TECHNOLOGIES[kind].said(language) for kind in kinds], lines, are_numbers=True)

    return _exhibit("residual", draw, JUDGED)


# The life of the certificates


def _life(played: PlayedStory) -> Exhibit:
    endings = figures.endings(played.records)
    by_state = {state: sum(states[state] for states in endings.values()) for state in FILLS}
    by_technology = {technology: sum(states.values()) for technology, states in endings.items()}
    flows = [plots.Flow(technology, "issued", whole, energy(whole)) for technology, whole in by_technology.items()]
    flows += [plots.Flow("issued", state, whole, energy(whole)) for state, whole in by_state.items() if whole]

    def draw(title: str, language: Language) -> str:
        places = {"issued": plots.Place(SAID["life"]["issued"].said(language), PALE)}
        for technology, whole in by_technology.items():
            places[technology] = plots.Place(TECHNOLOGIES[technology].said(language), PALE, megawatt_hours(whole))
        for state, whole in by_state.items():
            places[state] = plots.Place(SAID["states"][state].said(language), FILLS[state], megawatt_hours(whole))
        return plots.sankey(flows, places, title, height=260)

    return _exhibit("life", draw)


def _ladder(played: PlayedStory) -> Exhibit:
    vintages = figures.vintages(played.records)
    sums = {month: [sum(map(states.get, names, (0,) * 7)) for names in AGES] for month, states in vintages.items()}
    groups = [
        plots.Group(month[2:], tuple(plots.Bar(whole, megawatt_hours(whole)) for whole in sums[month])) for month in vintages
    ]

    def draw(title: str, language: Language) -> str:
        return plots.columns(groups, _names("ladder", language), title, write=lambda wh: f"{wh // WH_PER_MWH:,} MWh")

    if not vintages:
        return _exhibit("ladder", draw, reading="nothing")
    first, last = min(vintages), max(vintages)
    first_end, last_end = (day(expires_ms(month) + MARKET_OFFSET_MS) for month in (first, last))
    return _exhibit("ladder", draw, first=first, last=last, first_end=first_end, last_end=last_end)


def _blocked(played: PlayedStory) -> Exhibit:
    kinds, refused = figures.refusals_by_kind(played), totals_of(played.steps).rejected.total()

    def draw(title: str, language: Language) -> str:
        groups = [plots.Group(kind.said(language), (plots.Bar(count, str(count)),)) for kind, count in kinds]
        return plots.grouped_bars(groups, tuple(_names("blocked", language)), title)

    return _exhibit("blocked", draw, JUDGED, counted=sum(count for _, count in kinds), refused=refused)


def _prices(played: PlayedStory) -> Exhibit:
    groups = []
    for time_ms, lot, certificates in figures.trades(played):
        said = f"{money(certificates.price_cents, '¥')} x {certificates.count}, {lot}"
        groups.append(plots.Group(day(time_ms)[2:], (plots.Bar(certificates.price_cents, said),)))
    return _exhibit("prices", lambda title, _: plots.columns(groups, (title,), title, write=lambda cents: money(cents, "¥")))


def _imbalance(played: PlayedStory) -> Exhibit:
    key, statement = next(iter(figures.imbalances(played.records).items()))
    hours = figures.settled_hours(played.records, key)
    marks = [(hour, f"{hour:02}:00") for hour in range(0, len(hours), 6)]

    def draw(title: str, language: Language) -> str:
        series = zip(_names("imbalance", language), zip(*hours, strict=True), strict=True)
        lines = [plots.Line(name, tuple(enumerate(values))) for name, values in series]
        return plots.curve(lines, title, x_ticks=marks, write=megawatt_hours, is_stepped=True)

    return _exhibit(
        "imbalance",
        draw,
        key=key,
        short=money(statement.short_price_cents, "¥"),
        long=money(statement.long_price_cents, "¥"),
        short_wh=energy(statement.short_wh),
        long_wh=energy(statement.long_wh),
        owed=money(statement.owed_cents, "¥"),
    )


# The meters


def _meters(played: PlayedStory, plan: YearPlan) -> Exhibit:
    counts = plan.funnel
    certified = figures.certified_hours(played.records, plan)
    stages = (counts.whole_hours + counts.gap_hours, counts.whole_hours, counts.positive_hours, certified)

    def draw(title: str, language: Language) -> str:
        named = zip(_names("meters", language, "stages"), stages, strict=True)
        return plots.funnel([plots.Stage(name, value, f"{value:,}") for name, value in named], title)

    readings, accepted, idle = (f"{count:,}" for count in (counts.readings, counts.accepted, counts.lost["idle"]))
    return _exhibit("meters", draw, JUDGED, readings=readings, accepted=accepted, idle=idle, credit=plan.credit)


def _reasons(plan: YearPlan) -> Exhibit:
    def draw(_: str, language: Language) -> str:
        lines = [(CALLED[name].said(language), (f"{count:,}",)) for name, count in plan.funnel.lost.items()]
        return plots.matrix("", (SAID["reasons"]["count"].said(language),), lines, are_numbers=True)

    return _exhibit("reasons", draw, JUDGED)
