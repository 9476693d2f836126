"""A year hour by hour: readings, certificates, what meets the load in its hour, and what does not.

One transaction holds a month: up to 744 hours as a list. The first month stands alone; then the ledger is told half a year at a
time, as an issuing body works through its backlog.
"""

from collections.abc import Mapping, Sequence

from ledger.contract import Operation
from ledger.contract.calendar import day_from_date
from scenarios.dates import START_MS
from scenarios.energy.cast import ASSURANCE, ISSUER, METERS
from scenarios.energy.contract import Energy
from scenarios.energy.loads import sealed_evidence, sealed_load
from scenarios.energy.quantities import month_start_ms, months_after
from scenarios.energy.records import HourClaim
from scenarios.energy.year_plan import PlannedDevice, YearPlan
from scenarios.story.story import (
    COMMITTED,
    DAY_MS,
    Act,
    Call,
    StoryWriter,
    Words,
)

Calls = list[tuple[Operation, Mapping[str, object]]]
SETTLE_DAYS = 5
"""Readings of a month are final on its sixth day after: an assumption."""
ZONE = "CN-NORTH"


def write_year(writer: StoryWriter, plan: YearPlan, start_ms: int = START_MS) -> None:
    """The chapter, or two: accounts are open, the consumer accepts the plants' certificates."""
    writer.chapter(en="A year, hour by hour", zh="逐小时核对的一年")
    _register(writer, plan)
    ids = {device.name: 1 for device in plan.devices}
    for months in _spans(plan.months):
        _write_months(writer, plan, months, ids, start_ms)


def _register(writer: StoryWriter, plan: YearPlan) -> None:
    calls: Calls = [
        (
            Energy.register_device,
            {
                "device": device.name,
                "plant": {
                    "owner": device.owner,
                    "technology": device.technology,
                    "capacity_w": device.capacity_w,
                    "zone": ZONE,
                    "connection": "grid",
                    "meter": f"M-YEAR-{number}",
                    "commissioned_on_ms": day_from_date(2019, 6, 30),
                },
            },
        )
        for number, device in enumerate(plan.devices, 1)
    ]
    writer.batch(
        ISSUER,
        calls,
        en=f"The issuing centre registers {_names(plan)}, each behind a meter of its own.",
        zh=f"核发中心登记 {_names(plan)}，一装置一表。",
    )
    owners = dict.fromkeys(device.owner for device in plan.devices)
    writer.batch(
        plan.consumer,
        [(Energy.whitelist, {"member": owner}) for owner in owners],
        en="The business park will take certificates from the plants that it has a contract with, and from nobody else.",
        zh="华景商务园只接受签约电厂转来的证书。",
    )


