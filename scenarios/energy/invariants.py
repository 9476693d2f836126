"""What must be true of the whole state, whatever the story was: E1 to E11.

The oracle shares no rule with the contract: it adds up what lies in bundles, lots and readings, and follows the events.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

from ledger.contract.refusal import Phrase
from ledger.encoding import digest, encode
from scenarios.energy.records import (
    Bundle,
    CarbonProject,
    Charge,
    Claim,
    Consumption,
    Device,
    Discharge,
    GreenLot,
    Issuance,
    Meter,
    Readings,
    StorageTerms,
)
from scenarios.story.play import PlayedEvent, played_events
from scenarios.story.story import Finding, PlayedStory, Snapshot

R = TypeVar("R")
Faults = Iterator[str]
GOOD = frozenset("VRM")
USED_UP = frozenset({"cancelled", "claimed"})
USES = (("cancelled", "claimed"), ("claimed", "cancelled"))
"""Where what is used up may still go: into a claim, and out of one that is withdrawn."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the oracle looks at."""

    records: Snapshot
    played_events: Sequence[PlayedEvent]
    meters: tuple[str, ...] = ()
    """Members that may vouch for a load; empty where it is not known who signed."""

    def of(self, collection: str, kind: type[R]) -> dict[str, R]:
        """The records of a collection."""
        return {key: cast(R, record) for key, record in self.records.get(collection, {}).items()}

    def claims(self) -> dict[str, Claim]:
        """Claims that were not withdrawn."""
        return {key: claim for key, claim in self.of("claims", Claim).items() if claim.state != "withdrawn"}

    def leaves(self) -> dict[str, Bundle]:
        """Bundles that were not cut up."""
        return {key: bundle for key, bundle in self.of("bundles", Bundle).items() if bundle.state != "split"}


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    evidence = Evidence(played_story.records, played_events(played_story), ("jiliang.qiao",))
    return tuple(Finding(code, words, tuple(judge(evidence))) for code, words, judge in INVARIANTS)


def within_metered(evidence: Evidence) -> Faults:
    """E1: what was issued and not withdrawn is metered by good readings; what is beyond them, less what was withheld later, is
    the deficit on the books; no reading is beyond capacity."""
    devices, readings = evidence.of("devices", Device), evidence.of("readings", Readings)
    issued: Counter[tuple[str, int]] = Counter()
    for bundle in evidence.leaves().values():
        if bundle.state != "withdrawn":
            for part in bundle.slices:
                issued[f"{bundle.device}:{bundle.month}", part.hour] += part.last - part.first + 1
    owed: Counter[str] = Counter()
    for key, issuance in evidence.of("issuances", Issuance).items():
        issued.update({(key, hour): energy_wh for hour, energy_wh in enumerate(issuance.withheld_wh) if energy_wh})
        owed[key.partition(":")[0]] -= sum(issuance.withheld_wh)
    owed.update(_green_beyond(evidence))
    for (key, hour), energy_wh in issued.items():
        is_good = readings[key].quality[hour] in GOOD
        owed[key.partition(":")[0]] += max(energy_wh - max(readings[key].energy_wh[hour] or 0, 0) * is_good, 0)
    yield from (f"{name}: {owed[name]} beyond, {device.deficit_wh} on the books" for name, device in devices.items()
                if owed[name] != device.deficit_wh)  # fmt: skip
    for key, held in readings.items():
        most_wh = devices[key.partition(":")[0]].capacity_w * 11 // 10
        yield from (f"{key}: {value} beyond {most_wh}" for value in held.energy_wh if value is not None and abs(value) > most_wh)
        if len(held.quality) != len(held.energy_wh):
            yield f"{key}: {len(held.quality)} signs"


def ids_tile(evidence: Evidence) -> Faults:
    """E2: the ids of a device's bundles, and the numbers of its green certificates, are 1 to the last, each once."""
    for name, device in evidence.of("devices", Device).items():
        ranges = [
            (part.first, part.last) for found in evidence.leaves().values() if found.device == name for part in found.slices
        ]
        yield from (f"{name}: {fault}" for fault in _gaps(ranges, device.ids_max))
        lots = evidence.of("green_lots", GreenLot).values()
        numbers = [(lot.first, lot.last) for lot in lots if lot.device == name and lot.state != "divided"]
        yield from (f"{name}: green {fault}" for fault in _gaps(numbers, device.green_max))


