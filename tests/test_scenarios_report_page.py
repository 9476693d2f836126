"""The report in full: lanes, what each step changed and who may see it, messages, costs, size, languages; live nodes agree."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.contract.refusal import Phrase
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView
from nodes.network.local import LocalNetwork
from nodes.words import Words
from scenarios.catalogue import SCENARIOS
from scenarios.command_line import application
from scenarios.demo import simulated
from scenarios.report import page, render, steps
from scenarios.report.book import Book, read_book, sights_of
from scenarios.report.consensus import LINE_BYTES, agreements_of, fitted, read_talks
from scenarios.report.lanes import LANES_MAX, lanes_of
from scenarios.report.steps import Line, lines_of
from scenarios.story import tell
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import play
from scenarios.story.story import COMMITTED, Act, Call, Chapter, Language, Outcome, PlayedStep, PlayedStory, Story
from scenarios.supply_chain_finance.cast import BEICHEN, HAIHE, LULIN, YANSHAN
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.scenario import SCENARIO
from tests.scenario_stage import ChainStage, played_by_seed, played_on_a_chain

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
TEXTS = Words.of("scenarios.report")


def short() -> Story:
    """The story as far as the fourth tier has its money."""
    return Story(SCENARIO.story().chapters[:5])


SHORT = replace(SCENARIO, story=short, exhibits=lambda played_story: (), short=None)


@pytest.fixture(scope="module")
def played_story() -> PlayedStory:
    return played_by_seed(SHORT.name, 5)


@pytest.fixture(scope="module")
def book(played_story: PlayedStory) -> Book:
    return read_book(SHORT, played_story.export)


@pytest.fixture(scope="module")
def pages(played_story: PlayedStory) -> dict[Language, str]:
    origin = replace(simulated(SCENARIO.name, 1), export="out.jsonl")
    return {language: render(SHORT, played_story, (), language, origin) for language in LANGUAGES}


def told_of(played_story: PlayedStory, operation: str, **arguments: object) -> PlayedStep:
    """The first step that takes effect with a call of this operation and these arguments."""
    for played in played_story.steps:
        if isinstance(played.step, Act) and played.step.ending.outcome == "committed":
            for call, given in zip(played.step.calls, played.arguments, strict=True):
                if call.operation.name == operation and arguments.items() <= given.items():
                    return played
    raise AssertionError(f"no step calls {operation}")


def line_of(played_story: PlayedStory, played: PlayedStep, book: Book, language: Language = "en") -> Line:
    (line,) = lines_of(SHORT, [played], book, language)
    return line


# Steps


def test_a_step_shows_what_it_changed_before_and_after(played_story: PlayedStory, book: Book) -> None:
    line = line_of(played_story, told_of(played_story, "accept"), book)
    changed = {record.place: record for record in line.records}
    record = changed["certificates / HH-2026-001"]
    assert record.what == "changed"
    assert ("state", "offered", "held") in record.rows
    assert ("offered_to", "Beichen Gearboxes", "–") in record.rows
    assert line.calls[0].operation == "accept"
    assert line.signed == (("Beichen Gearboxes", BEICHEN),)


def test_what_a_step_writes_is_what_the_ledger_holds_in_the_end(played_story: PlayedStory, book: Book) -> None:
    """Every record's last version is the one of the state; and before and after of one key follow each other."""
    latest: dict[tuple[str, str], Any] = {}
    for entry in book.entries.values():
        for change in entry.changes:
            if change.contract == SCENARIO.contract.name:
                assert change.before == latest.get((change.collection, change.key))
                latest[change.collection, change.key] = change.after
    held = {
        (collection, key): record.model_dump(mode="json")
        for collection, rows in played_story.records.items()
        for key, record in rows.items()
    }
    assert {place: fields for place, fields in latest.items() if fields is not None} == held


def test_amounts_days_and_parties_of_a_new_record_are_for_people(played_story: PlayedStory, book: Book) -> None:
    line = line_of(played_story, told_of(played_story, "set_line", core=HAIHE), book, "zh")
    (record,) = line.records
    rows = {name: (before, after) for name, before, after in record.rows}
    assert record.what == "新建"
    assert "2027-03-31" in {after for _, after in rows.values()}
    assert any(re.fullmatch(r"¥?\d,\d{3},\d{3}\.00", after) for _, after in rows.values())
    assert line.signed[0][0] == SCENARIO.cast[line.signed[0][1]].zh


