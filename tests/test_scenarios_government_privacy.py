"""No personal value stands on the ledger, in no spelling and under no digest that trying could undo; and who may read what.

The access matrix stands in golden/government_access.txt: `python -m tests.test_scenarios_government_privacy` writes it anew.
"""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from stdnum.cn import ric

from ledger.contract.records import read_member
from ledger.sealed import Opening, parse_opening, sealed_digest
from scenarios.client_files import ClientFiles
from scenarios.dates import on
from scenarios.government.cast import BAIHUA, MARKET, MEMBERS, PEOPLE, PLATFORM, QINGTENG, WINDOW, YANSHAN, identifier
from scenarios.government.clients import code_tag
from scenarios.government.contract import Government as Gov
from scenarios.government.invariants import personal_values
from scenarios.government.scenario import SCENARIO
from scenarios.story.play import play
from tests.government_world import World, accepted, used
from tests.rule_table import aligned
from tests.scenario_stage import ChainStage

GOLDEN = Path(__file__).parent / "golden" / "government_access.txt"
HASHES = ("md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s", "sm3")
CODES = [f"{number:08}" for number in range(0, 10**8, 9_999_991)]


@cache
def played() -> tuple[ChainStage, bytes]:
    """The stage after the story, and the whole ledger as it is exported."""
    stage = ChainStage(SCENARIO)
    play(SCENARIO, stage)
    return stage, b"\n".join(stage.decided.view.export())


def spellings(value: str) -> Iterator[bytes]:
    """A value as it might be written: plain, escaped, in another character set, in hexadecimal, in base64 wherever it begins."""
    yield json.dumps(value)[1:-1].encode()
    for raw in (value.encode(), value.encode("gb18030"), value.encode("utf-16-le")):
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for before, write in product(range(3), (b64encode, urlsafe_b64encode)):
            length = len(raw) - (len(raw) + before) % 3
            start = (before * 8 + 5) // 6
            yield write(bytes(before) + raw[:length])[start:].rstrip(b"=")


def digests(value: str) -> Iterator[bytes]:
    """Plain digests of a value, as somebody might have thought them safe."""
    written = (value, json.dumps(value), json.dumps(value, ensure_ascii=False), value + "\n", value.lower(), value.upper())
    raws = dict.fromkeys((*(text.encode() for text in written), value.encode("gb18030")))
    for name, raw in product(HASHES, raws):
        if name in hashlib.algorithms_available:
            found = hashlib.new(name, raw).digest()
            yield found.hex().encode()
            yield b64encode(found).rstrip(b"=")
            yield urlsafe_b64encode(found).rstrip(b"=")


def test_the_scan_finds_what_is_there() -> None:
    value = "莫青禾"
    planted = [
        value.encode(), json.dumps(value).encode(), b64encode(b"x" + f"who: {value}".encode()), b64encode(f"{value}.".encode()),
        value.encode().hex().encode(), hashlib.sha256(value.encode()).hexdigest().encode(),
        b64encode(hashlib.sha256(json.dumps(value).encode()).digest()),
    ]  # fmt: skip
    for text in planted:
        assert any(needle in text for needle in (*spellings(value), *digests(value))), text


@pytest.mark.parametrize("value", personal_values())
def test_no_personal_value_is_on_the_ledger(value: str) -> None:
    _, export = played()
    assert len(export) > 100_000
    assert [needle for needle in spellings(value) if len(needle) > 3 and needle in export] == []
    assert [needle for needle in digests(value) if needle in export] == []


def test_every_personal_value_is_looked_for() -> None:
    listed = {value for group in ("companies", "answers") for row in PEOPLE[group].values() for value in row.values()}
    listed |= {PEOPLE["new_address"], PEOPLE["corrected"]}
    assert listed - set(personal_values()) == {"17", "none", "regular"}


def test_short_values_are_salted_wherever_they_are_sealed() -> None:
    stage, export = played()
    openings = [opening for kept in stage.files._openings.values() for opening in kept.values()]
    assert len(openings) > 40
    for opening in openings:
        assert sealed_digest(Opening("0" * 32, opening.value)).encode() not in export
        assert opening.salt == "0" * 32 or opening.salt.encode() not in export
        for value in opening.value.values() if isinstance(opening.value, dict) else [opening.value]:
            assert not any(needle in export for needle in digests(str(value)))


def test_what_is_shown_from_a_wallet_is_not_on_the_ledger() -> None:
    stage, export = played()
    texts = [str(o.value) for kept in stage.files._openings.values() for o in kept.values() if "~" in str(o.value)]
    parts = {part for text in texts for part in text.replace("~", ".").split(".") if len(part) > 20}
    assert len(parts) > 30
    assert [part for part in sorted(parts) if part.encode() in export] == []


def test_no_client_file_holds_what_its_owner_was_not_given() -> None:
    stage, _ = played()
    kept = {
        owner: json.dumps([o.value for o in files.values()], ensure_ascii=False) for owner, files in stage.files._openings.items()
    }
    secret = PEOPLE["companies"]["qingteng"]["representative_id"]
    assert sorted(owner for owner, text in kept.items() if secret in text) == ["market-bureau.desk", QINGTENG]
    assert PEOPLE["answers"]["tax"]["accountant"] not in "".join(kept.values())


