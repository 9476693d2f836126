"""What must be true of the whole state at the end, whatever the story was: G1 to G15, judged by events and by records.

The oracle tells the story once more by its events: what was live, valid and in force when each thing happened. It shares no rule
with the contract; signers, block times and events are what an outsider could have written down.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.calendar import DAY_MS, day_of
from ledger.contract.refusal import Phrase
from ledger.encoding import encode
from ledger.errors import JsonValue
from scenarios.government import records
from scenarios.government.cast import PEOPLE
from scenarios.story.play import PlayedEvent, played_events, rows
from scenarios.story.story import Finding, PlayedStory, Snapshot

Faults = Iterator[str]
Data = Mapping[str, JsonValue]
Story = Sequence[PlayedEvent]


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    return judged(played_story.records, played_events(played_story))


def judged(state: Snapshot, story: Story) -> tuple[Finding, ...]:
    """The same for any state and the events that led to it."""
    return tuple(Finding(code, words, tuple(judge(state, story))) for code, words, judge in INVARIANTS)


def accesses_granted(state: Snapshot, story: Story) -> Faults:
    """G1: each access lies within a grant that was live: consumer, fields, purpose, matter, time, number of uses."""
    for world, one in replay(story):
        if one.name != "accessed":
            continue
        key = str(one.data["grant"])
        grant = world.of("granted", key)
        if not grant or world.of("grant-ended", key) or world.is_objected(one.data):
            yield f"{one.data['receipt']}: no live grant"
            continue
        if any(grant[name] != one.data[name] for name in ("consumer", "provider", "subject", "item", "purpose", "matter")):
            yield f"{one.data['receipt']}: another grant"
        if not set(texts(one.data["fields"])) <= set(texts(grant["fields"])):
            yield f"{one.data['receipt']}: fields beyond the grant"
        is_open = one.time_ms <= end_of_day(grant["expires_on_ms"]) and world.uses.get(key, 0) < int(str(grant["uses_max"]))
        if not is_open or (grant["code_tag"] and not world.of("code-redeemed", key)):
            yield f"{one.data['receipt']}: too late, too often, or without its code"


def receipts_by_both(state: Snapshot, story: Story) -> Faults:
    """G2: each access has one receipt, signed by consumer and provider; uses and receipts are equal in number."""
    accessed = {str(one.data["receipt"]): one for one in story if one.name == "accessed"}
    receipts = rows(state, "receipts", records.Receipt)
    yield from (f"{key}: receipt without access, or access without receipt" for key in sorted(accessed.keys() ^ receipts.keys()))
    for key, one in accessed.items():
        if not {one.data["consumer"], one.data["provider"]} <= set(one.organizations):
            yield f"{key}: signed by {', '.join(one.organizations)}"
    for key, grant in rows(state, "grants", records.Grant).items():
        count = sum(1 for receipt in receipts.values() if receipt.grant == key)
        if count != grant.uses or count > grant.uses_max:
            yield f"{key}: {grant.uses} uses, {count} receipts"


def no_personal_data(state: Snapshot, story: Story) -> Faults:
    """G3: no personal value stands in a record or an event; the test of the export looks for their digests too."""
    text = "".join(encode(record.model_dump(mode="json")).decode() for rows in state.values() for record in rows.values())
    text += "".join(encode(dict(one.data)).decode() for one in story)
    yield from (f"{value[:3]}…" for value in personal_values() if value in text)


def one_valid(state: Snapshot, story: Story) -> Faults:
    """G4: of one type, holder and number at most one version is valid, after every event."""
    valid: dict[str, str] = {}
    for world, one in replay(story):
        if one.name != "licence-moved":
            continue
        licence, standing = str(one.data["licence"]), str(one.data["standing"])
        if world.of("licence-moved", licence).get("after", "none") != one.data["before"]:
            yield f"{licence}: {one.data['before']} to {one.data['after']}"
        if one.data["after"] == "valid" and valid.get(standing, licence) != licence:
            yield f"{standing}: two valid versions"
        if one.data["after"] == "valid":
            valid[standing] = licence
        elif valid.get(standing) == licence:
            del valid[standing]
    for licence, record in rows(state, "licences", records.Licence).items():
        if (valid.get(f"{record.type_code}:{record.holder_code}:{record.number}") == licence) != (record.state == "valid"):
            yield f"{licence}: {record.state}"
        before = state["licences"].get(record.previous)
        if record.version > 1 and (not isinstance(before, records.Licence) or before.successor != licence):
            yield f"{licence}: not linked to the version before"


def relied_on_valid(state: Snapshot, story: Story) -> Faults:
    """G5: whatever relied on a licence did so while it was valid, by its state and its term at that block's time."""
    licences, questions = rows(state, "licences", records.Licence), rows(state, "questions", records.Question)
    for world, one in replay(story):
        licence = str(one.data.get("licence", ""))
        if one.name == "account-opened":
            licence = questions[str(one.data["question"])].licence
        if one.name not in ("accessed", "granted", "presented", "presentation-accepted", "account-opened") or not licence:
            continue
        found = licences[licence]
        is_in_term = day_of(found.valid_from_on_ms) <= one.time_ms <= end_of_day(found.valid_to_on_ms)
        state_then = world.of("licence-moved", licence).get("after")
        if state_then != "valid" or not is_in_term:
            yield f"{one.name} on {licence}, which was {state_then}"