def _write_months(writer: StoryWriter, plan: YearPlan, months: tuple[str, ...], ids: dict[str, int], start_ms: int) -> None:
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    span_zh = months[0] if len(months) == 1 else f"{months[0]} 至 {months[-1]}"
    end_ms = month_start_ms(months_after(months[-1], 1)) + SETTLE_DAYS * DAY_MS
    writer.clock(
        -(-(end_ms - start_ms) // DAY_MS), en=f"{span} is over and its readings are final.", zh=f"{span_zh} 结束，读数定案。"
    )
    _write_readings(writer, plan, months, span, span_zh)
    for month in months:
        _write_issue(writer, plan, month, ids)
    _write_matching(writer, plan, months, span, span_zh)


def _write_readings(writer: StoryWriter, plan: YearPlan, months: Sequence[str], span: str, span_zh: str) -> None:
    calls: Calls = []
    for month in months:
        for device in plan.devices:
            net_wh = device.net_wh(month)
            quality = "".join("-" if energy_wh is None else "V" for energy_wh in net_wh)
            calls.append(
                (
                    Energy.submit_readings,
                    {"device": device.name, "month": month, "first_hour": 0, "energy_wh": tuple(net_wh), "quality": quality},
                )
            )
        load = sealed_load(load_label(plan, month), plan.load_wh(month))
        calls.append((Energy.submit_consumption, {"consumer": plan.consumer, "month": month, "load": load}))
    gaps = sum(plan.gaps(device, month) for device in plan.devices for month in months)
    writer.batch(
        METERS,
        calls,
        en=f"Meters of {span}: every hour of every plant, {gaps} gaps left open; the park's load is sealed, hour by hour.",
        zh=f"{span_zh} 计量：各装置逐小时读数，{gaps} 个缺数小时留空；园区用电逐小时密封。",
    )
    writer.hand_over(
        METERS,
        plan.consumer,
        *(load_label(plan, month) for month in months),
        en="The metering centre hands the opening of the load to the park alone.",
        zh="计量中心只向园区交付用电曲线的开封值。",
    )


def _write_issue(writer: StoryWriter, plan: YearPlan, month: str, ids: dict[str, int]) -> None:
    calls: Calls = []
    for device in _generating(plan, month):
        fit_wh = device.fit_wh(month)
        calls.append(
            (
                Energy.issue,
                {
                    "device": device.name,
                    "month": month,
                    "first_hour": 0,
                    "energy_wh": tuple(fit_wh),
                    "first_id": ids[device.name],
                },
            )
        )
        ids[device.name] += sum(fit_wh)
    if calls:
        whole = sum(sum(device.fit_wh(month)) for device in plan.devices)
        writer.batch(
            ISSUER,
            calls,
            en=f"Certificates of {month}: {whole / 1e6:,.1f} MWh in hours, none for gaps and for hours that drew power.",
            zh=f"核发 {month} 逐小时证书 {whole / 1e6:,.1f} MWh；缺数及用电小时不核发。",
        )


def _write_matching(writer: StoryWriter, plan: YearPlan, months: Sequence[str], span: str, span_zh: str) -> None:
    transfers = tuple(
        Call(Energy.transfer, {"bundle": bundle_of(device, month), "to": plan.consumer}, signers=(device.owner,))
        for month in months
        for device in _generating(plan, month)
    )
    if transfers:
        words = Words(f"All certificates of {span} go to the park, as its contracts say.", f"{span_zh} 全部证书按合同转给园区。")
        owners = dict.fromkeys(owner for call in transfers for owner in call.signers)
        writer.add(Act(tuple(owners), transfers, COMMITTED, words))
    splits, cancels, claims = _matching_calls(plan, months)
    if splits:
        writer.batch(
            plan.consumer,
            splits,
            en="The park cuts each month in two, hour by hour: what met its load, and what came when nobody there needed it.",
            zh="园区按小时把每月证书一分为二：匹配用电的部分，和当时用不上的余量。",
        )
    if cancels:
        writer.batch(
            plan.consumer,
            cancels,
            en="It cancels what met its load. The surplus stays certificates, for others or to expire.",
            zh="园区核销已匹配部分；余量仍为有效证书，可转让，或到期失效。",
        )
    if claims:
        writer.batch(
            (plan.consumer, METERS),
            claims,
            en="It claims these hours; the metering centre, which sees the sealed load, signs that they were consumed.",
            zh="园区声明这些小时；计量中心能查看密封用电，签名确认确已消费。",
        )


def _matching_calls(plan: YearPlan, months: Sequence[str]) -> tuple[Calls, Calls, Calls]:
    splits: Calls = []
    cancels: Calls = []
    claims: Calls = []
    for month in months:
        used: list[str] = []
        matched = plan.matched_wh(month)
        for device, taken in zip(plan.devices, matched, strict=True):
            fit_wh = device.fit_wh(month)
            if not sum(taken):
                continue
            bundle = bundle_of(device, month)
            if taken != fit_wh:
                certified = [place for place, energy_wh in enumerate(fit_wh) if energy_wh]
                parts = [[taken[place] for place in certified], [fit_wh[place] - taken[place] for place in certified]]
                splits.append((Energy.split, {"bundle": bundle, "parts": [{"energy_wh": part} for part in parts]}))
                bundle += "-1"
            used.append(bundle)
            cancels.append(
                (
                    Energy.cancel,
                    {"bundle": bundle, "beneficiary": plan.consumer, "purpose": f"Consumption of {month}, by the hour"},
                )
            )
        if used:
            claims.append((Energy.claim, _claim(plan, month, matched, used)))
    return splits, cancels, claims


def _claim(plan: YearPlan, month: str, matched: Sequence[Sequence[int]], bundles: Sequence[str]) -> dict[str, object]:
    sums = [sum(parts) for parts in zip(*matched, strict=True)]
    hours = tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(sums) if energy_wh)
    name = f"HB-{month}"
    evidence = sealed_evidence(f"evidence:{name}", plan.consumer, month, hours, plan.load_wh(month))
    return {
        "claim": name,
        "month": month,
        "hours": hours,
        "bundles": bundles,
        "verifier": ASSURANCE,
        "evidence": evidence,
    }


def load_label(plan: YearPlan, month: str) -> str:
    """Under which a client files the opening of a load."""
    return f"load:{plan.consumer}:{month}"


def bundle_of(device: PlannedDevice, month: str) -> str:
    """Key of the bundle that a month's issue makes: it names the first hour with energy."""
    first = next(hour for hour, energy_wh in enumerate(device.fit_wh(month)) if energy_wh)
    return f"{device.name}:{month}:{first:03}"


def _generating(plan: YearPlan, month: str) -> list[PlannedDevice]:
    return [device for device in plan.devices if sum(device.fit_wh(month))]


def _names(plan: YearPlan) -> str:
    return ", ".join(device.name for device in plan.devices)


def _spans(months: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The first month alone, in full view; the others in halves."""
    rest = months[1:]
    size = max(1, -(-len(rest) // 2))
    return [months[:1], *(rest[place : place + size] for place in range(0, len(rest), size))]