def all_accounted(evidence: Evidence) -> Faults:
    """E3: what was issued is active, reserved, locked, cancelled, claimed, expired or withdrawn."""
    issued: Counter[str] = Counter()
    for happening in evidence.played_events:
        if happening.name == "moved" and happening.data["before"] == "none":
            issued[str(happening.data["bundle"]).partition(":")[0]] += cast(int, happening.data["energy_wh"])
    held: Counter[str] = Counter()
    for bundle in evidence.leaves().values():
        held[bundle.device] += bundle.energy_wh
    yield from (f"{name}: {issued[name]} issued, {held[name]} held" for name in issued | held if issued[name] != held[name])
    follow: dict[str, str] = {}
    for happening in evidence.played_events:
        if happening.name == "moved":
            key, before = str(happening.data["bundle"]), str(happening.data["before"])
            if follow.get(key, before) != before:
                yield f"{key}: {follow[key]}, and {before} by its next event"
            follow[key] = str(happening.data["after"])
    states = {key: bundle.state for key, bundle in evidence.of("bundles", Bundle).items()}
    yield from (f"{key}: {states.get(key)}, by the events {state}" for key, state in follow.items() if states.get(key) != state)


def splits_exact(evidence: Evidence) -> Faults:
    """E4: the parts of a split are the bundle, hour by hour and id by id, and descend from it."""
    bundles = evidence.of("bundles", Bundle)
    for key, bundle in bundles.items():
        if bundle.energy_wh != sum(part.last - part.first + 1 for part in bundle.slices):
            yield f"{key}: {bundle.energy_wh}"
        parent = bundles[bundle.parent].lineage if bundle.parent else ""
        if bundle.lineage != digest("energy-lineage", encode([bundle.device, [list(part) for part in bundle.slices], parent])):
            yield f"{key}: lineage"
        if bundle.state == "split":
            ids = sorted(tuple(part) for child in bundle.children if child in bundles for part in bundles[child].slices)
            if _joined(ids) != _joined(sorted(tuple(part) for part in bundle.slices)):
                yield f"{key}: its parts have other ids"
        elif bundle.children:
            yield f"{key}: {bundle.state} with parts"


def used_once(evidence: Evidence) -> Faults:
    """E5: what was cancelled has one beneficiary and one use, and never came back."""
    bundles = evidence.of("bundles", Bundle)
    gone: set[str] = set()
    for happening in evidence.played_events:
        key = str(happening.data.get("bundle", ""))
        way = (happening.data.get("before"), happening.data.get("after"))
        if happening.name in ("moved", "transferred") and key in gone and way not in USES:
            yield f"{key}: {happening.data.get('after', 'transferred')} after it was used"
        if happening.name == "moved" and happening.data["after"] in USED_UP:
            gone.add(key)
    uses = Counter(name for claim in evidence.claims().values() for name in claim.bundles)
    uses.update(list(evidence.of("charges", Charge)))
    for key, bundle in bundles.items():
        if (bundle.state in USED_UP) != (bundle.beneficiary != "") or uses[key] != (bundle.used_by != ""):
            yield f"{key}: {bundle.state} for {bundle.beneficiary or 'nobody'}, {uses[key]} uses"