def test_a_refused_step_changes_nothing_and_stands_in_a_block(played_story: PlayedStory, book: Book) -> None:
    refused = [line for line in lines_of(SHORT, played_story.steps, book, "en") if line.refused and line.places]
    assert len(refused) > 20
    assert all(line.records == () and line.reasons for line in refused if not line.calls_left_out)


def test_who_may_see_a_sealed_invoice(played_story: PlayedStory, book: Book) -> None:
    line = line_of(played_story, told_of(played_story, "register_sealed_invoice", invoice="LL-1"), book)
    (sight,) = line.sights
    assert sight.place == "invoices / LL-1"
    value = {who: sentence for level, who, sentence in sight.rows if level == "value"}
    assert "Beichen Gearboxes, Lulin Castings" in value
    assert not {"Yanshan Bank", "Haihe Motors"} & set(", ".join(value).split(", "))
    enrolled = {name for name, _ in SCENARIO.specification().members()} & set(SCENARIO.cast)
    assert [who for level, who, _ in sight.rows if level == "digest"] == [f"everybody else ({len(enrolled) - 3})"]


def test_a_bank_may_see_it_once_it_is_asked(played_story: PlayedStory) -> None:
    """The last word on it: a step after Yanshan was asked for finance writes the invoice no more, so the state is asked."""
    state = Overlay(StateView(MemoryStore()))
    blocks = [[*parse_export_head(played_story.export[0]).initial_writes()]]
    for line in played_story.export[1:]:
        blocks.append([write for writes in parse_exported_block(line).writes for write in writes])
    for write in (write for block in blocks for write in block):
        if write.value is not None:
            state.put(write.contract, write.collection, write.key, write.value)
    record = played_story.records["invoices"]["LL-1"].model_dump(mode="json")
    (sights,) = sights_of(
        SCENARIO, SCENARIO.contract, state, played_story.head.time_ms, played_story.head.height, [("invoices", "LL-1", record)]
    )
    value = {member for seen in sights.seen if seen.level == "value" for member in seen.members}
    assert {LULIN, BEICHEN, YANSHAN} <= value
    assert HAIHE not in value


def test_what_is_handed_over_and_what_is_sent_again_leaves_nothing(played_story: PlayedStory, book: Book) -> None:
    lines = lines_of(SHORT, played_story.steps, book, "en")
    handed = next(line for line in lines if line.kind == "hand-over")
    assert handed.labels
    assert (handed.records, handed.places) == ((), ())
    again = next(line for line in lines if line.kind == "again")
    assert again.records == ()
    assert again.places != ()


# Lanes


def test_lanes_say_who_acts_signs_too_and_is_refused(played_story: PlayedStory) -> None:
    chapters = lanes_of(SCENARIO, played_story.steps, "en")
    assert len(chapters) == len(SHORT.story().chapters)

    def doings(played: PlayedStep) -> dict[str, str]:
        found = chapters[played.chapter]
        cells = zip(found.organizations, found.cells[played.number], strict=True)
        return {organization: cell.doing for organization, cell in cells if cell.doing}

    sealed = told_of(played_story, "register_sealed_invoice", invoice="LL-1")
    assert doings(sealed) == {"lulin": "acts", "registry": "co-signs"}
    found = chapters[sealed.chapter]
    joined = [place for place, cell in enumerate(found.cells[sealed.number]) if cell.is_joined]
    places = sorted(found.organizations.index(name) for name in ("lulin", "registry"))
    assert joined == list(range(places[0], places[1]))
    refused = next(t for t in played_story.steps if tell.is_refused(t) and isinstance(t.step, Act) and len(t.step.actors) == 1)
    assert set(doings(refused).values()) == {"refused"}
    kinds = {cell.doing for found in chapters for cells in found.cells.values() for cell in cells}
    assert kinds >= {"acts", "co-signs", "refused", "gives", "takes", "looks", "finds", "again"}
    assert all(any(cell.doing for cell in column) for found in chapters for column in zip(*found.cells.values(), strict=True))


