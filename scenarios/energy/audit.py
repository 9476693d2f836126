"""An adversarial audit: how many Wh does a seeded attacker get certified beyond what the meters of a plan really showed?

On a state of its own, month by month, every operation by the contract's rules and signed by members with the parties' roles:

    1  meters report; each month but the last one hour of each plant is read a tenth too high
    2  attacks; all hours but the last are certified; attacks; all of it is used up; attacks
    3  the hour that was read too high is found and corrected: a deficit, which the next issue pays off
    4  the month's residual mix is published, and the hour that was left out is tried once more

An attack is one call that lies; plant, hour and amount are drawn by the seed. The truth are the plan's readings, which no attack
changes. Not tried, since no rule can see it: a meter that shows too much, within its capacity, and is never found out.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ledger.contract import Operation
from ledger.contract.played_steps import Step, run_step, state_with
from ledger.encoding import digest, encode
from ledger.errors import JsonValue
from ledger.identity.records import Member
from ledger.state.overlay import Overlay
from scenarios.energy.cast import ISSUER, MEMBERS, METERS
from scenarios.energy.contract import Energy
from scenarios.energy.daylight import is_dark
from scenarios.energy.figures import Audit
from scenarios.energy.quantities import capacity_wh, hour_ms, month_end_ms
from scenarios.energy.year_plan import ZONE, MeteredDevice, YearPlan, meter_of, registration
from scenarios.story.play import plain

SEED = 2026
ROUNDS = 2
"""Of each attack, on each plant, in each month."""
BOTH = (ISSUER, METERS)
Call = tuple[Operation, tuple[str, ...], Mapping[str, object]]
Attacks = Iterator[tuple[str, Call]]
"""The name of an attack, by which `exhibits.toml` calls it, and its call."""
Phase = Callable[["_Auditor", MeteredDevice, str, int], Attacks]


@lru_cache(maxsize=2)
def audit(plan: YearPlan, seed: int = SEED) -> Audit:
    """Plays the months of a plan with an attacker among the parties."""
    people = {person["member"]: _member(person["member"], person["roles"]) for person in MEMBERS}
    auditor = _Auditor(plan, seed, people, state_with(tuple(people.values())))
    auditor.begin()
    for month in plan.months:
        auditor.time_ms = month_end_ms(month)
        auditor.play(month)
    return auditor.found()


def _member(name: str, roles: Sequence[str]) -> Member:
    """A member without a key: nothing is signed here."""
    return Member(member=name, public_key="00" * 32, roles=(*roles,), not_before_ms=0, not_after_ms=2**52, certificate="-")


@dataclass(slots=True)
class _Auditor:
    plan: YearPlan
    seed: int
    people: Mapping[str, Member]
    state: Overlay
    time_ms: int = 0
    draws: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    misread_wh: int = 0

    def begin(self) -> None:
        """Accounts and devices."""
        for person in MEMBERS:
            if person["uscc"]:
                self.do(Energy.open_account, ISSUER, **{name: person[name] for name in ("member", "uscc", "zone")})
        for number, device in enumerate(self.plan.devices, 1):
            self.do(Energy.register_device, *BOTH, **registration(device, number))

    def play(self, month: str) -> None:
        """One month, in the order of the list above."""
        misread = {device.name: self.report(device, number, month) for number, device in enumerate(self.plan.devices, 1)}
        generating = [device for device in self.plan.devices if sum(self.shown(device, month)[:-1])]
        for device in generating:
            of_month = {"device": device.name, "month": month}
            self.attack(device, month, _before_issue)
            books = Energy(self.state).issuance(device.name, month)
            hours_wh = zip(self.shown(device, month), books.issued_wh, books.withheld_wh, strict=True)
            open_wh = [0 if issued_wh or withheld_wh else energy_wh for energy_wh, issued_wh, withheld_wh in hours_wh]
            hours = {"first_hour": 0, "energy_wh": open_wh[:-1], "first_id": self.next_id(device)}
            self.do(Energy.issue, ISSUER, **of_month, **hours)
            self.attack(device, month, _after_issue)
            for key in self.bundles(device, month):
                self.do(Energy.cancel, device.owner, bundle=key, beneficiary=self.plan.consumer, purpose="used up")
            self.attack(device, month, _after_use)
            hour = misread[device.name]
            if hour is not None:
                true_wh = device.fit_wh(month)[hour]
                self.do(Energy.correct_reading, *BOTH, **of_month, hour=hour, energy_wh=true_wh, reason="Meter tested")
        self.do(Energy.publish_residual_mix, ISSUER, zone=ZONE, month=month)
        for device in generating:
            self.attack(device, month, _after_mix)

    def report(self, device: MeteredDevice, number: int, month: str) -> int | None:
        """The meter operator reports a month; the hour that is read too high, if there is one."""
        net_wh = device.net_wh(month)
        hour = self.below(len(net_wh) - 1)
        true_wh = net_wh[hour] or 0
        is_misread = month != self.plan.months[-1] and 10 <= true_wh <= capacity_wh(device.capacity_w) * 10 // 11
        if is_misread:
            net_wh[hour] = true_wh * 11 // 10
            self.misread_wh += true_wh // 10
        quality = "".join("-" if energy_wh is None else "V" for energy_wh in net_wh)
        of_month = {"device": device.name, "meter": meter_of(number), "month": month, "first_hour": 0}
        self.do(Energy.submit_readings, METERS, **of_month, energy_wh=net_wh, quality=quality)
        return hour if is_misread else None

    def attack(self, device: MeteredDevice, month: str, attacks: Phase) -> None:
        """Each attack of a phase, as often as ROUNDS says, on hours with generation that are drawn."""
        hours = [hour for hour, energy_wh in enumerate(self.shown(device, month)[:-1]) if energy_wh]
        for _ in range(ROUNDS):
            for name, (operation, signers, arguments) in attacks(self, device, month, hours[self.below(len(hours))]):
                self.tried[name] += 1
                self.refused[name] += self.code(operation, signers, arguments) != "ok"

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1: the next by the seed, the same on every machine."""
        self.draws += 1
        return int(digest("energy-audit", encode([self.seed, self.draws])), 16) % limit

    def do(self, operation: Operation, *signers: str, **arguments: object) -> None:
        """A good call."""
        code = self.code(operation, signers, arguments)
        assert code == "ok", f"{operation.name} is good, and is refused with {code}"

    def code(self, operation: Operation, signers: tuple[str, ...], arguments: Mapping[str, object]) -> str:
        """What the contract says to a call; a good one stays."""
        said: JsonValue = {name: plain(value) for name, value in arguments.items()}
        step = Step(tuple(self.people[name] for name in signers), operation.name, said, self.time_ms)
        return run_step(Energy, self.state, step, self.time_ms, 1).code

    def shown(self, device: MeteredDevice, month: str) -> list[int]:
        """What the meter says on the ledger, hour by hour, 0 for gaps and what was drawn."""
        return [max(energy_wh or 0, 0) for energy_wh in Energy(self.state).readings[f"{device.name}:{month}"].energy_wh]

    def next_id(self, device: MeteredDevice) -> int:
        """Where its ids go on."""
        return Energy(self.state).devices[device.name].ids_max + 1

    def bundles(self, device: MeteredDevice, month: str) -> list[str]:
        """What was issued of a month: one, or none where a deficit took it all."""
        return [key for key, _ in Energy(self.state).bundles.items(prefix=f"{device.name}:{month}:")]

    def found(self) -> Audit:
        """What stands in certificates at the end, against the truth."""
        contract = Energy(self.state)
        certified: Counter[tuple[str, str, int]] = Counter()
        for _, bundle in contract.bundles.items():
            if bundle.state not in ("split", "withdrawn"):
                for part in bundle.slices:
                    certified[bundle.device, bundle.month, part.hour] += part.energy_wh
        truth = {
            (device.name, month, hour): energy_wh
            for device in self.plan.devices
            for month in self.plan.months
            for hour, energy_wh in enumerate(device.fit_wh(month))
        }
        beyond_wh = sum(max(energy_wh - truth.get(hour, 0), 0) for hour, energy_wh in certified.items())
        withheld_wh = sum(sum(issuance.withheld_wh) for _, issuance in contract.issuances.items())
        return Audit(self.seed, self.tried, self.refused, certified.total(), beyond_wh - withheld_wh, self.misread_wh)