def claims_match(evidence: Evidence) -> Faults:
    """E6: what is claimed in an hour was generated in that hour and zone, and who sees the meter signed for the load; an hour
    of a load is claimed once, its month by one kind of certificate; a claim stands by its verifier's word, monthly ones too."""
    bundles, loads = evidence.of("bundles", Bundle), evidence.of("consumptions", Consumption)
    lots, green = evidence.of("green_lots", GreenLot), Counter[str]()
    claims, judged = evidence.claims(), dict[str, object]()
    hours = Counter((f"{claim.consumer}:{claim.month}", part.hour) for claim in claims.values() for part in claim.hours)
    for key, claim in claims.items():
        if lot := lots.get(claim.lot):
            green[f"{claim.consumer}:{claim.month}"] += (count := lot.last - lot.first + 1)
            if (lot.state, lot.holder, count * 10**6, lot.used_by) != ("consumed", claim.consumer, claim.energy_wh, key):
                yield f"{key}: {claim.lot} is {lot.state} by {lot.holder}"
    for key, load in loads.items():
        if (
            green[key] != load.green_count
            or any(hours[key, hour] != was for hour, was in enumerate(load.is_claimed))
            or (any(load.is_claimed) and load.green_count)
        ):
            yield f"{key}: claimed twice"
    for happening in evidence.played_events:
        if happening.name == "claim-judged":
            judged[str(happening.data["claim"])] = happening.data["state"]
            if evidence.meters and happening.data["verifier"] not in happening.signers:
                yield f"{happening.data['claim']}: judged by another"
    for key, claim in claims.items():
        if evidence.played_events and claim.state != judged.get(key, "pending"):
            yield f"{key}: {claim.state}, judged {judged.get(key)}"
        generated: Counter[int] = Counter()
        for name in claim.bundles:
            found = bundles[name]
            if (found.state, found.month, found.beneficiary) != ("claimed", claim.month, claim.consumer):
                yield f"{key}: {name} is {found.state}"
            if found.zone != loads[f"{claim.consumer}:{claim.month}"].zone:
                yield f"{key}: {name} from {found.zone}"
            generated.update({part.hour: part.last - part.first + 1 for part in found.slices})
        if generated != Counter({part.hour: part.energy_wh for part in claim.hours}):
            yield f"{key}: hours do not match"
    for happening in evidence.played_events if evidence.meters else ():
        if (
            happening.name in ("moved", "lot-moved")
            and happening.data["after"] in ("claimed", "consumed")
            and not set(evidence.meters) & set(happening.signers)
        ):
            yield f"{happening.data.get('bundle', happening.data.get('lot'))}: nobody vouched for the load"


def green_or_carbon(evidence: Evidence) -> Faults:
    """E7: a MWh is certified one way, and is a green certificate or a carbon credit, or in a residual mix."""
    closed: set[tuple[object, str]] = set()
    for happening in evidence.played_events:
        if happening.name == "residual-mix":
            closed.add((happening.data["zone"], str(happening.data["month"])))
        elif happening.data.get("before") == "none":
            name, month, *_ = str(happening.data.get("bundle", happening.data.get("lot"))).split(":")
            plant = evidence.of("devices", Device)[name]
            if (plant.zone, month) in closed and plant.technology != "storage" and plant.connection == "grid":
                yield f"{name}: {month} certified after its residual mix"
    lots, bundles = evidence.of("green_lots", GreenLot), evidence.of("bundles", Bundle)
    hourly = {(bundle.device, bundle.month) for bundle in bundles.values()}
    for key, lot in lots.items():
        if (lot.device, lot.month) in hourly:
            yield f"{key}: certified by the hour too"
        if lot.state in ("frozen", "excluded") and (lot.was_traded or lot.purpose or not lot.project):
            yield f"{key}: {lot.state} and used"
        if (lot.was_traded and lot.state in ("issued", "listed")) or (lot.state == "traded" and not lot.was_traded):
            yield f"{key}: sold and {lot.state}"
        if (lot.was_traded or lot.state == "listed") and not lot.is_tradable:
            yield f"{key}: sold though not tradable"
    for name, project in evidence.of("carbon_projects", CarbonProject).items():
        states = {lots[key].state for key in project.lots}
        if (project.state == "applied" and states != {"frozen"}) or (project.state == "registered" and states != {"excluded"}):
            yield f"{name}: {project.state}, certificates {', '.join(sorted(states))}"


def green_counts(evidence: Evidence) -> Faults:
    """E8: green certificates and what is carried are the good positive energy of the months certified so, to the Wh, but for
    what is owed, or was withheld from certificates of hours instead: E1 says how much."""
    beyond, withheld = _green_beyond(evidence), Counter[str]()
    for key, issuance in evidence.of("issuances", Issuance).items():
        withheld[key.partition(":")[0]] += sum(issuance.withheld_wh)
    for name, device in evidence.of("devices", Device).items():
        if beyond[name] > max(device.deficit_wh, 0) + withheld[name] or device.carry_wh >= 10**6:
            yield f"{name}: {device.green_max} and {device.carry_wh} Wh, {beyond[name]} Wh beyond the meter"