def revoked_is_revoked(state: Snapshot, story: Story) -> Faults:
    """G6: nothing is accessed after a revocation, and what was before still has its receipt."""
    receipts = rows(state, "receipts", records.Receipt)
    for world, one in replay(story):
        if one.name == "accessed" and world.of("grant-ended", one.data["grant"]).get("state") == "revoked":
            yield f"{one.data['receipt']}: after the revocation"
        if one.name == "grant-ended" and one.data["state"] == "revoked":
            kept = sum(1 for receipt in receipts.values() if receipt.grant == one.data["grant"])
            if kept != world.uses.get(str(one.data["grant"]), 0):
                yield f"{one.data['grant']}: receipts are gone"


def shared_as_listed(state: Snapshot, story: Story) -> Faults:
    """G7: nothing was granted of what is not shared; nothing unconditional was denied."""
    for world, one in replay(story):
        if one.name in ("granted", "share-requested"):
            version = world.version(one.data["item"])
            if not version or version["attribute"] == "not-shared":
                yield f"{one.data['item']}: not to be shared"
        is_denied = one.name == "share-answered" and one.data["outcome"] == "denied"
        if is_denied and world.of("share-requested", one.data["request"])["attribute"] == "unconditional":
            yield f"{one.data['request']}: denied"
    for key, request in rows(state, "requests", records.ShareRequest).items():
        if request.attribute == "unconditional" and request.state != "approved":
            yield f"{key}: {request.state}"


def versions_unchanged(state: Snapshot, story: Story) -> Faults:
    """G8: versions stand as they were published, and each access quotes the schema of the one in force."""
    published = {f"{one.data['item']}:{one.data['version']:03}": one.data for one in story if one.name == "item-published"}
    versions = rows(state, "versions", records.ItemVersion)
    yield from (f"{key}: published otherwise" for key in sorted(published.keys() ^ versions.keys()))
    for key, version in versions.items():
        if any(published.get(key, {}).get(name) != value for name, value in version.model_dump(mode="json").items()):
            yield f"{key}: changed since it was published"
    for world, one in replay(story):
        if one.name == "accessed":
            current = world.version(one.data["item"])
            if (current.get("version"), current.get("schema_digest")) != (one.data["version"], one.data["schema_digest"]):
                yield f"{one.data['receipt']}: not the version in force"


def evidence_by_blocks(state: Snapshot, story: Story) -> Faults:
    """G9: a deposit has the time of its block; what was admitted was found to match."""
    deposits = {str(one.data["evidence"]): one.time_ms for one in story if one.name == "evidence-deposited"}
    verdicts = list(rows(state, "verifications", records.Verification).items())
    for key, found in rows(state, "evidence", records.Evidence).items():
        if key not in deposits or day_of(deposits[key]) != day_of(found.deposited_at_ms):
            yield f"{key}: deposited at another time"
        of_this = [verdict.verdict for name, verdict in verdicts if name.rpartition(":")[0] == key]
        if found.state == "admitted" and of_this[-1:] != ["match"]:
            yield f"{key}: admitted without a match"


