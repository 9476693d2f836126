"""Physical order of a box's events, against an oracle that knows journeys as a regular expression and calls as inequalities."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.shipping.box.physical_order import differs, flags_of, is_seal_changed, order_fault, partial_fault, position_of
from scenarios.shipping.records import Move, PortCall

PORTS = ("CNTAO", "SGSIN", "DEHAM", "NLRTM")
JOURNEY = re.compile(r"(?:e?s*i(?:ld)+ot?b)*(?:e?s*(?:i(?:ld)*l?|i(?:ld)+ot?)?)")
"""Any beginning of it: out empty, stuffed, in laden, loaded, discharged, out laden, stripped, back empty."""
CODES = {"e": "GTOT", "s": "STUF", "i": "GTIN", "l": "LOAD", "d": "DISC", "o": "GTOT", "t": "STRP", "b": "GTIN", "x": "INSP"}


def moves_of(letters: str) -> list[Move]:
    """Moves an hour apart on the way from port to port, each leg of each journey on a ship of its own."""
    found, journey, leg, place = [], 0, 0, 0
    for hour, letter in enumerate(letters, 1):
        journey += letter == "b"
        if letter == "i":
            leg = place = 0
        place = min(leg + 1, 3) if letter == "d" else place
        ship = f"ship{journey}{leg}" if letter in "ld" else ""
        found.append(Move(code=CODES[letter], at_ms=hour * 10, port=PORTS[place], ship=ship, is_empty=letter in "eb"))
        leg += letter == "d"
    return found


def calls_of(moves: list[Move]) -> dict[str, PortCall]:
    """Ships leave just after a box was loaded, and come just before one is discharged."""
    calls: dict[str, PortCall] = {}
    for move in moves:
        place = f"{move.ship}:{move.port}"
        call = calls.get(place, PortCall())
        if move.code == "LOAD":
            calls[place] = call.replace(departed_at_ms=move.at_ms + 1)
        if move.code == "DISC":
            calls[place] = call.replace(arrived_at_ms=move.at_ms - 1)
    return calls


whole_journeys = st.builds(
    "{}{}i{}o{}b".format,
    st.sampled_from(["", "e"]),
    st.sampled_from(["", "s", "ss"]),
    st.sampled_from(["ld", "ldld", "ldldld"]),
    st.sampled_from(["", "t"]),
)
"""What fits the whole expression; so does every beginning of several. Drawing from the expression takes ten times as long."""


@st.composite
def letters_of_journeys(draw: st.DrawFn) -> str:
    """Sound journeys, and ones of which an event is lost, doubled or moved."""
    letters = "".join(draw(st.lists(whole_journeys, max_size=3)))
    letters = letters[: draw(st.integers(0, len(letters)))]
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(letters)))
        letters = letters[:place] + draw(st.sampled_from(["", *"esildotbx"])) + letters[place + draw(st.integers(0, 1)) :]
    return letters


@given(letters_of_journeys())
@settings(max_examples=400, deadline=None)
def test_any_order_of_events_is_judged_as_the_oracle_does(letters: str) -> None:
    moves = moves_of(letters)
    is_sound = JOURNEY.fullmatch(letters.replace("x", "")) is not None
    if not re.search("(ld){4}", letters.replace("x", "")):
        assert (order_fault(moves, calls_of(moves)) == "") == is_sound, letters


@given(st.permutations("esildldotb"), st.integers(0, 10))
def test_judgement_does_not_depend_on_the_order_of_posting(letters: list[str], cut: int) -> None:
    moves = moves_of("".join(letters[:cut]))
    assert order_fault(moves, calls_of(moves)) == order_fault(moves[::-1], calls_of(moves))


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
@settings(max_examples=500)
def test_load_depart_arrive_discharge(times: list[int]) -> None:
    load, depart, arrive, discharge = (time * 10 + 20 for time in times)
    calls = {"S:CNTAO": PortCall(departed_at_ms=depart), "S:DEHAM": PortCall(arrived_at_ms=arrive)}
    moves = [
        Move(code="GTIN", at_ms=1, port="CNTAO"),
        Move(code="LOAD", at_ms=load, port="CNTAO", ship="S"),
        Move(code="DISC", at_ms=discharge, port="DEHAM", ship="S"),
    ]
    assert (order_fault(moves, calls) == "") == (load <= depart <= arrive <= discharge)


def test_events_of_one_instant_keep_the_order_in_which_they_were_posted() -> None:
    moves = [Move(code="GTIN", at_ms=5, port="CNTAO"), Move(code="LOAD", at_ms=5, port="CNTAO", ship="S")]
    assert order_fault(moves, {}) == ""
    assert position_of(moves).place == "aboard"


def test_what_is_told_only_in_part_must_not_contradict_itself() -> None:
    load, discharge = (Move(code=code, at_ms=at, port="SGSIN", ship="S") for code, at in (("LOAD", 20), ("DISC", 40)))
    assert partial_fault([load], {}) == partial_fault([discharge], {}) == partial_fault([load, discharge], {}) == ""
    assert partial_fault([load, load.replace(at_ms=30)], {}) == "loaded-twice"
    assert partial_fault([load, discharge.replace(ship="T")], {}) == "not-aboard"
    assert partial_fault([discharge, discharge.replace(at_ms=50)], {}) == "not-aboard"
    assert partial_fault([load], {"S:SGSIN": PortCall(departed_at_ms=19)}) == "loaded-after-departure"
    assert partial_fault([discharge], {"S:SGSIN": PortCall(arrived_at_ms=41)}) == "discharged-before-arrival"


@pytest.mark.parametrize(
    ("code", "letters"),
    [
        ("gate-in-unexpected", "ii"),
        ("gate-out-unexpected", "se"),
        ("gate-out-before-discharge", "io"),
        ("stuffed-unexpected", "is"),
        ("stripped-before-gate-out", "it"),
        ("loaded-twice", "ill"),
        ("load-before-gate-in", "l"),
        ("not-aboard", "id"),
    ],
)
def test_each_step_out_of_order_has_its_code(code: str, letters: str) -> None:
    moves = moves_of(letters)
    assert order_fault(moves, calls_of(moves)) == code


@pytest.mark.parametrize(
    ("code", "port", "call"),
    [
        ("loaded-after-departure", "CNTAO", PortCall(departed_at_ms=19)),
        ("discharged-before-arrival", "SGSIN", PortCall(arrived_at_ms=31)),
    ],
)
def test_each_step_at_a_wrong_time_has_its_code(code: str, port: str, call: PortCall) -> None:
    moves = moves_of("ild")
    assert order_fault(moves, {**calls_of(moves), f"ship00:{port}": call}) == code


def test_a_box_is_loaded_where_it_stands_and_leaves_where_it_was_discharged() -> None:
    inside = Move(code="GTIN", at_ms=1, port="CNTAO")
    assert order_fault([inside, Move(code="LOAD", at_ms=2, port="SGSIN", ship="S")], {}) == "load-before-gate-in"
    moves = moves_of("ild")
    out = Move(code="GTOT", at_ms=90, port="CNTAO")
    assert order_fault([*moves, out], calls_of(moves)) == "gate-out-before-discharge"


# Seals, dangerous goods, weight


def sealed(code: str, *seals: str) -> Move:
    return Move(code=code, at_ms=0, seals=seals)


def test_seals() -> None:
    assert not is_seal_changed([sealed("GTIN", "A1"), sealed("LOAD"), sealed("DISC", "A1")])
    assert is_seal_changed([sealed("GTIN", "A1"), sealed("DISC", "A2")])
    assert is_seal_changed([sealed("GTIN", "A1", "A2"), sealed("DISC", "A1")])
    assert not is_seal_changed([sealed("GTIN", "A1", "A2"), sealed("DISC", "A2", "A1")])
    assert not is_seal_changed([sealed("GTIN", "A1"), sealed("RSEA", "C7"), sealed("DISC", "C7")])
    assert is_seal_changed([sealed("GTIN", "A1"), sealed("RSEA", "C7"), sealed("DISC", "A1")])
    assert is_seal_changed([sealed("GTIN", "A1"), sealed("DISC", "A2"), sealed("RSEA", "C7")])
    assert not is_seal_changed([sealed("GTIN", "A1"), sealed("DISC", "A2"), sealed("INSP"), sealed("GTOT", "A2")])


def test_dangerous_goods_and_weight() -> None:
    seen = Move(code="GTIN", at_ms=0, un_numbers=("3480",), gross_weight_kg=20_000)
    assert flags_of([seen], ("3480",), 20_000) == flags_of([seen], ("3480",), 0) == ()
    assert flags_of([seen], (), 20_000) == ("undeclared-dangerous-goods",)
    assert flags_of([seen], ("3480",), 18_000) == ("weight-differs",)
    assert flags_of([seen, seen.replace(at_ms=1, gross_weight_kg=18_100)], ("3480",), 18_000) == ()
    assert not differs(21_000, 20_000)
    assert differs(21_001, 20_000)
    assert not differs(19_000, 20_000)
    assert differs(18_999, 20_000)