def test_the_calls_of_many_members_join_nobody_and_many_lanes_share_the_last() -> None:
    members = [f"company{number:02}.x" for number in range(30)]
    calls = tuple(Call(Scf.accept, {}, signers=(member,)) for member in members)
    done = Outcome("committed", "ok", {})
    many = PlayedStep(0, 1, Act(tuple(members), calls, COMMITTED, Phrase("a", "甲")), 0, (done,) * 30)
    one = PlayedStep(0, 2, Act((members[29],), (Call(Scf.accept, {}),), COMMITTED, Phrase("b", "乙")), 0, (done,))
    (found,) = lanes_of(SCENARIO, [many, one], "zh")
    assert len(found.names) == LANES_MAX
    assert found.names[-1] == "其他 15 家"
    assert "company29.x" in found.names
    assert not any(cell.is_joined for cell in found.cells[1])
    assert all(cell.doing == "acts" for cell in found.cells[1])


# The page


def test_every_step_leads_to_its_block_and_back(played_story: PlayedStory, pages: dict[Language, str], book: Book) -> None:
    for text in pages.values():
        identifiers = re.findall(r' id="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers))
        linked = set(re.findall(r'href="#([^"]+)"', text))
        assert linked <= set(identifiers)
        heights = {entry.block.height for entry in book.entries.values()}
        assert {f"block-{height}" for height in heights} <= linked
        assert {f"step-{played.number}" for played in played_story.steps} <= set(identifiers)


def test_messages_of_a_block_are_those_of_the_log(played_story: PlayedStory) -> None:
    talks = read_talks(played_story.log)
    sent = [record for record in played_story.log if record["kind"] == "sent"]
    assert sum(len(talk.batches) for talk in talks.heights.values()) >= len(sent) - talks.others
    talk = talks.heights[1]
    assert talk.statements >= 7  # a proposal and three votes and finals at least
    assert {label.split(" ")[0] for batch in talk.batches for label in batch.labels} >= {"propose", "vote", "final"}
    assert all(batch.came_ms is None or batch.came_ms >= batch.sent_ms for batch in talk.batches)
    assert {kind for _, _, kind, *_ in talk.events} >= {"certificate-notar", "certificate-commit", "decided"}


def test_costs_add_up(played_story: PlayedStory, pages: dict[Language, str], book: Book) -> None:
    total = len(book.entries)
    row = re.search(r"<tfoot><tr>(.+?)</tr></tfoot>", pages["en"], re.DOTALL)
    assert row is not None
    cells = re.findall(r"<td>([^<]*)</td>", row[1])
    assert cells[0] == str(total)
    assert cells[2] == f"{sum(len(entry.signers) for entry in book.entries.values()):,}"
    stored = sum(entry.stored_bytes for entry in book.entries.values())
    assert cells[5] == f"{stored:,}"
    assert 0.6 * sum(map(len, played_story.export)) < stored < sum(map(len, played_story.export))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_stays_small(name: str) -> None:
    """The whole story, without messages: they take what room is left."""
    scenario = SCENARIOS[name]
    text = render(scenario, played_on_a_chain(name), (), "zh", Phrase("a test", "测试"))
    assert len(text.encode()) < 2_000_000


def test_what_does_not_fit_is_counted(played_story: PlayedStory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "BYTES_MAX", 0)
    monkeypatch.setattr(steps, "RECORDS_MAX", 1)
    text = render(SHORT, played_story, (), "en", Phrase("a test", "测试"))
    blocks = text.count(' id="block-')
    assert f"{blocks} blocks are shown without their diagram" in text
    assert f"{blocks} blocks are shown without the table" in text
    assert "<div data-talk" not in text
    assert '"blocks":{}' in text
    assert "more are left out here; the export has them all." in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r' id="([^"]+)"', text))


def test_diagrams_come_before_tables_where_room_is_short(played_story: PlayedStory, book: Book) -> None:
    blocks = {entry.block.height: (entry.block, [1]) for entry in list(book.entries.values())[:20]}
    found = agreements_of(SCENARIO, read_talks(played_story.log), blocks, "en")
    diagrams = sum(len(block.diagram) for block in found.blocks)
    assert all(block.diagram and block.rows for block in fitted(found, 10**6).blocks)
    tight = fitted(found, diagrams + LINE_BYTES * len(blocks) + 3_000)
    assert (tight.without_diagram, tight.without_rows) == (0, len(blocks) - sum(bool(block.rows) for block in tight.blocks))
    assert 0 < tight.without_rows < len(blocks)