def for_a_matter(state: Snapshot, story: Story) -> Faults:
    """G10: whatever was asked, granted, accessed or used again was for an open matter that agency and applicant signed."""
    for world, one in replay(story):
        data = one.data
        if one.name == "matter-opened":
            listed = world.of("service-listed", data["purpose"]).get("inquiry")
            is_inquiry = listed == {"agency": data["agency"], "legal_basis": data["legal_basis"]}
            signers = {data["agency"]} if is_inquiry else {data["agency"], data["applicant"]}
            if not signers <= set(one.organizations):
                yield f"{data['matter']}: opened by {', '.join(one.organizations)}"
        if one.name in ("share-requested", "accessed") or (one.name == "granted" and data["basis"] == "consent"):
            fault = world.fault_of_matter(data, str(data["consumer"]), str(data["subject"]))
        elif one.name == "presentation-asked":
            fault = world.fault_of_matter(data, str(data["verifier"]), str(data["holder"]))
        elif one.name == "customer-reused":
            fault = world.fault_of_matter(data, str(data["bank"]), str(data["holder"]))
        else:
            continue
        if not fault and one.name in ("share-requested", "presentation-asked") and world.is_objected(data):
            fault = "its subject objects"
        if fault:
            yield f"{one.name} for {data['matter']}: {fault}"


def answered_in_time(state: Snapshot, story: Story) -> Faults:
    """G11: a department answered within its deadline, or the data bureau after an escalation that came later."""
    for world, one in replay(story):
        if one.name not in ("share-answered", "share-escalated"):
            continue
        request = world.of("share-requested", one.data["request"])
        is_late = one.time_ms > int(str(request["answer_by_ms"]))
        if one.name == "share-escalated":
            is_right = is_late
        elif world.of("share-escalated", one.data["request"]):
            is_right = "data-bureau" in one.organizations
        else:
            is_right = not is_late and request["provider"] in one.organizations
        if not is_right:
            yield f"{one.data['request']}: {one.name} by {', '.join(one.organizations)}, {'late' if is_late else 'in time'}"


def no_more_than_needed(state: Snapshot, story: Story) -> Faults:
    """G12: what a service does not need was asked with a reason, and shown once an auditor had seen it; no grant was too long."""
    limits = [(int(day), rule.grant_days_max) for day, rule in rows(state, "deadlines", records.DeadlineRule).items()]
    waiting: dict[str, str] = {}
    for world, one in replay(story):
        data, longest = one.data, [0, *(days for day_ms, days in limits if day_ms <= one.time_ms)][-1]
        if one.name in ("share-requested", "presentation-asked") or (one.name == "granted" and data["basis"] == "consent"):
            number = str(data.get("request") or data.get("question") or data["grant"])
            opened_ms = int(str(world.of("matter-opened", data["matter"]).get("opened_at_ms", 0)))
            is_long = int(str(data.get("expires_on_ms") or data["open_until_on_ms"])) > day_of(opened_ms) + longest * DAY_MS
            if is_long or not set(texts(data["fields"])) <= world.needed(data):
                waiting[number] = f"{data['matter']}:excess:{number}"
                if not data["reason"]:
                    yield f"{number}: more than is needed, or for longer"
        if one.name in ("accessed", "presented"):
            number = str(data.get("grant") or data["question"])
            if number in waiting and not world.of("notice-seen", waiting[number]):
                yield f"{number}: shown before an auditor saw why"
        is_new = one.name in ("share-requested", "granted") and one.operation != "approve"
        if is_new and int(str(data["expires_on_ms"])) > day_of(one.time_ms) + longest * DAY_MS:
            yield f"{data['expires_on_ms']}: too long a grant"


