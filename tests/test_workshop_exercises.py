"""The framework of the exercises: start, check, files, progress, over HTTP as the page and the commands ask."""

from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ledger.contract.refusal import Phrase
from ledger.encoding import encode
from ledger.errors import ConflictError, InputError, JsonValue, MalformedError, NotFoundError, OperatorError
from nodes.lab.lab import Lab
from nodes.sample_contract import Asset
from scenarios.workshop.exercise import Answers, Exercise, LabWords, Question, Sentence, sentence
from scenarios.workshop.labs import catalogue
from scenarios.workshop.progress import EXERCISE_FILE, PROGRESS_FILE, read_begun, read_progress
from scenarios.workshop.room import Room
from tests.network_support import wait_until
from tests.workshop_lab import running_workshop

NUMBER = 99
BROKEN = 98
BESIDE = 97
HOLDER = "north.member1"


def begin(room: Room) -> dict[str, str]:
    """One asset, whose number is the seed's."""
    with room.client(HOLDER) as client:
        client.call(Asset.issue, number=f"S-{room.chance().below(1000)}", to=HOLDER)
    (room.files / "large.bin").write_bytes(b"x" * 10_000)
    return {"what": "it"}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    (first, *more) = room.standings()
    if answers["number"] != first.transaction.arguments["number"]:
        yield sentence("other")
    if not more:
        yield sentence("nothing")


def begin_beside_others(room: Room) -> dict[str, str]:
    """Somebody takes the ledger back amid the start."""
    begin(room)
    room.control.order("/reset")
    return {"what": "it"}


def no_start(room: Room) -> dict[str, str]:
    raise OperatorError("cannot-write", "The disk of this test is full.")


@pytest.fixture(scope="module", autouse=True)
def exercises() -> Iterator[None]:
    title, question = Phrase("A test", "测试"), Question("Which number?", "哪个编号？", "S-1")
    sentences = {
        "other": Phrase("The number is another one.", "编号不对。"),
        "nothing": Phrase("Nothing was done yet.", "什么都还没做。"),
    }
    task, two = Phrase("Find {what}.", "找到 {what}。"), (title, title)
    words = LabWords(NUMBER, 20, title, title, task, two, two, {"number": question}, sentences)
    row = Exercise("chain", words, begin, missing)
    beside = Exercise("chain", replace(words, number=BESIDE), begin_beside_others, lambda room, answers: [sentence("other")])
    broken = Exercise("chain", replace(words, number=BROKEN), no_start, lambda room, answers: ())
    known = dict(catalogue.exercises())
    catalogue.exercises().update({NUMBER: row, BROKEN: broken, BESIDE: beside})
    yield
    catalogue.exercises().clear()
    catalogue.exercises().update(known)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, exercises: None) -> Iterator[Lab]:
    with running_workshop(tmp_path_factory.mktemp("lab") / "network") as control:
        yield control.lab


@pytest.fixture
def room(lab: Lab) -> Room:
    """Just started with seed 7."""
    made = Room(lab.network.directory, 7)
    made.control.order(f"/exercises/{NUMBER}/start", {"seed": 7})
    return made


def check(room: Room, **answers: str) -> list[str]:
    told = room.control.post(f"/exercises/{NUMBER}/check", {"answers": {**answers}})
    assert told["done"] == (told["missing"] == [])
    assert told["learned"] == (["A test", "A test"] if told["done"] else [])
    return list(told["missing"])