def test_the_command_on_the_page_verifies_the_ledger(
    played_story: PlayedStory, pages: dict[Language, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = re.findall(r"<pre><code>(.+?)</code></pre>", pages["en"])
    (tmp_path / "out.jsonl").write_bytes(b"".join(line + b"\n" for line in played_story.export))
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(commands[0])
    result = CliRunner().invoke(application, arguments)
    assert program == "tallystick"
    assert result.exit_code == 0, result.output
    assert "Everything holds." in result.output
    assert shlex.split(commands[1])[1:] == ["simulate", "--scenario", SCENARIO.name, "--seed", "1"]
    assert "16 rules were checked, all of them hold" in pages["en"]
    assert "检查 16 条规则，全部成立" in pages["zh"]


def test_a_bare_chain_has_no_messages_and_says_so() -> None:
    played = play(SHORT, ChainStage(SHORT))
    text = render(SHORT, played, (), "en", Phrase("a test", "测试"))
    assert "This run had no nodes" in text
    assert "ms to final" not in text
    assert 'href="#block-' not in text


# Languages


def test_the_texts_are_in_both_languages() -> None:
    own: list[Phrase] = [words for group in (*TEXTS.values(), *Words.of("scenarios.story").values()) for words in group.values()]
    own += [words for scenario in SCENARIOS.values() for words in scenario.terms.values()]
    assert len(own) > 100
    for words in own:
        assert words.en.strip(), words
        assert words.zh.strip(), words
        assert not CHINESE.search(words.en), words
        assert sorted(re.findall(r"\{\w*\}", words.en)) == sorted(re.findall(r"\{\w*\}", words.zh)), words
        assert CHINESE.search(words.zh) or not re.search(r"[a-z]{3}", re.sub(r"\{\w*\}", "", words.zh)), words


def test_no_english_is_left_in_the_chinese_page(pages: dict[Language, str]) -> None:
    shown = re.sub(r"<(style|script|code|pre|svg)\b.*?</\1>", " ", pages["zh"], flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", shown)
    for words in TEXTS["report"].values():
        long = [part for part in re.split(r"\{\w*\}", words.en) if len(part) > 12]
        assert all(part not in text for part in long), words.en


# Live


def _until_sealed() -> Story:
    """The story as far as Lulin's sealed invoice."""
    chapters: list[Chapter] = []
    for chapter in SCENARIO.story().chapters:
        for place, step in enumerate(chapter.steps, 1):
            if isinstance(step, Act) and any(call.arguments.get("invoice") == "LL-1" for call in step.calls):
                return Story((*chapters, replace(chapter, steps=chapter.steps[:place])))
        chapters.append(chapter)
    raise AssertionError("nobody seals LL-1")


def test_live_nodes_give_the_same_sights_messages_and_times(tmp_path: Path, no_process_left: str) -> None:
    scenario = replace(SCENARIO, story=_until_sealed, short=None)
    network = LocalNetwork.create(tmp_path / "network", scenario.specification())
    with network, LiveStage(network) as stage:
        played = play(scenario, stage)
        with network.client() as client:
            answer = client.get(f"/v1/access/{scenario.contract.name}/invoices/LL-1", limit=100)
    last = played.steps[-1]
    (sights,) = read_book(scenario, played.export).entries[last.outcomes[0].transaction].sights
    seen = {(member, one.level, one.sentence.en) for one in sights.seen for member in one.members}
    assert seen == {(row["member"], row["level"], row["sentence"]) for row in answer["members"] if row["member"] in scenario.cast}
    talks = read_talks(played.log)
    batches = talks.heights[last.outcomes[0].height].batches
    assert {label.split(" ")[0] for batch in batches for label in batch.labels} >= {"propose", "vote", "final"}
    # The clocks of the nodes were set one after the other; by the host's clock no message comes before it was sent.
    flights = [batch.came_ms - batch.sent_ms for talk in talks.heights.values() for batch in talk.batches if batch.came_ms]
    assert len(flights) > 500
    assert min(flights) >= 0
    assert max(flights) < 60_000
    assert all(outcome.final_ms is not None for one in played.steps for outcome in one.outcomes if isinstance(one.step, Act))
