"""Who may change what, judged again from the submitted steps and their events: an oracle that follows every certificate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ledger.errors import JsonValue
from scenarios.story.play import played_events
from scenarios.story.story import PlayedStory
from scenarios.supply_chain_finance.cast import CLEARING, COURT
from scenarios.supply_chain_finance.figures import GIVEN_BACK, certificates
from scenarios.supply_chain_finance.records import LIVE, Certificate

Change = tuple[str, str]
"""State before and after."""
TABLE: Mapping[Change, str] = {
    ("none", "pending"): "core",
    ("pending", "active"): "receiver",
    ("pending", "rejected"): "receiver",
    ("pending", "void"): "holder",
    ("pending", "expired"): "anyone",
    ("active", "consumed"): "holder",
    ("active", "locked"): "holder",
    ("locked", "active"): "holder or bank",
    ("locked", "financed"): "bank and money",
    ("overdue", "recourse"): "holder",
    ("recourse", "overdue"): "new holder and money",
    ("overdue", "written-off"): "holder",
    ("recourse", "written-off"): "holder",
    **{(state, "settled"): "core and money" for state in ("pending", "active", "locked", "financed", "overdue", "recourse")},
    **{(state, "overdue"): "anyone" for state in ("pending", "active", "locked", "financed")},
    **{(state, "frozen"): "court" for state in LIVE if state != "frozen"},
    **{("frozen", state): "court" for state in LIVE if state != "frozen"},
    ("frozen", "settled"): "court and money",
}
"""Every change that a certificate can make, and whose signature it takes."""


@dataclass(slots=True)
class Follower:
    """Where every certificate is, by the events alone."""

    held: Mapping[str, Certificate]
    """Certificates as they are at the end: what never changes is read from them."""
    holders: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    banks: dict[str, str] = field(default_factory=dict)
    """Bank that was asked last."""
    offers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Who signed the last offer to pay it early."""

    def faults(self, signers: tuple[str, ...], data: Mapping[str, JsonValue]) -> Iterator[str]:
        """Judges one change and follows it."""
        key, before, after = (str(data[name]) for name in ("certificate", "before", "after"))
        rule = TABLE.get((before, after))
        if "discount_cents" in data:
            rule = "holder and money" if self.held[key].core in self.offers.get(key, ()) else None
        if rule is None or self.states.get(key, "none") != before:
            yield f"{key}: {before} to {after}"
        elif not self._is_signed(rule, key, signers, data):
            yield f"{key}: {before} to {after} signed by {', '.join(signers)}, asked of {rule}"
        self._follow(key, after, data)

    def _is_signed(self, rule: str, key: str, signers: tuple[str, ...], data: Mapping[str, JsonValue]) -> bool:
        certificate = self.held[key]
        receiver = str(data.get("offered_to", data.get("holder", "")))
        entitled = {
            "core": certificate.core,
            "receiver": receiver,
            "new holder": str(data.get("holder", "")),
            "bank": self.banks.get(key, ""),
            "court": COURT,
            "holder": self.holders.get(key, ""),
            "money": CLEARING,
        }
        if rule == "anyone":
            return len(signers) > 0
        if " or " in rule:
            return any(entitled[name] in signers for name in rule.split(" or "))
        return all(entitled[name] in signers for name in rule.split(" and "))

    def _follow(self, key: str, after: str, data: Mapping[str, JsonValue]) -> None:
        self.states[key] = after
        if "core" in data:
            self.holders[key] = str(data["core"])
        if "holder" in data:
            self.holders[key] = str(data["holder"])
        if "bank" in data:
            self.banks[key] = str(data["bank"])
        parts = data.get("parts")
        for part in map(str, parts) if isinstance(parts, list) else ():
            one = self.held[part]  # of the holder's own: nobody else came after, and no trade was named
            is_own = not one.backing and one.lineage == self.held[key].lineage and one.state not in (*GIVEN_BACK, "pending")
            self.holders[part], self.states[part] = self.holders[key], "active" if is_own else "pending"
        if after in GIVEN_BACK and f"{key}-1" in self.held:
            self.holders[f"{key}-1"], self.states[f"{key}-1"] = self.holders[key], "active"


def faults_of_signatures(played_story: PlayedStory) -> Iterator[str]:
    """I10: each change of state carries the signature of the one entitled to make it, and is one of the table."""
    follower = Follower(certificates(played_story.records))
    for one in played_events(played_story):
        if one.name == "moved":
            yield from follower.faults(one.signers, one.data)
        if one.name == "early-pay-offered":
            follower.offers[str(one.data["certificate"])] = one.signers
    for key, certificate in certificates(played_story.records).items():
        if follower.states.get(key) != certificate.state:
            yield f"{key}: {certificate.state}, by the events {follower.states.get(key)}"


def faults_of_blocked_issues(played_story: PlayedStory) -> Iterator[str]:
    """I8: while something of a core is overdue, was written off, or is announced of it, it issues nothing."""
    held = certificates(played_story.records)
    unpaid: dict[str, dict[str, str]] = {}
    for one in played_events(played_story):
        name, data = one.name, one.data
        if name in ("core-barred", "core-cured"):
            _follow(unpaid, str(data["core"]), str(data["cause"]), "overdue" if name == "core-barred" else "settled")
        if name != "moved":
            continue
        key, before, after = (str(data[field]) for field in ("certificate", "before", "after"))
        core = held[key].core
        if (before, after) == ("none", "pending") and unpaid.get(core):
            yield f"{key}: issued while {core} was blocked by {', '.join(unpaid[core])}"
        _follow(unpaid, core, key, after)


def _follow(unpaid: dict[str, dict[str, str]], core: str, what: str, after: str) -> None:
    if after == "overdue":
        unpaid.setdefault(core, {})[what] = after
    if after == "settled":
        unpaid.get(core, {}).pop(what, None)
