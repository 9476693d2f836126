"""The desk of the labs in a real browser: what the handouts of labs 3, 5, 6, 8 and 10 ask of whoever has no command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from nodes.lab.remote import RemoteControl
from nodes.simulator.chance import Chance
from scenarios.workshop.labs import proofs
from scenarios.workshop.labs.auditor import COPIES, make_case
from scenarios.workshop.labs.believe import CODES
from scenarios.workshop.labs.believe import plan as plan_of_letters
from scenarios.workshop.labs.fork import make_fork
from scenarios.workshop.labs.sealed import plan as plan_of_tender
from scenarios.workshop.labs.seed import plan as plan_of_seed
from tests.browser import barriers
from tests.page_lab import PageLab, page_lab

SEED = 5
PROOFS, TRAITORS, SEALED, AUDITOR, SEEDS, LETTERS = 3, 5, 6, 8, 9, 10
STEPPED_BACK_TO, STORY_STEPS = 5, 16
DIGEST_DIGITS, SALT_DIGITS = 64, 32


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("desk") / "network") as running:
        yield running


def start(lab: PageLab, number: int) -> None:
    RemoteControl(lab.network.directory).order(f"/exercises/{number}/start", {"seed": SEED})


def tool(page: Page, title: str) -> Locator:
    return page.locator(".desk > section").filter(has=page.get_by_role("heading", name=title, exact=True))


def use(section: Locator) -> Locator:
    """Presses the one button, and waits for what is found."""
    section.locator("button.main").click()
    found = section.locator(".found > *").first
    expect(found).not_to_have_class("quiet")
    return section.locator(".found")


def test_lab_3_takes_and_verifies_proofs(lab: PageLab, tmp_path: Path) -> None:
    start(lab, PROOFS)
    made = proofs.plan(Chance(SEED))
    with lab.opened("exercises", lab=PROOFS) as page:
        taking, verifying = tool(page, "Take a proof"), tool(page, "Verify a file")
        taking.get_by_label("Number of the asset").fill(made.absent)
        expect(use(taking).locator(".claim")).to_have_text(f"Proved: {made.absent} is not on this ledger.")
        with page.expect_download() as download:
            taking.get_by_role("link", name="Save this proof").click()
        download.value.save_as(tmp_path / "absent.json")
        verifying.get_by_label("computer").set_input_files(tmp_path / "absent.json")
        expect(use(verifying)).to_contain_text(made.absent)
        verifying.get_by_label("computer").set_input_files([])
        for name, way in zip(proofs.PROOFS, made.ways, strict=True):
            verifying.get_by_label("File of this lab").select_option(f"proof-{name}.json")
            expect(use(verifying)).to_contain_text("Everything holds." if way == "true" else f"Broken: {way}.")
        assert barriers(page) == []


def test_lab_5_shows_what_was_noted_and_convicts(lab: PageLab) -> None:
    start(lab, TRAITORS)
    fork = make_fork(SEED)
    with lab.opened("exercises", lab=TRAITORS, language="zh", theme="dark") as page:
        expect(use(tool(page, "节点的记录"))).to_contain_text("heard")
        expect(use(tool(page, "验证文件"))).to_contain_text("全部成立")
        found = use(tool(page, "定罪"))
        for name in fork.guilty:
            expect(found).to_contain_text(name)
        expect(found).to_contain_text(f"在高度 {fork.height} ")
        expect(use(tool(page, "阅读导出"))).to_contain_text(fork.asset)
        assert barriers(page) == []


def test_lab_6_seals_a_price_and_shows_who_may_read(lab: PageLab) -> None:
    start(lab, SEALED)
    made = plan_of_tender(Chance(SEED))
    with lab.opened("exercises", lab=SEALED, role=made.me) as page:
        sealing, reading = tool(page, "Seal a price"), tool(page, "Who may read a bid")
        expect(sealing.get_by_label("Bidder")).to_have_value(made.me)
        sealing.get_by_label("Price").fill("420000")
        digest, salt = use(sealing).locator("dd").all_inner_texts()
        assert (len(digest), len(salt)) == (DIGEST_DIGITS, SALT_DIGITS)
        reading.get_by_label("Key").fill(f"{made.number}:{made.rival.partition('.')[0]}")
        rows = use(reading).locator("tbody tr")
        expect(rows.filter(has_text="The bidder knows")).to_have_count(1)
        expect(rows.first).to_contain_text(made.rival)
        open_to_all, sealed = reading.locator(".found > dl.fields").all_inner_texts()
        assert "price_cents" in open_to_all
        assert "offer" in sealed
        assert "offer" not in open_to_all
        assert barriers(page) == []


@pytest.mark.parametrize(("language", "titles"), [("en", ("Verify a file", "Read an export")), ("zh", ("验证文件", "阅读导出"))])
def test_lab_8_verifies_copies_and_reads_one(lab: PageLab, language: str, titles: tuple[str, str]) -> None:
    start(lab, AUDITOR)
    case = make_case(SEED)
    with lab.opened("exercises", lab=AUDITOR, language=language) as page:
        verifying, reading = (tool(page, title) for title in titles)
        verifying.locator("input").nth(1).fill(case.trade.ledger)
        verifying.locator("input").nth(2).fill(case.head.id)
        for name in COPIES:
            verifying.locator("select").select_option(f"copy-{name}.jsonl")
            said = case.broken[name][0] if name in case.broken else case.trade.ledger
            expect(use(verifying)).to_contain_text(said)
        whole = next(name for name in COPIES if name not in case.broken)
        reading.locator("select").select_option(f"copy-{whole}.jsonl")
        rows = use(reading).locator("tbody tr")
        expect(rows.nth(40)).to_be_visible()
        reading.locator(".found input").fill("award")
        expect(rows.filter(has_not_text="award")).to_have_count(0)
        assert barriers(page) == []


@pytest.mark.parametrize(("language", "play", "seed"), [("en", "Play", "Seed"), ("zh", "执行", "种子")])
def test_lab_9_puts_the_neighbours_list_beside_ones_own(lab: PageLab, language: str, play: str, seed: str) -> None:
    """Steps 3 to 5 as the handout has them, with the first difference at the last step at which there may be one."""
    last = next(seed for seed in range(1, 200) if plan_of_seed(Chance(seed)).differs > STEPPED_BACK_TO)
    made = plan_of_seed(Chance(last))
    RemoteControl(lab.network.directory).order(f"/exercises/{SEEDS}/start", {"seed": last})
    with lab.opened("exercises", lab=SEEDS, language=language) as page:
        section = page.locator(".seeds")
        section.locator("input[name=seed]").fill(str(made.seed))
        for step in ("", str(STEPPED_BACK_TO), ""):
            section.locator("input[name=to]").fill(step)
            section.get_by_role("button", name=play, exact=True).click()
            expect(section.locator("table").first.locator("tbody tr")).to_have_count(int(step or STORY_STEPS))
        section.get_by_role("button", name=f"{play} neighbour.json").click()
        lists = section.locator("table")
        expect(lists.locator("caption")).to_have_text(["neighbour.json", f"{seed} {made.seed}"])
        theirs, mine = (table.locator("tbody tr td:last-child").all_inner_texts() for table in lists.all())
        differing = [step for step, (one, other) in enumerate(zip(theirs, mine, strict=True), 1) if one != other]
        assert differing[0] == made.differs
        assert barriers(page) == []


def test_lab_10_tells_the_code_of_the_answer_to_a_letter(lab: PageLab) -> None:
    start(lab, LETTERS)
    made = plan_of_letters(Chance(SEED))
    with lab.opened("exercises", lab=LETTERS, role=made.relayer) as page:
        for place in (1, 2):
            letter = page.locator("details details").filter(has=page.locator("summary", has_text=f"letter-{place}.json"))
            letter.locator("summary").click()
            letter.locator('button[data-do="hand-in"]').click()
            expect(letter.locator(".outcome")).to_contain_text(f"({CODES[made.letters[place - 1].kind]}): block")


def test_whoever_may_only_look_has_no_desk(lab: PageLab) -> None:
    with lab.opened("exercises", lab=AUDITOR, with_token=False) as page:
        expect(page.locator(".desk")).to_have_count(0)
