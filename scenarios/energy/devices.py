"""Who takes part: one account a company under its real name, and the plants and batteries behind their meters."""

from ledger.contract import Anyone, Context, MemberId, Role, operation
from scenarios.energy.books import require_account
from scenarios.energy.quantities import PPM
from scenarios.energy.records import ISSUING, OFFICES, Account, Company, Device, Meter, Name, Plant, Zone
from scenarios.energy.state import EnergyState
from scenarios.identifiers import is_uscc

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

    @operation(signed_by=Role(ISSUING))
    def register_device(self, context: Context, device: Name, plant: Plant) -> None:
        """The issuing body registers a plant or a battery behind a meter of its own."""
        # READ
        meter = self.meters.get(plant.meter)
        # CHECK
        require_account(self, context, plant.owner)
        context.require(device not in self.devices, "device-exists", device=device)
        context.require(meter is None, "meter-taken", meter=plant.meter, device=meter.device if meter else "")
        has_losses = 0 < plant.efficiency_ppm < PPM if plant.technology == "storage" else plant.efficiency_ppm == 0
        context.require(has_losses, "storage-efficiency", device=device)
        # WRITE
        self.devices[device] = Device(**dict(plant))
        self.meters[plant.meter] = Meter(device=device)
        # EMIT
        context.emit("device-registered", device=device, owner=plant.owner)
