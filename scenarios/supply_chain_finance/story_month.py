"""A month of trade: the generated course of 46 companies, played whole, each company signing for itself."""

from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.dates import START_MS, on
from scenarios.story.story import (
    DAY_MS,
    Story,
    StoryWriter,
)
from scenarios.supply_chain_finance.cast import CLEARING, HOLIDAYS, MEMBERS, PACKAGE, REGULATOR
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.story_trade import write_trade
from scenarios.supply_chain_finance.trade_files import SERVICES, Trade, default_trade

# fmt: off


def write_month(writer: StoryWriter) -> None:
    """The data that lie beside this file."""
    writer.chapter(en="A month of trade", zh="一个月的贸易")
    write_trade(writer, default_trade(), START_MS, is_open=False)


def story_of(trade: Trade, start_ms: int) -> Story:
    """A user's own course of trade, on a ledger of its own that begins two days before it."""
    writer = StoryWriter()
    writer.chapter(en="The rules", zh="规则")
    writer.step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=start_ms + DAY_MS, months_max=12, months_without_reason=6,
                en="A certificate runs at most twelve months, and beyond six only with a reason.",
                zh="凭证期限最长十二个月，超过六个月须说明理由。")
    holidays = [{"days": later, "name": h["name"]} for h in HOLIDAYS
                if (later := tuple(day for day in map(on, h["days"]) if day > start_ms))]
    if holidays:
        writer.batch(CLEARING, [(Scf.set_holidays, holiday) for holiday in holidays],
                     en="The settlement bank announces the holidays of 2026.", zh="结算银行公布 2026 年节假日。")
    writer.chapter(en="The trade of the files", zh="文件中的贸易")
    write_trade(writer, trade, start_ms, is_open=True)
    return writer.story()
# fmt: on


def begin_of(trade: Trade) -> int:
    """The genesis of a ledger for a user's own data: two days before anything happens, so that its rules stand by then."""
    return trade.days()[0] - 2 * DAY_MS


def specification_of(trade: Trade, start_ms: int) -> NetworkSpecification:
    """Those who serve the trade run the four nodes; every company of the files is an organization with its own key."""
    roles = {person["member"]: tuple(person["roles"]) for person in MEMBERS}
    services = [
        OrganizationSpec(name, (MemberSpec(member.partition(".")[2], (*own, "admin")), MemberSpec("node", ("validator",))))
        for name in SERVICES
        for member, own in roles.items()
        if member.partition(".")[0] == name
    ]
    return NetworkSpecification(
        organizations=(*services, *trade.organizations),
        validators=tuple(f"{name}.node" for name in SERVICES),
        contracts=((Scf.name, f"{PACKAGE}.contract:{Scf.__name__}"),),
        start_time_ms=start_ms,
    )
