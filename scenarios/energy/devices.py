"""Who takes part: one account a company under its real name, and the plants and batteries behind their meters."""

from ledger.contract import Anyone, Collection, Context, Contract, MemberId, Role, Timestamp, operation
from scenarios.energy.quantities import PPM
from scenarios.energy.records import (
    Account,
    Capacity,
    Company,
    Connection,
    Device,
    Meter,
    MeterNumber,
    Name,
    Ppm,
    Technology,
    Zone,
)
from scenarios.identifiers import is_uscc

ISSUING, METERING = "issuing-body", "meter-operator"
EXCHANGE, CARBON = "green-exchange", "carbon-registry"
GENERATOR, STORAGE_OPERATOR, CONSUMER, VERIFIER = "generator", "storage-operator", "power-consumer", "claim-verifier"
OFFICES = (ISSUING, METERING, EXCHANGE, CARBON, VERIFIER)
"""Who certifies, measures or checks holds no certificates: nobody vouches for himself."""
WHITELIST_MAX = 200


class DeviceOperations(Contract):
    """The part of the contract that says who is who and what is what."""

    accounts = Collection(Account)
    companies = Collection(Company)
    devices = Collection(Device)
    meters = Collection(Meter)

    @operation(signed_by=Role(ISSUING))
    def open_account(self, context: Context, member: MemberId, uscc: str, zone: Zone) -> None:
        """The issuing body opens a company's one account, under its real name."""
        # READ
        known = self.companies.get(uscc)
        person = context.member(member)
        # CHECK
        if person is None:  # check: energy-account-of-member
            context.refuse("not-a-member", member=member)
        context.require(not any(role in OFFICES for role in person.roles), "office-holder", member=member)
        context.require(is_uscc(uscc), "bad-uscc", uscc=uscc)
        context.require(known is None, "company-has-account", member=known.member if known else "")
        context.require(member not in self.accounts, "account-exists", member=member)
        # WRITE
        self.accounts[member] = Account(uscc=uscc, zone=zone)
        self.companies[uscc] = Company(member=member)
        # EMIT
        context.emit("account-opened", member=member, zone=zone)

    @operation(signed_by=Anyone())
    def whitelist(self, context: Context, member: MemberId, accepts: bool = True) -> None:
        """The owner of an account says from whom it accepts certificates, or no longer does."""
        # READ
        owner, account = self.acting(context)
        # CHECK
        self.require_account(context, member)
        others = tuple(known for known in account.whitelist if known != member)
        context.require(not accepts or len(others) < WHITELIST_MAX, "whitelist-full", most=WHITELIST_MAX)
        # WRITE
        self.accounts[owner] = account.replace(whitelist=(*others, member) if accepts else others)

    @operation(signed_by=Role(ISSUING))
    def register_device(
        self,
        context: Context,
        device: Name,
        owner: MemberId,
        technology: Technology,
        capacity_w: Capacity,
        zone: Zone,
        connection: Connection,
        meter: MeterNumber,
        commissioned_on_ms: Timestamp,
        efficiency_ppm: Ppm = 0,
    ) -> None:
        """The issuing body registers a plant or a battery behind a meter of its own."""
        # READ
        metered = self.meters.get(meter)
        # CHECK
        self.require_account(context, owner)
        context.require(device not in self.devices, "device-exists", device=device)
        context.require(metered is None, "meter-taken", meter=meter, device=metered.device if metered else "")
        has_losses = 0 < efficiency_ppm < PPM if technology == "storage" else efficiency_ppm == 0
        context.require(has_losses, "storage-efficiency", device=device)
        # WRITE
        self.devices[device] = Device(
            owner=owner,
            technology=technology,
            capacity_w=capacity_w,
            zone=zone,
            connection=connection,
            meter=meter,
            commissioned_on_ms=commissioned_on_ms,
            efficiency_ppm=efficiency_ppm,
        )
        self.meters[meter] = Meter(device=device)
        # EMIT
        context.emit("device-registered", device=device, owner=owner)

    def acting(self, context: Context) -> tuple[MemberId, Account]:
        """The first signer, whose act this is, with its account."""
        member = context.signers[0].member
        self.require_account(context, member)
        return member, self.accounts[member]

    def require_account(self, context: Context, member: MemberId) -> None:
        """Refuses who has no account."""
        context.require(member in self.accounts, "no-account", member=member)
