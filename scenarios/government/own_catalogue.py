"""A catalogue of one's own in three CSV files: what departments hold, what services need, and what an agency asks for.

    catalogue.csv   item, provider, attribute, duty, fields      a row an entry; fields with spaces between
    services.csv    service, item, fields                        a row an entry from which the service needs fields
    requests.csv    service, item, fields, days, reason          a row a request; a reason where more is asked than is needed

The story's offices do what the rows say, for its company. What a rule refuses is told by file and line.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from scenarios.dates import days, on
from scenarios.government.cast import AUDITOR, BUREAU, HOUSING, QINGTENG, SOCIAL, TAX, WINDOW
from scenarios.government.clients import sealed_by
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import limits
from scenarios.government.records import Attribute
from scenarios.government.rules import schema_digest
from scenarios.identifiers import organization_of
from scenarios.importing.faults import Faults, raise_faults
from scenarios.importing.table import Lines, Name, Row, Whole, read_csv, require_known, require_unique
from scenarios.story.story import OPEN, Act, Call, Story, StoryWriter

PROVIDERS = {organization_of(member): member for member in (SOCIAL, TAX, HOUSING)}
TODAY = "2026-04-01"

Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.#-]{1,40}$")]
Service: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z-]{2,39}$")]
DataField: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Fields: TypeAlias = Annotated[
    tuple[DataField, ...],
    BeforeValidator(lambda text: tuple(text.split()) if isinstance(text, str) else text),
    Field(min_length=1),
]
"""With spaces between."""


class EntryRow(Row):
    """An entry of the catalogue."""

    item: Code
    provider: Literal["social-security", "tax-office", "housing-bureau"]
    attribute: Attribute
    duty: Name
    fields: Fields

    @property
    def version_digest(self) -> str:
        """The digest of its first version."""
        return schema_digest(self.item, 1, self.attribute, self.fields)


class NeedRow(Row):
    """What a service needs of one entry."""

    service: Service
    item: Code
    fields: Fields


class RequestRow(NeedRow):
    """What the permit office asks for, for its matter of the service."""

    days: Annotated[Whole, Field(ge=1, le=3_660)]
    reason: Name = ""


@dataclass(frozen=True, slots=True)
class OwnCatalogue:
    """The rows of the three files, each with its line."""

    entries: Lines[EntryRow]
    needs: Lines[NeedRow]
    requests: Lines[RequestRow]

    def entry(self, item: str) -> EntryRow:
        """The entry of an item."""
        return next(row for _, row in self.entries if row.item == item)

    def needed(self, service: str) -> Mapping[str, tuple[str, ...]]:
        """Entry -> fields that the service needs."""
        return {row.item: row.fields for _, row in self.needs if row.service == service}


def read_catalogue(folder: Path) -> OwnCatalogue:
    """Raises InputFaults that name every wrong row of all files."""
    faults = Faults()
    entries = read_csv(folder / "catalogue.csv", EntryRow, faults)
    needs = read_csv(folder / "services.csv", NeedRow, faults)
    requests = read_csv(folder / "requests.csv", RequestRow, faults)
    require_unique(entries, "item", faults, "catalogue.csv")
    items, services = [row.item for _, row in entries], [row.service for _, row in needs]
    require_known(needs, "item", items, faults, "services.csv")
    require_known(requests, "item", items, faults, "requests.csv")
    require_known(requests, "service", services, faults, "requests.csv")
    raise_faults(faults)
    return OwnCatalogue(entries, needs, requests)


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
    for line, row in own.entries:
        drafted = {"item": row.item, "attribute": row.attribute, "duty": row.duty, "basis": row.duty, "fields": [*row.fields]}
        yield Call(Gov.draft_item, drafted, f"catalogue.csv:{line}", (PROVIDERS[row.provider],), makes=(row.item,))


def _publications(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.entries:
        yield Call(Gov.publish_item, {"item": row.item, "schema_digest": row.version_digest}, f"catalogue.csv:{line}", (BUREAU,))


def _services(own: OwnCatalogue) -> Iterator[Call]:
    for service, line in {row.service: line for line, row in own.needs}.items():
        needs = [{"item": item, "fields": [*fields]} for item, fields in own.needed(service).items()]
        listed = {"needs": needs, "retention_days": 30, "inquiry": None}
        yield Call(Gov.list_service, {"service": service, "listed": listed}, f"services.csv:{line}", (BUREAU,))


def _matters(own: OwnCatalogue) -> Iterator[Call]:
    for service in dict.fromkeys(row.service for _, row in own.needs):
        opened = {"matter": service, "purpose": service, "agency": "permit-office", "applicant": "qingteng"}
        yield Call(Gov.open_matter, opened, signers=(WINDOW, QINGTENG))


def _requests(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        wanted = {"item": row.item, "version": 1, "subject": "qingteng", "fields": [*row.fields], "matter": row.service,
                  "purpose": row.service, "uses_max": 1, "expires_on_ms": on(TODAY) + row.days * DAY_MS,
                  "reason": row.reason or None}  # fmt: skip
        number = f"R{line}"
        yield Call(Gov.request_share, {"request": number, "wanted": wanted}, f"requests.csv:{line}", (WINDOW,), makes=(number,))


def _answers(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        entry = own.entry(row.item)
        if entry.attribute != "unconditional":
            yield Call(Gov.approve, {"request": f"R{line}"}, f"requests.csv:{line}", (PROVIDERS[entry.provider],))


def _reasons(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        if row.reason and not {*row.fields} <= {*own.needed(row.service).get(row.item, ())}:
            yield Call(Gov.acknowledge, {"notice": f"{row.service}:excess:R{line}"}, f"requests.csv:{line}", (AUDITOR,))


def _receipts(own: OwnCatalogue) -> Iterator[Call]:
    for line, row in own.requests:
        entry, number = own.entry(row.item), f"R{line}"
        provider = PROVIDERS[entry.provider]
        exchange = {
            "fields": [*row.fields], "purpose": row.service, "matter": row.service, "schema_digest": entry.version_digest,
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
