"""Arguments that several chapters give: entries of the catalogue, licences, requests, consents, receipts, presentations."""

from collections.abc import Mapping
from typing import Any

from scenarios.dates import on
from scenarios.government import cast
from scenarios.government.clients import code_tag, drawn_nonce, key_of, licence_content, sealed_by, shown_from_wallet
from scenarios.government.rules import schema_digest
from scenarios.identifiers import organization_of
from scenarios.story.story import PreparedArgument

SHOWN = ("name", "uscc", "legal_representative")
"""Fields of the licence that banks and windows ask for."""
LICENCE = ("uscc", "name", "legal_representative", "representative_id", "telephone", "address")
"""Fields of the business licence, entry EL-001."""
HEADCOUNT = ("insured_employees", "payroll_contact", "contact_telephone")
TAXES = ("tax_arrears", "filing_status", "accountant", "accountant_id")
INSURANCE = ("months_insured", "wage_base")
LEASE = ("lease_until", "owner_name", "owner_telephone")
ITEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "SB-01": (cast.SOCIAL, {"duty": "Social insurance of employees", "attribute": "unconditional",
                       "basis": "for permits and tenders", "fields": HEADCOUNT}),
    "SB-02": (cast.SOCIAL, {"duty": "Social insurance of a person", "attribute": "conditional",
                       "basis": "for matters of the person", "fields": INSURANCE}),
    "TX-01": (cast.TAX, {"duty": "Tax collection", "attribute": "conditional", "basis": "for matters of the taxpayer",
                    "fields": TAXES}),
    "TX-09": (cast.TAX, {"duty": "Tax audits", "attribute": "not-shared", "basis": "secret by tax law",
                    "fields": ("audit_findings",)}),
    "HB-01": (cast.HOUSING, {"duty": "Registration of leases", "attribute": "conditional",
                        "basis": "for matters of the tenant", "fields": LEASE}),
    "EL-001": (cast.MARKET, {"duty": "Registration of companies", "attribute": "conditional",
                        "basis": "with the consent of the holder", "fields": LICENCE}),
}  # fmt: skip
FIRE_LAW = {"agency": "fire-service", "legal_basis": "Fire Protection Law, article 53"}
SERVICES: dict[str, dict[str, Any]] = {
    "restaurant-permit": {"needs": {"EL-001": SHOWN, "SB-01": HEADCOUNT[:1], "TX-01": TAXES[:2], "HB-01": LEASE[:1]}},
    "account-opening": {"needs": {"EL-001": SHOWN}, "retention_days": 3_650},
    "fire-inspection": {"needs": {"EL-001": SHOWN}, "inquiry": FIRE_LAW},
    "rent-subsidy": {"needs": {"SB-02": INSURANCE[:1], "HB-01": LEASE[:1]}},
}
"""What agencies need to know, and how long they keep it."""
TERMS_OF = {
    cast.QINGTENG: ("2026-04-01", "2029-03-31"),
    cast.BAIHUA: ("2024-11-05", "2029-11-04"),
    cast.JINNONG: ("2023-04-11", "2026-04-10"),
}
PERMIT: dict[str, Any] = {"purpose": "restaurant-permit", "matter": "XK-0402"}
SMALLER = HEADCOUNT[:1]
"""What is left of the headcount after its amendment."""
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "EL-001": cast.particulars(cast.QINGTENG), "SB-01": cast.PEOPLE["answers"]["headcount"],
    "TX-01": cast.PEOPLE["answers"]["tax"],
    "HB-01": cast.PEOPLE["answers"]["lease"], "SB-02": cast.PEOPLE["answers"]["insurance"],
}  # fmt: skip
"""What providers answer, by entry."""

# fmt: off


def limits(unconditional: int, others: int, grant_days_max: int = 30) -> dict[str, int]:
    """Working days for answers, and the longest duration of a grant."""
    return {"unconditional_days": unconditional, "conditional_days": others, "correction_days": others,
            "grant_days_max": grant_days_max}


def listed(service: str) -> dict[str, Any]:
    """Arguments that list what a service needs."""
    terms = {"retention_days": 30, "inquiry": None, **SERVICES[service]}
    needs = [{"item": item, "fields": [*fields]} for item, fields in terms["needs"].items()]
    return {"service": service, "listed": {**terms, "needs": needs}}


