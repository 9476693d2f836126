"""The short telling of each story: few lines, few chapters, each term explained where it first stands."""

import io
import re
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from scenarios import demo
from scenarios.catalogue import SCENARIOS, find_scenario
from scenarios.demo import Settings, teller_of
from scenarios.story.play import play
from scenarios.story.short import Term
from scenarios.story.short_teller import ShortTeller, stands_in
from scenarios.story.story import Language, PlayedStory, Scenario
from scenarios.story.tell import StoryTeller, is_refused
from tests.scenario_stage import ChainStage, played_on_a_chain

NAMES = (*SCENARIOS, "all")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
COLUMNS = 80
LINES_MAX = 130
STOPS = tuple(".?!。？！")
HEADING = re.compile(r"^\d+  ")


@cache
def played(name: str) -> PlayedStory:
    """The whole story, played once."""
    return played_on_a_chain(name) if name in SCENARIOS else play(find_scenario(name), ChainStage(find_scenario(name)))


@cache
def told(name: str, language: Language) -> tuple[str, ...]:
    """What the terminal shows."""
    scenario, out = find_scenario(name), io.StringIO()
    teller = teller_of(scenario, Settings(language, Path("report.html"), Console(file=out, width=COLUMNS, color_system=None)))
    assert isinstance(teller, ShortTeller)
    teller.begin()
    for step in played(name).steps:
        teller.tell(step)
    teller.end(scenario.findings(played(name)), played(name))
    teller.close(str(Path("report.html").absolute()))
    assert teller.totals.steps == len(played(name).steps), "every step is counted, told or not"
    return tuple(line.rstrip() for line in out.getvalue().splitlines())


def short_of(name: str) -> tuple[Scenario, ShortTeller]:
    """A teller that has said nothing yet."""
    scenario = find_scenario(name)
    assert scenario.short is not None
    return scenario, ShortTeller(Console(file=io.StringIO()), scenario, "en", scenario.short())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_story_of_five_to_seven_chapters_that_fits_a_few_screens(name: str, language: Language) -> None:
    lines = told(name, language)
    assert len(lines) <= LINES_MAX
    assert 5 <= len([line for line in lines if HEADING.match(line)]) <= 7
    assert str(Path("report.html").absolute()) in "".join(lines)
    assert f"tallystick demo {name} --full" in "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_term_is_explained_once_and_before_a_step_speaks_of_it(name: str, language: Language) -> None:
    _, teller = short_of(name)
    lines = told(name, language)
    steps = next(place for place, line in enumerate(lines) if HEADING.match(line))
    for term in teller.short.terms:
        explained = [place for place, line in enumerate(lines) if line.startswith(explanation(term, language))]
        assert len(explained) == 1, f"{term.name} is explained {len(explained)} times"
        used = (place for place, line in enumerate(lines) if place >= steps and is_of_a_step(line, lines[place - 1]))
        assert next((place for place in used if stands_in(term.name.said(language), lines[place])), len(lines)) > explained[0]


def explanation(term: Term, language: Language) -> str:
    """How the line begins that explains a term."""
    return f"  » {term.name.said(language)}" + ("：" if language == "zh" else ": ")


def is_of_a_step(line: str, before: str) -> bool:
    """Whether a line tells a step, and does not explain a term."""
    return line.startswith("  ") and not line.startswith("  »") and not before.startswith("  »")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_can_be_read_without_the_steps_between(name: str) -> None:
    _, teller = short_of(name)
    assert len(teller.short.telling) == 3
    shown = [step for step in played(name).steps if teller.is_told(step)]
    assert len([step for step in shown if is_refused(step)]) >= 6
    for step in shown:
        teller.tell(step)
        words = teller.words_of(step)
        assert words.en[:1].isupper() or words.en[:1].isdigit(), words
        assert words.en.endswith(STOPS), words
        assert words.zh.endswith(STOPS), words
    assert len(teller.telling) == 3
    assert all(map(is_refused, teller.telling))


def test_every_step_is_told_on_request_and_where_nothing_says_which_are_the_main_ones() -> None:
    scenario, _ = short_of("energy")
    settings = Settings("en", Path("report.html"), Console(file=io.StringIO()), full=True)
    assert isinstance(teller_of(scenario, settings), StoryTeller)
    assert scenario.with_data is not None
    own = scenario.with_data(Path("scenarios/energy/data/sample"))
    assert own.short is None


def test_a_terminal_shows_the_step_that_is_played_and_asks_for_enter_after_told_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SimulatedStage", lambda specification, seed: ChainStage(find_scenario("all")))
    monkeypatch.setattr(demo, "conclude", lambda *parts: None)
    out, pauses = io.StringIO(), list[None]()
    console = Console(file=out, width=COLUMNS, force_terminal=True, color_system=None)
    settings = Settings("en", tmp_path / "report.html", console, lambda: pauses.append(None))
    _, teller, played_story = demo.play_simulated(find_scenario("all"), settings, seed=1)
    steps = len(played_story.steps)
    assert len(pauses) == len([step for step in played_story.steps if teller.is_told(step)]) < steps
    assert f"of {steps} · " in out.getvalue()