def by_their_clerks(state: Snapshot, story: Story) -> Faults:
    """G13: whatever an agency did in a matter was signed by the clerk to whom it was given."""
    clerks: dict[str, JsonValue] = {}
    acts = (
        "share-requested",
        "accessed",
        "presentation-asked",
        "presentation-accepted",
        "account-opened",
        "customer-reused",
        "matter-closed",
    )
    for one in story:
        if one.name in ("matter-opened", "matter-delegated"):
            clerks[str(one.data["matter"])] = one.data["clerk"]
        elif one.name in acts and clerks.get(str(one.data["matter"])) not in one.signers:
            yield f"{one.name} in {one.data['matter']}: by {', '.join(one.signers)}"


def told_to_subjects_and_recipients(state: Snapshot, story: Story) -> Faults:
    """G14: every look is in its subject's list, which has no gap; every earlier recipient saw a correction before it decided."""
    looks = rows(state, "looks", records.Look)
    for subject in sorted({look.subject for look in looks.values()}):
        keys = [key for key, look in looks.items() if look.subject == subject]
        if keys != [f"{subject}:{number:06}" for number in range(1, len(keys) + 1)]:
            yield f"{subject}: a gap"
        if rows(state, "look_counts", records.LookCount)[subject].count != len(keys):
            yield f"{subject}: another count"
    looked = [one for one in story if one.name in ("accessed", "presented", "customer-reused")]
    if len(looked) != len(looks):
        yield f"{len(looked)} looks, {len(looks)} in lists"
    receipts = rows(state, "receipts", records.Receipt)
    for world, one in replay(story):
        if one.name == "error-answered" and one.data["outcome"] == "corrected":
            error = world.of("error-reported", one.data["case"])
            item = receipts[str(error["receipt"])].item
            for seen in story[: story.index(one)]:
                same = (seen.data.get("subject"), seen.data.get("item")) == (error["subject"], item)
                key = f"{seen.data.get('matter')}:correction:{one.data['case']}:{seen.data.get('receipt')}"
                if (
                    seen.name == "accessed"
                    and same
                    and error["field"] in texts(seen.data["fields"])
                    and key not in state["notices"]
                ):
                    yield f"{key}: no notice"
        if one.name == "matter-closed":
            told = [
                key for name, key in world.newest if name == "noticed" and key.startswith(f"{one.data['matter']}:correction:")
            ]
            yield from (f"{key}: not seen" for key in told if not world.of("notice-seen", key))


def codes_of_their_own(state: Snapshot, story: Story) -> Faults:
    """G15: an organization has one credit code, and no two have the same."""
    pairs = {(licence.holder, licence.holder_code) for licence in rows(state, "licences", records.Licence).values()}
    pairs |= {(organization, issuer.code) for organization, issuer in rows(state, "issuers", records.Issuer).items()}
    for place in (0, 1):
        counted = Counter(pair[place] for pair in pairs)
        yield from (f"{name}: {count} times" for name, count in sorted(counted.items()) if count > 1)


INVARIANTS: tuple[tuple[str, Phrase, Callable[[Snapshot, Story], Faults]], ...] = (
    ("G1", Phrase("Every access lies within a live grant", "每次访问都在有效授权之内"), accesses_granted),
    ("G2", Phrase("Every access has one receipt that both sides signed", "每次访问都有双方签署的回执"), receipts_by_both),
    ("G3", Phrase("No personal value is on the ledger", "账本上没有任何个人信息"), no_personal_data),
    ("G4", Phrase("At most one version of a licence is valid", "同一证照至多一个版本有效"), one_valid),
    ("G5", Phrase("Licences were valid when they were relied on", "证照在被采用的区块时间均有效"), relied_on_valid),
    ("G6", Phrase("A revocation holds from its block on", "撤销自其区块起生效，此前记录保留"), revoked_is_revoked),
    ("G7", Phrase("Nothing was shared or denied against the catalogue", "共享与拒绝均符合目录属性"), shared_as_listed),
    ("G8", Phrase("Versions of the catalogue never change", "目录各版本从未改变"), versions_unchanged),
    ("G9", Phrase("Evidence has the time of its block", "证据时间即区块时间"), evidence_by_blocks),
    ("G10", Phrase("Nobody looked without a matter", "没有办件号，无人查询"), for_a_matter),
    ("G11", Phrase("Answers came in time, or from the data bureau", "答复均按时作出，或由数据局裁定"), answered_in_time),
    ("G12", Phrase("No more than needed, no longer than allowed", "不超所需，不超期限"), no_more_than_needed),
    ("G13", Phrase("Only the clerk of a matter acted in it", "办件均由承办人办理"), by_their_clerks),
    (
        "G14",
        Phrase("Subjects see every look, recipients every correction", "访问均入清单，更正均已通知"),
        told_to_subjects_and_recipients,
    ),
    ("G15", Phrase("Each credit code is one organization's", "信用代码与主体一一对应"), codes_of_their_own),
)