def published(item: str) -> dict[str, Any]:
    """Arguments that put the first version of an entry in force."""
    drafted = ITEMS[item][1]
    return {"item": item, "schema_digest": schema_digest(item, 1, drafted["attribute"], drafted["fields"])}


def with_record(name: str, record: dict[str, Any], changes: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """Arguments of which one is a record; each change goes to the field or the argument of its name."""
    fields = {field: value for field, value in changes.items() if field in record}
    others = {argument: value for argument, value in changes.items() if argument not in record}
    return {**arguments, **others, name: {**record, **fields}}


def issue(holder: str, **changes: Any) -> dict[str, Any]:
    """Arguments of a first licence."""
    name, licence = organization_of(holder), cast.identifier(holder)
    about = {"item": "EL-001", "holder": name, "holder_code": cast.CODES[name], "holder_key": key_of(holder)}
    said = term(name, holder, licence, TERMS_OF[holder], cast.particulars(holder))
    return with_record("about", about, changes, licence=licence, term=said)


def term(label: str, holder: str, licence: str, days: tuple[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """What one version of a licence says from the first of two days to the last; the issuer keeps the opening as `label`."""
    first, last = on(days[0]), on(days[1])
    content = licence_content(label, holder, licence, (first, last), values)
    return {"valid_from_on_ms": first, "valid_to_on_ms": last, "content": content}


def access(receipt: str, grant: str, item: str, fields: tuple[str, ...], sides: tuple[str, str], *, version: int = 1,
           subject: str = cast.QINGTENG, as_of: str = "2026-03-31", **changes: Any) -> dict[str, Any]:
    """Arguments of an access between a consumer and a provider."""
    consumer, provider = sides
    drafted = ITEMS[item][1]
    names = SMALLER if (item, version) == ("SB-01", 2) else drafted["fields"]
    exchange = {
        "fields": fields, **PERMIT, "schema_digest": schema_digest(item, version, drafted["attribute"], names),
        "request": sealed_by(consumer, (provider,), f"{receipt}/request", {"about": cast.identity(subject)}),
        "response": sealed_by(provider, (consumer, subject), receipt, {name: ANSWERS[item][name] for name in fields}),
        "as_of_on_ms": [on(as_of)] * len(fields),
    }
    return with_record("exchange", exchange, changes, receipt=receipt, grant=grant)


def request(number: str, item: str, fields: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """Arguments of a request for Qingteng's permit."""
    wanted = {"item": item, "version": 1, "subject": "qingteng", "fields": fields, **PERMIT, "uses_max": 3,
              "expires_on_ms": on("2026-04-30"), "reason": None}
    return with_record("wanted", wanted, changes, request=number)


def consent(number: str, **changes: Any) -> dict[str, Any]:
    """Arguments of a consent of Qingteng's to the permit window."""
    use = {"fields": SHOWN, **PERMIT, "expires_on_ms": on("2026-04-03"), "uses_max": 1, "reason": None}
    return with_record("use", use, changes, consent=number, licence=cast.identifier(cast.QINGTENG), consumer="permit-office")


def code(number: str, agency: str = "permit-office", matter: str = "XK-0402", change: int = 0) -> PreparedArgument:
    """The code of one of Qingteng's consents."""
    return code_tag(number, cast.PLATFORM, (cast.identifier(cast.QINGTENG), agency, matter, "2026-04-03", "1"), change)


def question(number: str, holder: str, matter: str, until: str = "2026-04-30") -> dict[str, Any]:
    """Arguments of a bank's question."""
    return {"question": number, "demand": {
        "holder": organization_of(holder), "item": "EL-001", "purpose": "account-opening", "matter": matter, "fields": SHOWN,
        "open_until_on_ms": on(until), "reason": None, "nonce": drawn_nonce(number, holder)}}


def presentation(number: str, holder: str, day: str, version: int = 1) -> dict[str, Any]:
    """Arguments of what a holder shows to Lanhai Bank."""
    return {"question": number, "licence": cast.identifier(holder, version), "fields": SHOWN,
            "presentation": shown_from_wallet(number, cast.LANHAI, organization_of(holder), SHOWN, day)}