def losses_kept(evidence: Evidence) -> Faults:
    """E9: what a storage gave out with an origin is what came out of it then, first in first out, and its meter drew as much."""
    devices, readings = evidence.of("devices", Device), evidence.of("readings", Readings)
    bundles, charges = evidence.of("bundles", Bundle), evidence.of("charges", Charge)
    given: Counter[str] = Counter()
    in_hour: Counter[tuple[str, str, str, int]] = Counter()
    for key, discharge in evidence.of("discharges", Discharge).items():
        given[discharge.charge] += discharge.energy_wh
        in_hour[discharge.storage, discharge.charge, discharge.month, discharge.hour] += discharge.energy_wh
        origin = bundles[key]
        if not origin.is_storage or sum(1 for part in origin.slices if part.hour == discharge.hour) != 1:
            yield f"{key}: no bundle of the storage"
    drawn: Counter[tuple[str, int]] = Counter()
    for key, charge in charges.items():
        terms = devices[charge.storage].storage_terms
        if terms is None or given[key] * 10**6 > charge.charged_wh * terms.efficiency_ppm:
            yield f"{key}: {given[key]} of {charge.charged_wh}"
        for part in bundles[key].slices:
            drawn[f"{charge.storage}:{charge.month}", part.hour] += part.last - part.first + 1
    for (storage, charge_key, month, hour), energy_wh in in_hour.items():
        layers = _layers(storage, readings, devices[storage].storage_terms)
        shares = [
            _overlap(layers[month, hour], layers[charges[charge_key].month, part.hour])
            * (part.last - part.first + 1)
            // -(readings[f"{storage}:{charges[charge_key].month}"].energy_wh[part.hour] or -1)
            for part in bundles[charge_key].slices
        ]
        if energy_wh > sum(shares):
            yield f"{charge_key}: {energy_wh} in hour {hour} of {month}, {sum(shares)} came out"
    for (key, hour), energy_wh in drawn.items():
        if energy_wh > -(readings[key].energy_wh[hour] or 0):
            yield f"{key} hour {hour}: {energy_wh} charged"
    for key, issuance in evidence.of("issuances", Issuance).items():
        if any(drawn[key, hour] != energy_wh for hour, energy_wh in enumerate(issuance.charged_wh)):
            yield f"{key}: charges other than the books"
    storages = {name for name, device in devices.items() if device.technology == "storage"}
    yield from (f"{key}: from nowhere" for key, b in bundles.items() if b.device in storages and not _is_from(key, b, evidence))


def expiry_kept(evidence: Evidence) -> Faults:
    """E10: nothing moved from the 25th month on, and nothing was swept out before."""
    ends = {key: _end_ms(bundle.month) for key, bundle in evidence.of("bundles", Bundle).items()}
    ends |= {f"lot {key}": _end_ms(lot.month) for key, lot in evidence.of("green_lots", GreenLot).items()}
    for happening in evidence.played_events:
        name = f"lot {happening.data['lot']}" if "lot" in happening.data else str(happening.data.get("bundle", ""))
        if name not in ends or happening.name not in ("moved", "transferred", "lot-moved"):
            continue
        after, is_over = str(happening.data.get("after", "transferred")), happening.time_ms >= ends[name]
        if (after == "expired") != is_over and (after == "expired" or after in MOVES):
            yield f"{name}: {after}"
    wrong = [key for key, bundle in evidence.of("bundles", Bundle).items() if bundle.expires_ms != _end_ms(bundle.month)]
    yield from (f"{key}: another end" for key in wrong)


def one_site_one_plant(evidence: Evidence) -> Faults:
    """E11: a site is one device for good, and one meter at a time measures it."""
    devices, meters = evidence.of("devices", Device), evidence.of("meters", Meter)
    sites = Counter(device.gsrn for device in devices.values())
    yield from (f"{gsrn}: {count} devices" for gsrn, count in sites.items() if count > 1)
    for name, device in devices.items():
        spans = sorted((meter.from_ms, meter.until_ms) for meter in meters.values() if meter.device == name)
        if [until for _, until in spans] != [*(start for start, _ in spans[1:]), device.decommissioned_ms]:
            yield f"{name}: meters from and until {spans}"


MOVES = frozenset({"transferred", "reserved", "cancelled", "split", "listed", "traded", "consumed", "divided"})
"""What is not done with a certificate that is over."""