def test_a_start_lays_out_what_follows_from_the_seed_and_is_remembered(room: Room) -> None:
    (standing,) = room.standings()
    assert standing.transaction.arguments == {"number": f"S-{room.chance().below(1000)}", "to": HOLDER}
    assert (standing.header.height, standing.position, standing.is_committed) == (1, 0, True)
    begun = read_begun(room.directory)
    assert begun is not None
    assert (begun.number, begun.seed, begun.files) == (NUMBER, 7, ("chain.txt", "large.bin"))
    told = room.control.get(f"/exercises/{NUMBER}", lang="zh")
    assert told["questions"] == [{"number": 1, "name": "number", "words": "哪个编号？", "example": "S-1"}]
    assert (told["title"], told["started"], told["done"], told["seed"], len(told["hints"])) == ("测试", True, False, 7, 2)
    task, large = told["files"]
    assert (large["text"], task["text"]) == (None, "找到 it。")
    assert room.control.get(f"/exercises/{NUMBER}", lang="en")["files"][0]["text"] == "Find it."
    assert (room.files / "chain.txt").read_text(encoding="utf-8") == "Find it."
    room.control.order(f"/exercises/{NUMBER}/start?lang=zh", {"seed": 7})
    assert (room.files / "chain.txt").read_text(encoding="utf-8") == "找到 it。"


def test_a_check_says_what_is_missing_until_nothing_is_and_leaves_the_ledger_alone(room: Room) -> None:
    before = room.export()
    assert check(room, number="S-0000") == ["The number is another one.", "Nothing was done yet."]
    assert room.export() == before
    with room.client(HOLDER) as client:
        client.call(Asset.issue, number="MORE", to=HOLDER)
    right = f"S-{room.chance().below(1000)}"
    assert check(room) == ["The number is another one."]
    assert room.control.get(f"/exercises/{NUMBER}")["learned"] == []
    assert check(room, number=f" {right} ") == []
    assert room.control.get(f"/exercises/{NUMBER}", lang="zh")["learned"] == ["测试", "测试"]
    assert room.control.post(f"/exercises/{NUMBER}/check", {"answers": {"1": right}})["done"]
    assert check(room) == ["The number is another one."]
    row = read_progress(room.directory)[NUMBER]
    assert row.tries == 3  # until it was done
    assert row.done_ms is not None
    assert room.control.get("/progress")["now"] == NUMBER
    (missing,) = room.control.get("/progress")["exercises"][str(NUMBER)]["missing"]
    assert missing == {"en": "The number is another one.", "zh": "编号不对。"}
    (told,) = (one for one in room.control.get("/exercises", lang="zh") if one["number"] == NUMBER)
    assert told["missing"] == ["编号不对。"]
    assert told["checked_ms"] >= told["started_ms"]

    assert [r["done"] for r in room.control.get("/exercises") if r["number"] == NUMBER] == [True]


def test_what_an_earlier_release_kept_of_a_check_is_read(tmp_path: Path) -> None:
    row: JsonValue = {"starts": 1, "started_ms": 5, "tries": 2, "done_ms": None, "missing": ["Nothing was done yet."]}
    (tmp_path / PROGRESS_FILE).write_bytes(encode({"format": "tallystick-progress-1", "exercises": {"1": row}}))
    assert [phrase.zh for phrase in read_progress(tmp_path)[1].missing] == ["Nothing was done yet."]


def test_a_check_of_what_was_not_started_says_so(room: Room) -> None:
    with pytest.raises(ConflictError, match=r"Lab 1 was not started here.*Lab 99 is under way") as caught:
        room.control.post("/exercises/1/check", {"answers": {}})
    assert caught.value.code == "exercise-not-started"


def test_an_exercise_that_does_not_exist_is_refused(room: Room) -> None:
    for order in ("start", "check"):
        with pytest.raises(NotFoundError, match="There is no lab 1234; there are 1, 2, "):
            room.control.post(f"/exercises/1234/{order}", {})


def test_an_answer_to_no_question_is_refused(room: Room) -> None:
    with pytest.raises(InputError, match=r"Lab 99 asks 1 \(number\), not 'nubmer'") as caught:
        check(room, nubmer="1")
    assert caught.value.code == "unknown-question"


def test_a_seed_is_in_its_range(room: Room) -> None:
    for seed in (0, 1_000_000, "7"):
        with pytest.raises(MalformedError, match="seed"):
            room.control.post(f"/exercises/{NUMBER}/start", {"seed": seed})


