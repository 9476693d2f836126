"""DCSA-shaped JSON that others wrote, made into calls of the contract: all that is wrong is named, by line, path and reason.

A file holds one message or a list; a list may stand under `events`, a document under `document` (as in an issuance request).
Fields that this contract has no place for are not recorded and named in a note: DCSA lets everybody add fields. Times without an
offset are refused. A wrong check digit is a fault, or with `warn` a note, and the record is flagged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ledger.contract import Operation
from ledger.contract.refusal import Phrase
from ledger.contract.words import words_of
from ledger.errors import JsonValue
from nodes.words import Words
from scenarios.identifiers import is_container_number, is_ship_number
from scenarios.importing.faults import Fault, fault_count
from scenarios.importing.json_file import read_json_items
from scenarios.shipping.bill.imported import is_chain, is_document, read_chain, read_document
from scenarios.shipping.box.event_codes import entitled
from scenarios.shipping.box.imported import is_event, read_event
from scenarios.shipping.cast import PACKAGE
from scenarios.shipping.contract import Shipping
from scenarios.shipping.json_look import Look
from scenarios.shipping.roles import CARRIER

CheckDigits = Literal["strict", "warn"]
WORDS = Words.of(PACKAGE, "import.toml")
REASONS: Mapping[str, Phrase] = {**words_of(Shipping).refusals, **WORDS["reasons"]}
"""What a condition of the contract says of a `{place}`, and reasons that only these files know."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that can be submitted."""

    look: Look
    """Where it stands."""
    operation: Operation
    arguments: Mapping[str, Any]
    roles: tuple[str, ...]
    """One of these must sign."""
    order: tuple[int, int]
    """Documents first, then endorsement chains, then events by their times."""

    @property
    def told_at_ms(self) -> int:
        """When it was told: what it tells of lies before, unless it is expected; 0 for a document."""
        said = self.arguments.get("report", self.arguments.get("chain", self.arguments))
        return int(said.get("updated_at_ms", said.get("last_at_ms", 0)))


@dataclass(frozen=True, slots=True)
class Note:
    """What was left out or let pass."""

    look: Look
    words: Phrase


def read_messages(
    paths: Iterable[Path], carrier: str, check_digits: CheckDigits, faults: list[Fault]
) -> tuple[list[Message], list[Note]]:
    """The sound messages in the order in which they are to be submitted, and the notes."""
    messages: list[Message] = []
    notes: list[Note] = []
    for path in paths:
        for line, where, item in read_json_items(path, faults, under="events"):
            root = Look(path.name, line, where, _object(item), faults, REASONS)
            for look in _looks(root, item):
                before = fault_count(faults)
                message = _message(look, carrier, check_digits, notes)
                if message is not None and fault_count(faults) == before:
                    messages.append(message)
    return sorted(_once(messages), key=lambda message: message.order), notes


def _looks(root: Look, item: JsonValue) -> Iterator[Look]:
    """The messages in one item of a file."""
    if isinstance(item, dict) and "events" in item:
        yield from root.items("events")  # no list, or an empty one
    elif isinstance(item, dict) and isinstance(item.get("document"), dict):
        yield root.part("document")
    elif isinstance(item, dict) and (is_event(item) or is_document(item) or is_chain(item)):
        yield root
    else:
        root.fault("", "not-a-message", str(item))


def _object(item: JsonValue) -> dict[str, JsonValue]:
    return item if isinstance(item, dict) else {}


def _message(look: Look, carrier: str, check_digits: CheckDigits, notes: list[Note]) -> Message | None:
    before = fault_count(look.faults)
    roles: tuple[str, ...] = (CARRIER,)
    if is_chain(look.value):
        reference, chain = read_chain(look)
        operation, order, numbers = Shipping.note_chain, (1, 0), []
        arguments: dict[str, Any] = {"reference": reference, "chain": chain}
    elif is_document(look.value):
        reference, document = read_document(look, carrier)
        arguments = {"reference": reference, "document": document, "check_digits": check_digits}
        numbers = [box["reference"] for box in document["equipment"]]
        operation, order = Shipping.note_document, (0, 0)
    elif is_event(look.value):
        report = read_event(look)
        order = (2, report.get("event_at_ms", report["updated_at_ms"]))
        numbers = [report[name] for name in ("equipment", "vessel_imo") if report.get(name)]
        operation, arguments, roles = _event_call(report, check_digits)
    else:
        look.fault("", "not-a-message")
        return None
    _judge_numbers(look, numbers, check_digits, notes)
    ignored = list(look.ignored())
    if ignored:
        listed = ", ".join(ignored[:6]) + (f" (+{len(ignored) - 6})" if len(ignored) > 6 else "")
        left_out = "in-checksum" if is_document(look.value) else "not-recorded"
        notes.append(Note(look, _filled(left_out, listed)))
    if fault_count(look.faults) == before:
        _judge_arguments(look, operation, arguments)
    return Message(look, operation, arguments, roles, order)


def _event_call(report: dict[str, Any], check_digits: CheckDigits) -> tuple[Operation, dict[str, Any], tuple[str, ...]]:
    if report.pop("is_retracted", False):
        return Shipping.retract_event, report, ()
    roles = entitled(report["event_type"], report["code"], report["classifier"]) if report["event_type"] else ()
    return Shipping.record_event, {"report": report, "check_digits": check_digits}, roles


def _judge_numbers(look: Look, numbers: Iterable[str], check_digits: CheckDigits, notes: list[Note]) -> None:
    for number in numbers:
        if number == "" or is_container_number(number) or is_ship_number(number):
            continue
        if check_digits == "strict":  # check: shipping-import-check-digit
            look.fault("vesselIMONumber" if number.isdigit() else "equipmentReference", "wrong-check-digit", number)
        else:
            notes.append(Note(look, _filled("let-pass", number)))


def _judge_arguments(look: Look, operation: Operation, arguments: dict[str, Any]) -> None:
    """The contract's own types have the last word."""
    try:
        operation.parse_arguments(arguments)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            look.fault(".".join(map(str, problem["loc"][1:])), "bad-value", problem.get("input", ""))


def _filled(key: str, value: str) -> Phrase:
    return Phrase(**WORDS["notes"][key].both(value=value))


def _once(messages: Iterable[Message]) -> Iterator[Message]:
    """Leaves out what stands in the files twice."""
    seen: dict[tuple[str, ...], Message] = {}
    for message in messages:
        report = message.arguments.get("report", message.arguments)
        named = tuple(str(report.get(name)) for name in ("reference", "originator", "event_id", "updated_at_ms"))
        key = (message.operation.name, *named)
        if key in seen:  # check: shipping-import-repeated
            first = seen[key].look
            message.look.fault("eventID", "repeated", f"{report.get('event_id', named[0])} (= {first.file}:{first.line})")
        else:
            seen[key] = message
            yield message
