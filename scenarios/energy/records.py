"""What the state of the energy records holds. Energy is in Wh, money in cents, a month is Beijing's, an hour its number in it."""

from typing import Annotated, Literal, NamedTuple, TypeAlias, TypeVar

from pydantic import Field, StringConstraints

from ledger.contract import DigestText, Identifier, Integer, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp

ISSUING, METERING = "issuing-body", "meter-operator"
EXCHANGE, CARBON, VERIFIER = "green-exchange", "carbon-registry", "claim-verifier"
OFFICES = (ISSUING, METERING, EXCHANGE, CARBON, VERIFIER)
"""Roles that certify, measure or check. They hold no certificates: no member vouches for itself."""

HOURS_MAX = 744
Month: TypeAlias = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""`2026-04`, a month of Beijing time."""
Hour: TypeAlias = Annotated[int, Field(ge=0, lt=HOURS_MAX)]
"""Number of an hour in its month, from 0."""
Zone: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,31}$")]
"""Bidding zone, as `CN-NORTH`."""
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""Of a device, claim or project; short, since keys grow from it."""
PRICE_MAX = 10**7
Price: TypeAlias = Annotated[int, Field(ge=0, le=PRICE_MAX)]
"""Cents, for a certificate of 1 MWh or for 1 MWh of deviation: what the largest device owes for a month fits the record."""
Capacity: TypeAlias = Annotated[int, Field(gt=0, le=10**11)]
"""Watts, up to 100 GW: with it an hour, a month and a year of any device fit the ledger's integers."""
Metered: TypeAlias = Annotated[int, Field(ge=-(10**12), le=10**12)]

PartWh: TypeAlias = Annotated[int, Field(ge=-(2 * 10**11), le=2 * 10**11)]
COUNT_MAX = 10**8
PartCount: TypeAlias = Annotated[int, Field(ge=-COUNT_MAX, le=COUNT_MAX)]
"""What a caller asks a part to be; the rules of splitting judge it. The sum of all parts fits a refusal."""

MeterNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,64}$")]
"""In capitals, so that one meter is not registered twice by another spelling."""

Gsrn: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{18}$")]
"""The number of a metering point for the whole of its life, in GS1's form; its check digit is judged by a rule."""

Technology = Literal["wind", "offshore-wind", "solar", "solar-thermal", "hydro", "biomass", "storage"]
Connection = Literal["grid", "self-use", "off-grid"]
QUALITIES = "VRMEQW-"
"""Of a reading: validated, of revenue quality, manually corrected, estimated, questionable, raw, none."""
FIT = "VRM"
"""Qualities on which a certificate may stand."""
QualityText: TypeAlias = Annotated[str, StringConstraints(pattern=f"^[{QUALITIES}]{{1,744}}$")]
"""One sign an hour."""
BundleState = Literal["active", "reserved", "locked", "cancelled", "claimed", "expired", "withdrawn", "split"]
ClaimState = Literal["pending", "attested", "disputed", "withdrawn"]
GreenState = Literal["issued", "listed", "traded", "frozen", "consumed", "expired", "excluded", "divided"]


Item = TypeVar("Item")


def put_hours(month: tuple[Item, ...], first_hour: int, hours: tuple[Item, ...]) -> tuple[Item, ...]:
    """A month with other values in successive hours."""
    return (*month[:first_hour], *hours, *month[first_hour + len(hours) :])


class Account(Record):
    """A company that takes part, under its real name, once. Key: member id."""

    uscc: str
    """Unified social credit code."""
    zone: Zone
    """Where it draws its power."""
    whitelist: tuple[MemberId, ...] = ()
    """Accounts from which it accepts certificates."""


class Company(Record):
    """Whose account it is. Key: unified social credit code."""

    member: MemberId


class Place(Record):
    """Where a plant stands, in thousandths of a degree, north and east positive."""

    latitude_mdeg: Annotated[int, Field(ge=-90_000, le=90_000)]
    longitude_mdeg: Annotated[int, Field(ge=-180_000, le=180_000)]


class StorageTerms(Record):
    """What was certified of a storage when it was registered."""

    efficiency_ppm: Annotated[int, Field(gt=0, lt=1_000_000)]
    """What comes out of what goes in."""
    holds_wh: Capacity
    """The most that can come out of it when it is full."""
    opening_wh: NonNegative
    """What was in it before its first reading, from nobody knows where."""