INVARIANTS: tuple[tuple[str, Phrase, Callable[[Evidence], Faults]], ...] = (
    ("E1", Phrase("Nothing was issued beyond good readings, but for deficits on the books", "核发不超过合格读数，超发均已挂账"),
     within_metered),
    ("E2", Phrase("Ids of every device are 1 to the last, each once", "各装置编号从 1 连续，无重无漏"), ids_tile),
    ("E3", Phrase("Every certificate is accounted for", "每张证书都有去向"), all_accounted),
    ("E4", Phrase("Every split is exact, hour by hour", "拆分逐小时分毫不差"), splits_exact),
    ("E5", Phrase("What was cancelled has one beneficiary and never came back", "核销只有一个受益人，不可逆"), used_once),
    ("E6", Phrase("Claims match by hour and zone, once, vouched for and judged", "声明同小时同价区，只用一次，有计量背书与核验"),
     claims_match),
    ("E7", Phrase("A MWh is certified one way: green, carbon or residual", "一兆瓦时一个归属：绿证、碳减排或剩余"),
     green_or_carbon),
    ("E8", Phrase("Green certificates and carry are the metered energy", "绿证张数与结转等于计量电量"), green_counts),
    ("E9", Phrase("Storages gave out what went in, first in first out, less losses", "储能放电先进先出并扣除损耗"), losses_kept),
    ("E10", Phrase("Nothing was used after its two years", "过期证书未被使用"), expiry_kept),
    ("E11", Phrase("One site, one plant, one meter at a time", "一址一装置，同时只有一块表"), one_site_one_plant),
)  # fmt: skip


def _green_beyond(evidence: Evidence) -> Counter[str]:
    """Device -> Wh in green certificates and carried, less the good positive energy of the months certified so."""
    beyond: Counter[str] = Counter()
    for name, device in evidence.of("devices", Device).items():
        beyond[name] = device.green_max * 10**6 + device.carry_wh
    for key, held in evidence.of("readings", Readings).items():
        if held.scheme == "monthly":
            shown = zip(held.energy_wh, held.quality, strict=True)
            beyond[key.partition(":")[0]] -= sum(value for value, sign in shown if value and value > 0 and sign in GOOD)
    return beyond


def _gaps(ranges: list[tuple[int, int]], last: int) -> Faults:
    expected = 1
    for first, end in sorted(ranges):
        if first != expected or end < first:
            yield f"{first} where {expected} was next"
        expected = end + 1
    if expected != last + 1:
        yield f"ends at {expected - 1}, not {last}"


def _joined(parts: Sequence[tuple[int, ...]]) -> list[tuple[int, int, int]]:
    """Neighbouring ranges of one hour made one; what overlaps stays apart."""
    joined: list[tuple[int, int, int]] = []
    for hour, first, last in parts:
        if joined and joined[-1][0] == hour and joined[-1][2] + 1 == first:
            joined[-1] = (hour, joined[-1][1], last)
        else:
            joined.append((hour, first, last))
    return joined


def _layers(storage: str, readings: dict[str, Readings], terms: StorageTerms | None) -> dict[tuple[str, int], tuple[int, int]]:
    """Where on the scale of all that ever went in, in Wh after losses, each hour's charge or discharge lies; a gap moves on."""
    assert terms is not None
    found: dict[tuple[str, int], tuple[int, int]] = {}
    put_in, taken, before = terms.opening_wh, 0, -1
    for key in sorted(key for key in readings if key.partition(":")[0] == storage):
        month, held = key.partition(":")[2], readings[key]
        first = int(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC).timestamp()) // 3600
        for hour, energy_wh in enumerate(held.energy_wh):
            if energy_wh is None or held.quality[hour] not in GOOD or before not in (-1, first + hour - 1):
                taken = put_in
                put_in += terms.holds_wh
            before = first + hour
            if energy_wh is not None and held.quality[hour] in GOOD:
                end_in = put_in + min(-min(energy_wh, 0) * terms.efficiency_ppm // 10**6, terms.holds_wh - put_in + taken)
                end_out = min(taken + max(energy_wh, 0), put_in)
                found[month, hour] = (put_in, end_in) if energy_wh < 0 else (taken, end_out)
                put_in, taken = end_in, end_out
    return found


def _overlap(first: tuple[int, int], second: tuple[int, int]) -> int:
    return max(min(first[1], second[1]) - max(first[0], second[0]), 0)


def _is_from(key: str, bundle: Bundle, evidence: Evidence) -> bool:
    """Whether a storage's bundle, or the one that it was cut from, came out of a charge."""
    while bundle.parent:
        key, bundle = bundle.parent, evidence.of("bundles", Bundle)[bundle.parent]
    return key in evidence.records.get("discharges", {})


def _end_ms(month: str) -> int:
    """Midnight in Beijing two years after the month began."""
    return int(datetime(int(month[:4]) + 2, int(month[5:]), 1, tzinfo=UTC).timestamp() - 8 * 3600) * 1000