def _before_issue(auditor: _Auditor, device: MeteredDevice, month: str, hour: int) -> Attacks:
    number, shown = auditor.plan.devices.index(device) + 1, auditor.shown(device, month)
    more_wh, at = 1 + auditor.below(shown[hour]), {"device": device.name, "month": month, "first_hour": hour}
    plant = registration(device, number)["plant"]
    again = {"device": f"{device.name[:20]}-{month}", "plant": {**plant, "meter": f"M-AGAIN-{month}-{hour}"}}
    yield "site", (Energy.register_device, BOTH, again)
    reading = {**at, "meter": meter_of(number), "energy_wh": (shown[hour] + more_wh,), "quality": "V"}
    yield "reading", (Energy.submit_readings, (METERS,), reading)
    issue = {**at, "first_id": auditor.next_id(device)}
    yield "meter", (Energy.issue, (ISSUER,), {**issue, "energy_wh": (shown[hour] + more_wh,)})
    if idle := [hour for hour, energy_wh in enumerate(shown) if not energy_wh]:
        yield "idle", (Energy.issue, (ISSUER,), {**issue, "first_hour": idle[auditor.below(len(idle))], "energy_wh": (more_wh,)})
    day, place = 24 * auditor.below(28), device.place if device.technology == "solar" else None
    if place is not None and (dark := [at for at in range(day, day + 24) if is_dark(place, hour_ms(month, at))]):
        night = {"device": device.name, "month": month, "hour": dark[auditor.below(len(dark))], "energy_wh": more_wh}
        yield "night", (Energy.correct_reading, BOTH, {**night, "reason": "Clock"})


