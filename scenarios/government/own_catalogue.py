"""A catalogue of one's own in two CSV files: what departments hold and which services need it, and what an agency asks for.

    catalogue.csv   item, provider, attribute, duty, field, needed_by   a row a field; services with spaces between, or nothing
    requests.csv    service, item, fields, days, reason                 a row a request; fields with spaces between

The story's offices do what the rows say, for its company. What a rule refuses is told by file and line.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from scenarios.dates import days, on
from scenarios.government.cast import AUDITOR, BUREAU, HOUSING, QINGTENG, SOCIAL, TAX, WINDOW
from scenarios.government.clients import sealed_by
from scenarios.government.contract import Government as Gov
from scenarios.government.records import Attribute
from scenarios.government.rules import schema_digest
from scenarios.government.story_licences import limits
from scenarios.identifiers import organization_of
from scenarios.importing.faults import Faults, describe, raise_faults
from scenarios.importing.table import Lines, Name, Row, Whole, read_csv, require_known
from scenarios.story.story import OPEN, Act, Call, Story, StoryWriter

PROVIDERS = {organization_of(member): member for member in (SOCIAL, TAX, HOUSING)}
TODAY = "2026-04-01"
REASONS = {"differs": Phrase("An earlier row says otherwise of this item.", "与该目录项前面的行不一致。")}

Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.#-]{1,40}$")]
Service: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z-]{2,39}$")]
DataField: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
_spaced = BeforeValidator(lambda text: tuple(text.split()) if isinstance(text, str) else text)


class EntryRow(Row):
    """A field of an entry of the catalogue; all rows of one item say the same of it."""

    item: Code
    provider: Literal["social-security", "tax-office", "housing-bureau"]
    attribute: Attribute
    duty: Name
    field: DataField
    needed_by: Annotated[tuple[Service, ...], _spaced] = ()

    @property
    def of_item(self) -> tuple[str, str, str]:
        """What it says of its item."""
        return self.provider, self.attribute, self.duty


class RequestRow(Row):
    """What the permit office asks for, for one matter of the service."""

    service: Service
    item: Code
    fields: Annotated[tuple[DataField, ...], _spaced, Field(min_length=1)]
    days: Annotated[Whole, Field(ge=1, le=3_660)]
    reason: Name = ""


@dataclass(frozen=True, slots=True)
class OwnCatalogue:
    """The rows of both files by the line on which they stand, and by what they are about."""

    items: Mapping[str, Lines[EntryRow]]
    services: Mapping[str, Mapping[str, list[str]]]
    """Service -> item -> fields that it needs."""
    requests: Lines[RequestRow]

    def drafted(self, item: str) -> dict[str, Any]:
        """Arguments of the draft."""
        rows = self.items[item]
        first, fields = rows[0][1], [row.field for _, row in rows]
        return {"item": item, "duty": first.duty, "attribute": first.attribute, "basis": first.duty, "fields": fields}

    def schema(self, item: str) -> str:
        """The digest of its first version."""
        drafted = self.drafted(item)
        return schema_digest(item, 1, drafted["attribute"], drafted["fields"])

    def provider(self, item: str) -> str:
        """Who signs for its department."""
        return PROVIDERS[self.items[item][0][1].provider]


def read_catalogue(folder: Path) -> OwnCatalogue:
    """Raises InputFaults that name every wrong row of both files."""
    faults = Faults()
    entries = read_csv(folder / "catalogue.csv", EntryRow, faults)
    requests = read_csv(folder / "requests.csv", RequestRow, faults)
    items: dict[str, Lines[EntryRow]] = {}
    services: dict[str, dict[str, list[str]]] = {}
    for line, row in entries:
        rows = items.setdefault(row.item, [])
        rows.append((line, row))
        if row.of_item != rows[0][1].of_item:  # check: government-item-differs
            faults.append(describe("catalogue.csv", line, "item", "differs", row.item, REASONS))
        for service in row.needed_by:
            services.setdefault(service, {}).setdefault(row.item, []).append(row.field)
    require_known(requests, "item", items, faults, "requests.csv")
    require_known(requests, "service", services, faults, "requests.csv")
    raise_faults(faults)
    return OwnCatalogue(items, services, requests)


def story_of(own: OwnCatalogue) -> Story:
    """Limits and catalogue; then requests, answers and receipts."""
    writer = StoryWriter()
    writer.chapter(en="Your catalogue", zh="您的目录")
    limited = (Gov.set_deadlines, {"effective_on_ms": on("2026-03-31"), "days": limits(2, 5)})
    writer.batch(BUREAU, [limited], en="A grant lasts at most 30 days.", zh="授权最长 30 天。")
    writer.clock(days(TODAY), en="Two days later.", zh="两天后。")
    for words, work in STAGES:
        calls = tuple(work(own))
        if calls:
            said = Phrase(words.en.format(len(calls)), words.zh.format(len(calls)))
            writer.add(Act((), calls, OPEN, said))
    return writer.story()


def _drafts(own: OwnCatalogue) -> Iterator[Call]:
    for item, rows in own.items.items():
        yield Call(Gov.draft_item, own.drafted(item), f"catalogue.csv:{rows[0][0]}", (own.provider(item),), makes=(item,))


def _publications(own: OwnCatalogue) -> Iterator[Call]:
    for item, rows in own.items.items():
        published = {"item": item, "schema_digest": own.schema(item)}
        yield Call(Gov.publish_item, published, f"catalogue.csv:{rows[0][0]}", (BUREAU,))


def _services(own: OwnCatalogue) -> Iterator[Call]:
    for service, fields in own.services.items():
        needs = [{"item": item, "fields": names} for item, names in fields.items()]
        line = own.items[next(iter(fields))][0][0]
        listed = {"needs": needs, "retention_days": 30, "inquiry": None}
        yield Call(Gov.list_service, {"service": service, "listed": listed}, f"catalogue.csv:{line}", (BUREAU,))


def _matters(own: OwnCatalogue) -> Iterator[Call]:
    sides = {"agency": "permit-office", "applicant": "qingteng"}
    for service in own.services:
        yield Call(Gov.open_matter, {"matter": service, "purpose": service, **sides}, signers=(WINDOW, QINGTENG))


def _requests(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        wanted = {"item": row.item, "version": 1, "subject": "qingteng", "fields": [*row.fields], "matter": row.service,
                  "purpose": row.service, "uses_max": 1, "expires_on_ms": on(TODAY) + row.days * DAY_MS,
                  "reason": row.reason or None}  # fmt: skip
        number = f"R{line}"
        yield Call(Gov.request_share, {"request": number, "wanted": wanted}, f"requests.csv:{line}", (WINDOW,), makes=(number,))


def _answers(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        if own.drafted(row.item)["attribute"] != "unconditional":
            yield Call(Gov.approve, {"request": f"R{line}"}, f"requests.csv:{line}", (own.provider(row.item),))


def _reasons(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        if row.reason and not {*row.fields} <= {*own.services[row.service].get(row.item, ())}:
            yield Call(Gov.acknowledge, {"notice": f"{row.service}:excess:R{line}"}, f"requests.csv:{line}", (AUDITOR,))


def _receipts(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        provider, number = own.provider(row.item), f"R{line}"
        exchange = {
            "fields": [*row.fields], "purpose": row.service, "matter": row.service, "schema_digest": own.schema(row.item),
            "request": sealed_by(WINDOW, (provider,), f"{number}/request", {"about": "qingteng"}),
            "response": sealed_by(provider, (WINDOW,), number, dict.fromkeys(row.fields, "a value")),
            "as_of_on_ms": [on(TODAY)] * len(row.fields),
        }  # fmt: skip
        arguments = {"receipt": number, "grant": number, "exchange": exchange}
        yield Call(Gov.access, arguments, f"requests.csv:{line}", (WINDOW, provider))


STAGES: tuple[tuple[Phrase, Callable[[OwnCatalogue], Iterator[Call]]], ...] = (
    (Phrase("Departments draft entries: {}.", "各部门起草目录：{} 项。"), _drafts),
    (Phrase("The data bureau puts them in force: {}.", "数据局发布目录：{} 项。"), _publications),
    (Phrase("It lists what services need: {}.", "数据局列出事项所需字段：{} 项。"), _services),
    (Phrase("A company opens a matter of each service: {}.", "企业就每个事项申请办件：{} 件。"), _matters),
    (Phrase("The permit office asks: {}.", "审批局提出申请：{} 件。"), _requests),
    (Phrase("Departments answer: {}.", "各部门答复：{} 件。"), _answers),
    (Phrase("An auditor sees why more is asked than is needed: {}.", "审计查看超出所需的理由：{} 件。"), _reasons),
    (Phrase("They serve, and both sides sign: {}.", "提供数据，双方签署回执：{} 份。"), _receipts),
)