def personal_values() -> tuple[str, ...]:
    """Every personal value of the data, the codes of companies not among them."""
    people = [value for group in ("companies", "citizens") for one in PEOPLE[group].values() for value in one.values()]
    answers = [value for answer in PEOPLE["answers"].values() for value in answer.values() if len(value) > 2]
    words = ("none", "regular")
    return tuple(value for value in (*people, *answers, PEOPLE["new_address"], PEOPLE["corrected"]) if value not in words)


KEYS: Mapping[str, str] = {
    "granted": "grant", "grant-ended": "grant", "code-redeemed": "grant", "licence-moved": "licence", "item-published": "item",
    "item-retired": "item", "matter-opened": "matter", "matter-closed": "matter", "share-requested": "request",
    "share-escalated": "request", "service-listed": "service", "noticed": "notice", "notice-seen": "notice",
    "error-reported": "case", "objected": "use", "error-answered": "case",
}  # fmt: skip
"""Event -> the field that names what it is about."""


@dataclass(slots=True)
class World:
    """What an outsider knows at one moment: of each thing the newest event of every kind."""

    newest: dict[tuple[str, str], Data] = field(default_factory=dict)
    """Event and key -> its data."""
    uses: dict[str, int] = field(default_factory=dict)
    """Grant -> how often it was used."""

    def follow(self, one: PlayedEvent) -> None:
        """Takes in one event."""
        if one.name in KEYS:
            self.newest[one.name, str(one.data[KEYS[one.name]])] = one.data
        elif one.name == "accessed":
            self.uses[str(one.data["grant"])] = self.uses.get(str(one.data["grant"]), 0) + 1

    def of(self, event: str, key: JsonValue) -> Data:
        """The data of the newest such event about something; nothing where there was none."""
        return self.newest.get((event, str(key)), {})

    def needed(self, one: Data) -> set[str]:
        """Fields of the entry that the service of this purpose needs."""
        needs = self.of("service-listed", one["purpose"]).get("needs", [])
        assert isinstance(needs, list)
        return {
            field for need in needs if isinstance(need, dict) and need["item"] == one["item"] for field in texts(need["fields"])
        }

    def is_objected(self, one: Data) -> bool:
        """Whether its subject objected to the use of an entry for a matter, and was not turned down."""
        case = self.of("objected", f"{one['matter']}:{one['item']}").get("case")
        return case is not None and self.of("error-answered", case).get("outcome") != "kept"

    def version(self, item: JsonValue) -> Data:
        """The version of an entry that is in force; nothing where none is."""
        return {} if self.of("item-retired", item) else self.of("item-published", item)

    def fault_of_matter(self, one: Data, agency: str, applicant: str) -> str:
        """Why something is not for an open matter of these two and this purpose; empty if it is."""
        matter = self.of("matter-opened", one["matter"])
        if not matter or self.of("matter-closed", one["matter"]):
            return "no open matter"
        same = (matter["agency"], matter["applicant"], matter["purpose"]) == (agency, applicant, one["purpose"])
        return "" if same else "another matter"


def replay(story: Sequence[PlayedEvent]) -> Iterator[tuple[World, PlayedEvent]]:
    """Each event with the world just before it."""
    world = World()
    for one in story:
        yield world, one
        world.follow(one)


def end_of_day(day_ms: JsonValue) -> int:
    """The last millisecond of a day that a record names."""
    assert isinstance(day_ms, int)
    return day_of(day_ms) + DAY_MS - 1


def texts(value: JsonValue) -> tuple[str, ...]:
    """A list of words."""
    assert isinstance(value, list)
    return tuple(map(str, value))
