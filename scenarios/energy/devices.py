"""Who takes part: one account a company under its real name, and the plants and batteries behind their meters."""

from typing import Literal

from ledger.contract import AllOf, Anyone, Context, MemberId, Role, operation
from scenarios.energy.books import require_account, require_possible
from scenarios.energy.quantities import MARKET_OFFSET_MS, hour_ms, hours_in
from scenarios.energy.records import (
    ISSUING,
    METERING,
    OFFICES,
    Account,
    Company,
    Device,
    Hour,
    Meter,
    MeterNumber,
    Month,
    Name,
    Plant,
    Site,
    Zone,
)
from scenarios.energy.state import EnergyState
from scenarios.identifiers import is_gsrn, is_uscc

WHITELIST_MAX = 200


class DeviceOperations(EnergyState):
    """Operations that say who is who and what is what."""

    @operation(signed_by=Role(ISSUING))
    def open_account(self, context: Context, member: MemberId, uscc: str, zone: Zone) -> None:
        """The issuing body opens a company's one account, under its real name."""
        # READ
        company = self.companies.get(uscc)
        person = context.member(member)
        roles = person.roles if person else ()
        # CHECK
        context.require(person is not None, "not-a-member", member=member)
        context.require(not any(role in OFFICES for role in roles), "office-holder", member=member)
        context.require(is_uscc(uscc), "bad-uscc", uscc=uscc)
        context.require(company is None, "company-has-account", member=company.member if company else "")
        context.require(member not in self.accounts, "account-exists", member=member)
        # WRITE
        self.accounts[member] = Account(uscc=uscc, zone=zone)
        self.companies[uscc] = Company(member=member)
        # EMIT
        context.emit("account-opened", member=member, zone=zone)

    @operation(signed_by=Anyone())
    def whitelist(self, context: Context, member: MemberId, accepts: bool = True) -> None:
        """The first signer says from which accounts its own accepts certificates, or no longer does."""
        # READ
        owner = context.signers[0].member
        # CHECK
        require_account(self, context, owner)
        require_account(self, context, member)
        others = tuple(accepted for accepted in self.accounts[owner].whitelist if accepted != member)
        context.require(not accepts or len(others) < WHITELIST_MAX, "whitelist-full", most=WHITELIST_MAX)
        # WRITE
        self.accounts[owner] = self.accounts[owner].replace(whitelist=(*others, member) if accepts else others)

    @operation(signed_by=AllOf(Role(ISSUING), Role(METERING)))
    def register_device(self, context: Context, device: Name, plant: Plant) -> None:
        """Issuing body and meter operator, which numbers the sites, register a plant or a battery behind a meter of its own."""
        # READ
        meter, site = self.meters.get(plant.meter), self.sites.get(plant.gsrn)
        # CHECK
        require_account(self, context, plant.owner)
        context.require(device not in self.devices, "device-exists", device=device)
        context.require(meter is None, "meter-taken", meter=plant.meter, device=meter.device if meter else "")
        context.require(is_gsrn(plant.gsrn), "bad-gsrn", gsrn=plant.gsrn)
        context.require(site is None, "site-registered", gsrn=plant.gsrn, device=site.device if site else "")
        terms = plant.storage_terms
        holds_it = terms is not None and terms.opening_wh <= terms.holds_wh
        context.require(holds_it if plant.technology == "storage" else terms is None, "storage-terms", device=device)
        context.require(plant.technology != "solar" or plant.place is not None, "no-place", device=device)
        # WRITE
        self.devices[device] = Device(**dict(plant))
        self.sites[plant.gsrn] = Site(device=device)
        self.meters[plant.meter] = Meter(device=device, from_ms=plant.commissioned_on_ms - MARKET_OFFSET_MS)
        # EMIT
        context.emit("device-registered", device=device, owner=plant.owner)

    @operation(signed_by=AllOf(Role(ISSUING), Role(METERING)))
    def replace_meter(
        self, context: Context, device: Name, month: Month, hour: Hour, successor: MeterNumber | Literal[""] = ""
    ) -> None:
        """A meter comes off as an hour begins, and another goes on; without a successor the device is no more, for good."""
        # READ
        plant, at_ms = self.devices[device], hour_ms(month, hour)
        meter, taken = self.meters[plant.meter], self.meters.get(successor) if successor else None
        has_read = any(_has_read(key, held.energy_wh, month, hour) for key, held in self.readings.items(prefix=f"{device}:"))
        # CHECK
        context.require(hour < hours_in(month), "beyond-month", month=month, hours=hours_in(month))
        context.require(at_ms <= context.time_ms, "reading-ahead", month=month, hour=hour)
        require_possible(context, plant, month, hour, 0)
        in_service = {"month": month, "hour": hour, "commissioned_on_ms": plant.commissioned_on_ms}
        context.require(plant.decommissioned_ms == 0, "not-in-service", **in_service)
        context.require(taken is None, "meter-taken", meter=successor, device=taken.device if taken else "")
        context.require(at_ms > meter.from_ms and not has_read, "meter-has-read", meter=plant.meter, month=month, hour=hour)
        # WRITE
        self.meters[plant.meter] = meter.replace(until_ms=at_ms)
        if successor == "":
            self.devices[device] = plant.replace(decommissioned_ms=at_ms)
        else:
            self.devices[device] = plant.replace(meter=successor)
            self.meters[successor] = Meter(device=device, from_ms=at_ms)
        # EMIT
        context.emit("meter-replaced", device=device, meter=plant.meter, successor=successor, at_ms=at_ms)


def _has_read(key: str, energy_wh: tuple[int | None, ...], month: str, hour: int) -> bool:
    """Whether the month `DEVICE:MONTH` has a reading of this hour or a later one."""
    of_month = key.rpartition(":")[2]
    later = energy_wh[hour:] if of_month == month else energy_wh
    return of_month >= month and any(value is not None for value in later)