def _after_issue(auditor: _Auditor, device: MeteredDevice, month: str, hour: int) -> Attacks:
    again = {"device": device.name, "month": month, "first_hour": hour, "first_id": auditor.next_id(device)}
    yield "twice", (Energy.issue, (ISSUER,), {**again, "energy_wh": (1,)})
    yield "scheme", (Energy.issue_green, (ISSUER,), {"device": device.name, "month": month})
    for key in auditor.bundles(device, month):
        parts = [part.energy_wh for part in Energy(auditor.state).bundles[key].slices]
        parts[auditor.below(len(parts))] += 1
        yield "split", (Energy.split, (device.owner,), {"bundle": key, "parts": [{"energy_wh": parts}]})


def _after_use(auditor: _Auditor, device: MeteredDevice, month: str, hour: int) -> Attacks:
    for key in auditor.bundles(device, month):
        use = {"bundle": key, "beneficiary": device.owner, "purpose": "used again"}
        yield "use", (Energy.cancel, (device.owner,), use)
        yield "take-back", (Energy.withdraw, (ISSUER,), {"bundle": key, "reason": "to be issued again"})


def _after_mix(auditor: _Auditor, device: MeteredDevice, month: str, hour: int) -> Attacks:
    last = len(device.net_wh(month)) - 1
    late = {"device": device.name, "month": month, "first_hour": last, "first_id": auditor.next_id(device)}
    yield "late", (Energy.issue, (ISSUER,), {**late, "energy_wh": (max(auditor.shown(device, month)[last], 1),)})