def test_a_code_hangs_on_the_platforms_secret_and_on_all_that_it_is_bound_to() -> None:
    bound = (identifier(QINGTENG), "permit-office", "XK-0402", "2026-04-03", "1")
    files, others = ClientFiles(lambda size: b"a" * size), ClientFiles(lambda size: b"b" * size)
    tags = {
        str(code_tag("C-1", PLATFORM, bound).prepare(files, QINGTENG)),
        str(code_tag("C-1", PLATFORM, bound).prepare(others, QINGTENG)),
    }
    for place in range(len(bound)):
        tags.add(str(code_tag("C-1", PLATFORM, (*bound[:place], "other", *bound[place + 1 :])).prepare(files, QINGTENG)))
    tags |= {
        str(code_tag("C-2", PLATFORM, bound).prepare(files, QINGTENG)),
        str(code_tag("C-1", PLATFORM, bound, 1).prepare(files, QINGTENG)),
    }
    assert len(tags) == 9


def test_no_code_is_found_by_trying_without_the_secret() -> None:
    stage, export = played()
    drawn = [f"{int(stage.files.keyed_fingerprint(PLATFORM, 'code', consent)[:15], 16) % 10**8:08}" for consent in ("C-1", "C-2")]
    for code in (*drawn, *CODES):
        for text in (code, f"C-1{code}", f"{code}C-1", f"{code}\x00C-1", f"C-1:{code}"):
            assert not any(needle in export for needle in digests(text))
        assert code not in drawn or f'"{code}"'.encode() not in export


def test_everybodys_numbers_are_nobodys() -> None:
    for value in personal_values():
        if len(value) == 18 and value[:17].isdigit():
            assert value.startswith("99")
            assert ric.calc_check_digit(value) != value[-1]
        if value.isdigit() and len(value) == 11:
            assert value.startswith("12"), "mobile numbers begin with 13 to 19"


def matrix() -> str:
    """Who may read what is sealed in which record, and by which rule."""
    stage, _ = played()
    state = stage.decided.view.state
    records = {
        "receipt of Qingteng (R-1)": Gov(state).receipts["R-1"],
        "the same before 3 May": Gov(state).receipts["R-1"],
        "receipt of Qingteng's lease (R-6)": Gov(state).receipts["R-6"],
        "receipt of Baihua (R-7)": Gov(state).receipts["R-7"],
        "licence of Qingteng": Gov(state).licences[identifier(QINGTENG)],
        "licence of Baihua": Gov(state).licences[identifier(BAIHUA)],
        "shown to Yanshan (Q-1)": Gov(state).questions["Q-1"],
        "shown to Lanhai (Q-2)": Gov(state).questions["Q-2"],
        "correction (K-1)": Gov(state).cases["K-1"],
        "evidence of Qingteng (E-1)": Gov(state).evidence["E-1"],
        "evidence of Baihua (E-3)": Gov(state).evidence["E-3"],
        "consent (C-1)": Gov(state).grants["C-1"],
    }
    readers = [*(str(person["member"]) for person in MEMBERS), "notary-office.node"]
    rows = [["", *records]]
    for name in readers:
        member = read_member(state, name)
        assert member is not None
        times = {"the same before 3 May": on("2026-05-03") - 1}
        rules = (
            Gov.read_rule(state, record, member, times.get(name, stage.head().time_ms), stage.head().height)
            for name, record in records.items()
        )
        rows.append([name, *(rule or "-" for rule in rules)])
    return aligned(rows)


def test_the_access_matrix() -> None:
    assert matrix() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(("world", "clerk", "matter"), [(used, WINDOW, "M"), (accepted, YANSHAN, "A")])
def test_no_node_opens_what_its_subject_objects_to(world: Callable[[], World], clerk: str, matter: str) -> None:
    made = world()
    given = made.contract.receipts["X"] if matter == "M" else made.contract.questions["Q"]

    def reads(name: str) -> str:
        member = read_member(made.state, name)
        assert member is not None
        return Gov.read_rule(made.state, given, member, made.time_ms, 1)

    assert reads(clerk) == "consumer"
    made.do(QINGTENG, Gov.object_to_use, case="F", matter=matter, item="L", reason="a reason")
    assert (reads(clerk), reads(QINGTENG)) == ("", "holder")
    made.do(MARKET, Gov.keep, case="F", reason="a reason")
    assert reads(clerk) == "consumer"


def test_a_court_reads_nothing_before_it_is_brought_to_it() -> None:
    stage, _ = played()
    state = stage.decided.view.state
    court = read_member(state, "hexi-court.registry")
    assert court is not None
    before = Gov(state).evidence["E-1"].replace(court="", case="")
    assert Gov.read_rule(state, before, court, stage.head().time_ms, 1) == ""


def test_an_opening_in_a_file_is_read_back() -> None:
    stage, _ = played()
    opening = stage.files.opening(QINGTENG, "R-1")
    assert parse_opening(opening.to_json()) == opening


if __name__ == "__main__":
    GOLDEN.write_text(matrix(), encoding="utf-8")