def test_seeds_are_drawn_where_none_is_given(room: Room) -> None:
    seeds = set()
    for _ in range(3):
        room.control.order(f"/exercises/{NUMBER}/start")
        begun = read_begun(room.directory)
        assert begun is not None
        seeds.add(begun.seed)
    assert len(seeds) > 1


def test_two_who_press_start_at_once_come_one_after_the_other(room: Room) -> None:
    jobs = [room.control.post(f"/exercises/{NUMBER}/start", {"seed": seed})["job"]["number"] for seed in (8, 9)]
    wait_until(lambda: {room.control.get(f"/jobs/{number}")["state"] for number in jobs} == {"done"}, "the starts")
    begun = read_begun(room.directory)
    assert begun is not None
    (standing,) = room.standings()
    assert standing.transaction.arguments["number"] == f"S-{Room(room.directory, begun.seed).chance().below(1000)}"


def test_a_ledger_that_was_taken_back_is_told_before_what_is_missing(room: Room) -> None:
    room.control.order("/reset")
    with room.client(HOLDER) as client:
        client.call(Asset.issue, number="ELSE", to=HOLDER)
    first, *rest = check(room, number="S-0000")
    assert first.startswith("The ledger was taken back after this lab was started.")
    assert rest == ["The number is another one.", "Nothing was done yet."]


def test_a_ledger_that_was_taken_back_amid_the_start_is_told(room: Room) -> None:
    room.control.order(f"/exercises/{BESIDE}/start")
    missing = room.control.post(f"/exercises/{BESIDE}/check", {"answers": {}})["missing"]
    assert "taken back" in missing[0]


def test_nodes_that_are_down_are_no_crash_but_a_sentence(room: Room) -> None:
    nodes = [node["member"] for node in room.control.get("/network")["nodes"]]
    room.control.order(f"/nodes/{nodes[0]}", {"do": "stop"})
    assert check(room) == ["The number is another one.", "Nothing was done yet."]
    for node in nodes[1:]:
        room.control.order(f"/nodes/{node}", {"do": "stop"})
    assert check(room) == ["This could not be looked at: No node of this lab runs: start one."]
    told = room.control.post(f"/exercises/{NUMBER}/check?lang=zh", {})
    assert told["missing"] == ["无法查看：实验网络中没有节点在运行。"]


def test_a_start_that_fails_is_a_failed_job_and_no_exercise_is_under_way(room: Room) -> None:
    with pytest.raises(OperatorError, match="The disk of this test is full"):
        room.control.order(f"/exercises/{BROKEN}/start")
    assert read_begun(room.directory) is None
    with pytest.raises(ConflictError, match="was not started here"):
        check(room)


def test_only_files_that_the_start_laid_out_are_handed_out(room: Room, lab: Lab) -> None:
    (room.files / "mine.py").write_text("secret = 1")
    node = next(iter(lab.network.urls.values()))
    base = f"/v1/lab/control/exercises/{NUMBER}/files/"
    assert [get(node, f"{base}chain.txt{asked}") for asked in ("", "?lang=zh")] == [(200, "Find it."), (200, "找到 it。")]
    for name in ("mine.py", "..%2Flab.token", "%2e%2e%2f%2e%2e%2flab.token", ""):
        status, text = get(node, base + name)
        assert status in (404, 422)  # the slashes are undone on the way
        assert lab.network.lab_token not in text


def test_a_damaged_file_of_progress_is_named(room: Room) -> None:
    for name in (EXERCISE_FILE, PROGRESS_FILE):
        path: Path = room.directory / name
        kept = path.read_bytes()
        for wrong in (b"no json", b"[]"):
            path.write_bytes(wrong)
            with pytest.raises(OperatorError, match=f"{name} .*Remove it to begin again"):
                (read_begun if name == EXERCISE_FILE else read_progress)(room.directory)
        path.write_bytes(kept)


def get(url: str, path: str) -> tuple[int, str]:
    """Status and text of an answer, as a browser without a token gets it."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