class Plant(Record):
    """What is registered of a plant or a battery."""

    gsrn: Gsrn
    owner: MemberId
    technology: Technology
    capacity_w: Capacity
    zone: Zone
    connection: Connection
    meter: MeterNumber
    commissioned_on_ms: Timestamp
    place: Place | None = None
    """Of a solar plant, whose nights it tells."""
    storage_terms: StorageTerms | None = None


class Device(Plant):
    """A plant or a battery behind one meter, with where its books stand. Key: its name."""

    ids_max: NonNegative = 0
    """Last certificate id given out: ids of a device tile 1 to this."""
    carry_wh: NonNegative = 0
    """Less than 1 MWh, waiting for the next month's green certificates."""
    green_month: str = ""
    """Last month that was certified in green certificates."""
    green_max: NonNegative = 0
    """Number of the last green certificate."""
    deficit_wh: Integer = 0
    """Certified beyond what a corrected meter shows: the next Wh pay it off and become no certificates. Below 0: overpaid."""
    closed_ms: Timestamp = 0
    """Of a storage: up to here its readings are final, since what came out stands on them."""
    decommissioned_ms: Timestamp = 0
    """From when on it is no more; 0 while it serves."""


class Site(Record):
    """Which device stands behind a metering point, for good. Key: its GSRN."""

    device: Name


class Meter(Record):
    """What a meter measured: one device, from when until when. Key: the meter's number."""

    device: Name
    from_ms: Timestamp
    until_ms: Timestamp = 0
    """0 while it is on."""


class Readings(Record):
    """A device's net energy hour by hour: positive what it gave to the grid, negative what it drew. Key: `DEVICE:MONTH`."""

    energy_wh: tuple[Metered | None, ...]
    """One for every hour of the month; None where there is no reading."""
    quality: QualityText
    scheme: Literal["", "hourly", "monthly"] = ""
    """How the month is certified: never both ways."""

    def is_good(self, hour: int) -> bool:
        """Whether a certificate or a statement may stand on the hour: no gap, no estimate."""
        return self.energy_wh[hour] is not None and self.quality[hour] in FIT

    def good_wh(self, hour: int) -> int:
        """Net energy of the hour, 0 where its reading is not good."""
        return (self.energy_wh[hour] or 0) if self.is_good(hour) else 0

    def with_hours(self, first_hour: int, energy_wh: tuple[int | None, ...], quality: str) -> "Readings":
        """The same month with other successive hours."""
        signs = self.quality[:first_hour] + quality + self.quality[first_hour + len(quality) :]
        return self.replace(energy_wh=put_hours(self.energy_wh, first_hour, energy_wh), quality=signs)


class Correction(Record):
    """A reading before and after it was corrected. Key: `DEVICE:MONTH:HOUR:NUMBER`."""

    before_wh: Metered | None
    before_quality: str
    after_wh: Metered
    reason: Text
    corrected_at_ms: Timestamp


class Consumption(Record):
    """A consumer's month, sealed hour by hour under one digest. Key: `CONSUMER:MONTH`."""

    consumer: MemberId
    zone: Zone
    load: Sealed[dict[str, int]]
    """Field `000` to `743`: Wh of that hour."""
    scheme: Literal["", "hourly", "monthly"] = ""
    """By which kind of certificate it is met: never by both."""
    is_claimed: tuple[bool, ...]
    """Which hours a claim has met: each once."""
    green_count: NonNegative = 0
    """Green certificates of 1 MWh that were consumed for it."""


class AreaTotal(Record):
    """What everybody may know of consumption: a zone's month. Key: `ZONE:MONTH`."""

    consumed_wh: NonNegative
    consumers: Positive


class Generation(NamedTuple):
    """A kind of plant in a zone and month: what it generated, and what of this became certificates or paid a deficit."""

    technology: Technology
    generated_wh: NonNegative
    certified_wh: NonNegative

    @property
    def residual_wh(self) -> int:
        """What nobody can claim by a certificate."""
        return max(self.generated_wh - self.certified_wh, 0)


class ResidualMix(Record):
    """Power of a zone and month that no certificate tracks, by kind of plant: who claims nothing drew this. Key: `ZONE:MONTH`."""

    generation: tuple[Generation, ...]
    residual_wh: NonNegative


class Issuance(Record):
    """What was certified and charged by hour. Key: `DEVICE:MONTH`."""

    issued_wh: tuple[NonNegative, ...]
    """By hour, withdrawn ones included."""
    withdrawn_wh: tuple[NonNegative, ...]
    withheld_wh: tuple[NonNegative, ...]
    """Metered, and no certificates, since they paid off a deficit."""
    charged_wh: tuple[NonNegative, ...]
    """Of a storage: energy with an origin, by hour of charging."""


