"""The smallest useful contract: assets that are issued once and passed on. Simulator and benchmark run on it."""

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, MemberId, NonNegative, Record, Refusal, operation


class Holding(Record):
    """Who holds an asset, and how often it has changed hands."""

    holder: MemberId
    version: NonNegative = 0


class Counter(Record):
    """How often it was bumped."""

    count: NonNegative


class Asset(Contract):
    """Assets have one holder each, who alone passes them on; none is ever lost or doubled."""

    name = "asset"
    assets = Collection(Holding)
    counters = Collection(Counter)
    refusals = {
        "already-issued": Refusal(en="Asset {number} exists already.", zh="资产 {number} 已存在。"),
        "not-holder": Refusal(en="Only {holder} may pass this on.", zh="只有 {holder} 可以转让。"),
    }

    @operation(signed_by=Anyone())
    def issue(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Makes a new asset."""
        # CHECK
        context.require(number not in self.assets, "already-issued", number=number)
        # WRITE
        self.assets[number] = Holding(holder=to)
        # EMIT
        context.emit("issued", number=number, holder=to)

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Passes an asset on."""
        # READ
        asset = self.assets[number]
        # CHECK
        context.require(context.signed_by(asset.holder), "not-holder", holder=asset.holder)
        # WRITE
        self.assets[number] = asset.replace(holder=to, version=asset.version + 1)

    @operation(signed_by=Anyone())
    def bump(self, context: Context, number: Identifier) -> None:
        """Adds one to a counter: many may write this one key in one block, and none is in another's way."""
        # READ
        counter = self.counters.get(number) or Counter(count=0)
        # WRITE
        self.counters[number] = counter.replace(count=counter.count + 1)
