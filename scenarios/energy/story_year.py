"""A year hour by hour: readings, certificates, what meets the load in its hour, and what does not.

One transaction holds a month: up to 744 hours as a list. The first month stands by itself; then the story goes half a year at a
time, as an issuing body works through its backlog.
"""

from collections.abc import Mapping, Sequence

from ledger.contract import Operation
from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from scenarios.dates import START_MS
from scenarios.energy.cast import ASSURANCE, ISSUER, METERS
from scenarios.energy.contract import Energy
from scenarios.energy.loads import sealed_evidence, sealed_load
from scenarios.energy.quantities import month_end_ms
from scenarios.energy.records import HourClaim
from scenarios.energy.year_plan import ZONE, MeteredDevice, YearPlan, meter_of, registration
from scenarios.story.story import COMMITTED, Act, Call, StoryWriter

Calls = list[tuple[Operation, Mapping[str, object]]]
SETTLE_DAYS = 5
"""Readings of a month are final on its sixth day after: an assumption."""


def write_year(writer: StoryWriter, plan: YearPlan, start_ms: int = START_MS) -> None:
    """The chapter; accounts are open."""
    writer.chapter(en="A year, hour by hour", zh="逐小时核对的一年")
    _register(writer, plan)
    ids = {device.name: 1 for device in plan.devices}
    half = max(1, len(plan.months) // 2)
    for months in (plan.months[:1], plan.months[1 : 1 + half], plan.months[1 + half :]):
        if months:
            _write_months(writer, plan, months, ids, start_ms)


def _register(writer: StoryWriter, plan: YearPlan) -> None:
    calls: Calls = []
    for number, device in enumerate(plan.devices, 1):
        calls.append((Energy.register_device, registration(device, number)))
    names = ", ".join(device.name for device in plan.devices)
    writer.batch(
        (ISSUER, METERS), calls,
        en=f"Issuing and metering centre register {names}, each at its site, behind a meter of its own.",
        zh=f"核发中心与计量中心登记 {names}，一站址一表。",
    )  # fmt: skip
    owners = dict.fromkeys(device.owner for device in plan.devices)
    writer.batch(
        plan.consumer, [(Energy.whitelist, {"member": owner}) for owner in owners],
        en="The business park will take certificates from the plants that it has a contract with, and from nobody else.",
        zh="华景商务园只接受签约电厂转来的证书。",
    )  # fmt: skip


def _write_months(writer: StoryWriter, plan: YearPlan, months: tuple[str, ...], ids: dict[str, int], start_ms: int) -> None:
    span = Phrase(months[0], months[0])
    if len(months) > 1:
        span = Phrase(f"{months[0]} to {months[-1]}", f"{months[0]} 至 {months[-1]}")
    end_ms = month_end_ms(months[-1]) + SETTLE_DAYS * DAY_MS
    writer.clock(
        -(-(end_ms - start_ms) // DAY_MS), en=f"{span.en} is over and its readings are final.", zh=f"{span.zh} 结束，读数定案。"
    )
    _write_readings(writer, plan, months, span)
    for month in months:
        _write_issue(writer, plan, month, ids)
    _write_matching(writer, plan, months, span)


def _write_readings(writer: StoryWriter, plan: YearPlan, months: Sequence[str], span: Phrase) -> None:
    calls: Calls = []
    for month in months:
        for number, device in enumerate(plan.devices, 1):
            net_wh = tuple(device.net_wh(month))
            quality = "".join("-" if energy_wh is None else "V" for energy_wh in net_wh)
            hours = {"first_hour": 0, "energy_wh": net_wh, "quality": quality}
            meter = {"device": device.name, "meter": meter_of(number)}
            calls.append((Energy.submit_readings, {**meter, "month": month, **hours}))
        load = sealed_load(load_label(plan, month), plan.load_wh(month))
        calls.append((Energy.submit_consumption, {"consumer": plan.consumer, "month": month, "load": load}))
    gaps = sum(plan.gaps(device, month) for device in plan.devices for month in months)
    writer.batch(
        METERS, calls,
        en=f"Meters of {span.en}: every hour of every plant, {gaps} gaps left open; the park's load is sealed, hour by hour.",
        zh=f"{span.zh} 计量：各装置逐小时读数，{gaps} 个缺数小时留空；园区用电逐小时密封。",
    )  # fmt: skip
    writer.hand_over(
        METERS, plan.consumer, *(load_label(plan, month) for month in months),
        en="The metering centre hands the opening of the load to the park alone.", zh="计量中心只向园区交付用电曲线的开封值。",
    )  # fmt: skip


def _write_issue(writer: StoryWriter, plan: YearPlan, month: str, ids: dict[str, int]) -> None:
    calls: Calls = []
    whole_wh = 0
    for device in _generating(plan, month):
        fit_wh = tuple(device.fit_wh(month))
        hours = {"first_hour": 0, "energy_wh": fit_wh, "first_id": ids[device.name]}
        calls.append((Energy.issue, {"device": device.name, "month": month, **hours}))
        ids[device.name] += sum(fit_wh)
        whole_wh += sum(fit_wh)
    if calls:
        writer.batch(
            ISSUER, calls,
            en=f"Certificates of {month}: {whole_wh / 1e6:,.1f} MWh in hours, none for gaps and for hours that drew power.",
            zh=f"核发 {month} 逐小时证书 {whole_wh / 1e6:,.1f} MWh；缺数及用电小时不核发。",
        )  # fmt: skip


def _write_matching(writer: StoryWriter, plan: YearPlan, months: Sequence[str], span: Phrase) -> None:
    transfers = tuple(
        Call(Energy.transfer, {"bundle": bundle_of(device, month), "to": plan.consumer}, signers=(device.owner,))
        for month in months
        for device in _generating(plan, month)
    )
    if transfers:
        words = Phrase(
            f"All certificates of {span.en} go to the park, as its contracts say.", f"{span.zh} 全部证书按合同转给园区。"
        )
        owners = dict.fromkeys(owner for call in transfers for owner in call.signers)
        writer.add(Act(tuple(owners), transfers, COMMITTED, words))
    splits, cancels, claims = _matching_calls(plan, months)
    if splits:
        writer.batch(
            plan.consumer, splits,
            en="The park cuts each month in two, hour by hour: what met its load, and what came when nobody there needed it.",
            zh="园区按小时把每月证书一分为二：匹配用电的部分，和当时用不上的余量。",
        )  # fmt: skip
    if cancels:
        writer.batch(
            plan.consumer, cancels,
            en="It cancels what met its load. The surplus stays certificates, for others or to expire.",
            zh="园区核销已匹配部分；余量仍为有效证书，可转让，或到期失效。",
        )  # fmt: skip
    if claims:
        writer.batch(
            (plan.consumer, METERS), claims,
            en="It claims these hours; the metering centre, which sees the sealed load, signs that they were consumed.",
            zh="园区声明这些小时；计量中心能查看密封用电，签名确认确已消费。",
        )  # fmt: skip
        names = [str(arguments["claim"]) for _, arguments in claims]
        writer.hand_over(
            plan.consumer, ASSURANCE, *(f"evidence:{name}" for name in names),
            en="The claims' verifier is handed their evidence,", zh="声明的核验方收到证据，",
        )  # fmt: skip
        writer.batch(
            ASSURANCE, [(Energy.attest_claim, {"claim": name}) for name in names],
            en="and attests them: now they stand.", zh="出具核验意见：声明成立。",
        )  # fmt: skip
    writer.batch(
        ISSUER, [(Energy.publish_residual_mix, {"zone": ZONE, "month": month}) for month in months],
        en=f"The residual mix of {span.en} is published: what no certificate tracks.",
        zh=f"公布 {span.zh} 剩余电力结构：无证电量。",
    )  # fmt: skip


def _matching_calls(plan: YearPlan, months: Sequence[str]) -> tuple[Calls, Calls, Calls]:
    """Splits, cancellations and claims: of each bundle what meets the load is cut off, if that is not the whole of it."""
    splits: Calls = []
    cancels: Calls = []
    claims: Calls = []
    for month in months:
        used, purpose = list[str](), f"Consumption of {month}, by the hour"
        matched = plan.matched_wh(month)
        for device, taken in zip(plan.devices, matched, strict=True):
            if not sum(taken):
                continue
            fit_wh, bundle = device.fit_wh(month), bundle_of(device, month)
            if taken != fit_wh:
                hours = [(used_wh, whole_wh - used_wh) for used_wh, whole_wh in zip(taken, fit_wh, strict=True) if whole_wh]
                parts = [{"energy_wh": list(part)} for part in zip(*hours, strict=True)]
                splits.append((Energy.split, {"bundle": bundle, "parts": parts}))
                bundle += "-1"
            used.append(bundle)
            cancels.append((Energy.cancel, {"bundle": bundle, "beneficiary": plan.consumer, "purpose": purpose}))
        if used:
            claims.append((Energy.claim, _claim(plan, month, matched, used)))
    return splits, cancels, claims


def _claim(plan: YearPlan, month: str, matched: Sequence[Sequence[int]], bundles: Sequence[str]) -> dict[str, object]:
    sums = [sum(parts) for parts in zip(*matched, strict=True)]
    hours = tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(sums) if energy_wh)
    name = f"HB-{month}"
    evidence = sealed_evidence(f"evidence:{name}", plan.consumer, month, hours, plan.load_wh(month))
    return {"claim": name, "month": month, "hours": hours, "bundles": bundles, "verifier": ASSURANCE, "evidence": evidence}


def load_label(plan: YearPlan, month: str) -> str:
    """Under which a client files the opening of a load."""
    return f"load:{plan.consumer}:{month}"


def bundle_of(device: MeteredDevice, month: str) -> str:
    """Key of the bundle that a month's issue makes: it names the first hour with energy."""
    first = next(hour for hour, energy_wh in enumerate(device.fit_wh(month)) if energy_wh)
    return f"{device.name}:{month}:{first:03}"


def _generating(plan: YearPlan, month: str) -> list[MeteredDevice]:
    return [device for device in plan.devices if sum(device.fit_wh(month))]