class Slice(NamedTuple):
    """Certificates of 1 Wh of one hour: ids from the first to the last."""

    hour: Hour
    first: Positive
    last: Positive

    @property
    def energy_wh(self) -> int:
        """One for each id."""
        return self.last - self.first + 1


class Bundle(Record):
    """Hourly certificates of one device and month. Key: `DEVICE:MONTH:FIRST HOUR`, then `-1`, `-2` … for the parts of a split.

    EnergyTag's bundle is one hour; here one holds a slice for each of up to 744 hours, so that a month is one transaction.
    """

    device: Name
    month: Month
    zone: Zone
    is_storage: bool
    slices: tuple[Slice, ...]
    energy_wh: Positive
    lineage: DigestText
    """Over the device, the slices with their ids, and the parent's lineage."""
    expires_ms: Timestamp
    holder: MemberId
    state: BundleState = "active"
    parent: str = ""
    children: tuple[Identifier, ...] = ()
    depth: NonNegative = 0
    reserved_for: str = ""
    beneficiary: str = ""
    purpose: str = ""
    reason: str = ""
    """Why it was locked or withdrawn."""
    used_by: str = ""
    """Claim or charge that it was spent on: one, and once."""


class ClaimEvidence(Record):
    """What a claim's consumer had metered in the hours claimed, in their order, or in the month; only an opening shows it."""

    consumer: MemberId
    month: Month
    hours: tuple[Hour, ...]
    """None: the sum of the month."""
    metered_wh: tuple[NonNegative, ...]


class HourClaim(NamedTuple):
    """Consumption of one hour that is said to have been met."""

    hour: Hour
    energy_wh: Positive


class Claim(Record):
    """Consumption met by used certificates, vouched for by the body that sees the meter. Key: its name."""

    consumer: MemberId
    month: Month
    zone: Zone
    hours: tuple[HourClaim, ...]
    energy_wh: Positive
    bundles: tuple[Identifier, ...]
    """Cancelled for it, hour by hour."""
    lot: str = ""
    """Or the green certificates consumed for it, which tell no hour."""
    verifier: MemberId
    state: ClaimState = "pending"
    """It stands once its verifier attested it, and until that verifier disputes it."""
    reason: str = ""
    """Why it is disputed."""
    evidence: Sealed[ClaimEvidence]


class GreenLot(Record):
    """Green certificates of 1 MWh with successive numbers. Key: `DEVICE:MONTH`, then `-1`, `-2` for the parts."""

    device: Name
    month: Month
    first: Positive
    last: Positive
    """Numbers within the device; with it they are the unique code."""
    holder: MemberId
    is_tradable: bool
    expires_ms: Timestamp
    state: GreenState = "issued"
    was_traded: bool = False
    exchange: str = ""
    """Where it is offered."""
    price_cents: NonNegative = 0
    """Of one certificate, as stated by seller and exchange."""
    purpose: str = ""
    """Of its holder's consumption, once declared."""
    used_by: str = ""
    """The claim that it was consumed for: one, unless that was withdrawn."""
    project: str = ""
    """Carbon project that excludes it."""
    children: tuple[Identifier, ...] = ()
    depth: NonNegative = 0

    @property
    def count(self) -> int:
        """Certificates of 1 MWh."""
        return self.last - self.first + 1


class CarbonProject(Record):
    """An application for carbon credits (CCER) and the green certificates that it excludes. Key: its name."""

    device: Name
    lots: tuple[Identifier, ...]
    state: Literal["applied", "registered", "ended"] = "applied"


class Charge(Record):
    """Energy with an origin that went into a storage. Key: the bundle that was cancelled for it."""

    storage: Name
    month: Month
    charged_wh: Positive


class Discharge(Record):
    """Energy that came out, with the certificates that its charge gives after losses. Key: the bundle issued for it."""

    storage: Name
    charge: Identifier
    month: Month
    hour: Hour
    energy_wh: Positive


class Forecast(Record):
    """What a plant said beforehand that it would deliver. Key: `DEVICE:MONTH`."""

    energy_wh: tuple[NonNegative | None, ...]
    is_settled: tuple[bool, ...]


class Imbalance(Record):
    """A statement of deviations, hour by hour: no money moves here. Key: `DEVICE:MONTH:FIRST HOUR`."""

    hours: Positive
    forecast_wh: NonNegative
    metered_wh: Integer
    short_wh: NonNegative
    long_wh: NonNegative
    short_price_cents: Price
    long_price_cents: Price
    owed_cents: Integer
    """By the plant; negative what it is owed."""
