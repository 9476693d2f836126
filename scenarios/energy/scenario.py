"""The energy records as a scenario: a data centre wants to be green in every hour, and finds out what that takes.

With `--data` a user's interval file goes under the same rules, from the registration of its plants to the claim, or a folder with
`readings.csv` and `load.csv`. The ledger begins in the file's first month, so that dates stay the file's own. Without a load the
consumer is the default profile, made as large as what the file generates: a year's balance of 100 %, and the question is what is
left of it by the hour.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from nodes.network.specification import NetworkSpecification
from scenarios.energy.audit import audit
from scenarios.energy.cast import ISSUER, MEMBERS, PARTIES
from scenarios.energy.contract import Energy
from scenarios.energy.exhibits import exhibits, key_figures
from scenarios.energy.figures import loads
from scenarios.energy.invariants import findings
from scenarios.energy.quality import CALLED
from scenarios.energy.quantities import month_start_ms
from scenarios.energy.readings_file import FAULTS, read_own
from scenarios.energy.story_april import write_april
from scenarios.energy.story_green import write_carbon, write_expiry, write_green, write_residual
from scenarios.energy.story_year import bundle_of, write_year
from scenarios.energy.year_plan import YearPlan, default_plan, plan_of
from scenarios.importing.faults import describe, raise_faults
from scenarios.story.short import read_short
from scenarios.story.story import Language, Scenario, Story, StoryWriter

WORDS = read_words("scenarios.energy")

TITLE = Phrase("Energy records: your own readings", "能源记录：您的读数")
SUMMARY = Phrase(
    "Plants of {file}: {readings} readings, {accepted} accepted, {hours} hours with generation, matched hour by hour with "
    "{load}. Left out: {lost}.",
    "{file} 中的装置：读数 {readings} 条，采用 {accepted} 条，发电小时 {hours} 个，与{load}逐小时匹配。未采用：{lost}。",
)
OWN_LOAD = Phrase("the load of load.csv", " load.csv 的用电")
PROFILE_LOAD = Phrase("a standard load profile, scaled to them", "等比缩放的标准负荷曲线")


def specification(*, with_observers: bool = False) -> NetworkSpecification:
    """Each party is an organization of its own."""
    return PARTIES.network(Energy, with_observers=with_observers)


def story() -> Story:
    """All chapters in the order of time."""
    writer, plan = StoryWriter(), default_plan()
    write_april(writer)
    write_green(writer)
    write_residual(writer)
    write_carbon(writer)
    write_year(writer, plan)
    write_expiry(writer, tuple(f"{bundle_of(device, plan.months[0])}-2" for device in plan.devices))
    return writer.story()


def with_data(path: Path) -> Scenario:
    """The same trade on the user's readings; raises InputFaults."""
    plan = plan_of(*read_own(path))
    if not any(loads(plan)):  # check: energy-file-load-apart
        raise_faults([describe("load.csv", 0, "", "load-apart", f"{plan.months[0]}–{plan.months[-1]}", FAULTS)])
    load = OWN_LOAD if plan.load else PROFILE_LOAD
    start_ms = first_midnight_ms(plan)
    numbers = {
        "file": path.name,
        "readings": f"{plan.funnel.readings:,}",
        "accepted": f"{plan.funnel.accepted:,}",
        "hours": f"{plan.funnel.positive_hours:,}",
    }
    return replace(
        SCENARIO,
        short=None,
        title=TITLE,
        summary=Phrase(
            SUMMARY.en.format(**numbers, load=load.en, lost=_lost(plan, "en")),
            SUMMARY.zh.format(**numbers, load=load.zh, lost=_lost(plan, "zh")),
        ),
        specification=lambda: replace(specification(), start_time_ms=start_ms),
        story=lambda: own_story(plan, start_ms),
        exhibits=lambda played_story: exhibits(played_story, plan, audit(plan)),
        key_figures=lambda played_story: key_figures(played_story, plan, audit(plan)),
        with_data=None,
        rows_refused=plan.funnel.readings - plan.funnel.accepted,
    )


def own_story(plan: YearPlan, start_ms: int) -> Story:
    """Accounts, then the months of the file."""
    writer = StoryWriter()
    writer.chapter(en="Who takes part", zh="参与各方")
    parties = (plan.consumer, *dict.fromkeys(device.owner for device in plan.devices))
    writer.batch(
        ISSUER,
        [
            (Energy.open_account, {"member": person["member"], "uscc": person["uscc"], "zone": person["zone"]})
            for person in MEMBERS
            if person["member"] in parties
        ],
        en="The issuing centre opens accounts for the owners of the plants and for the consumer.",
        zh="核发中心为电厂业主和用户开户。",
    )
    write_year(writer, plan, start_ms)
    return writer.story()


def first_midnight_ms(plan: YearPlan) -> int:
    """Midnight UTC before the first month: the ledger is there when it begins."""
    return month_start_ms(plan.months[0]) // DAY_MS * DAY_MS


def _lost(plan: YearPlan, language: Language) -> str:
    """What became no certificate, by reason."""
    colon = Phrase(": ", "：").said(language)
    parts = [f"{CALLED[reason].said(language)}{colon}{count:,}" for reason, count in plan.funnel.lost.items() if count]
    return Phrase("; ", "；").said(language).join(parts) or Phrase("nothing", "无").said(language)


SCENARIO: Scenario = Scenario(
    name="energy",
    title=Phrase("Energy records", "能源记录"),
    summary=Phrase(
        "A data centre wants to be green in every hour. Wind, sun and a battery are certified by the hour, used once, and "
        "claimed in the hour in which they were generated; the average of a day does not pass.",
        "一家数据中心要做到每小时都用绿电。风、光、储逐小时核发证书，只用一次，在发电的那一小时声明；全天平均数过不了关。",
    ),
    contract=Energy,
    specification=specification,
    story=story,
    findings=findings,
    exhibits=lambda played: exhibits(played, default_plan(), audit(default_plan())),
    key_figures=lambda played: key_figures(played, default_plan(), audit(default_plan())),
    cast=PARTIES.words,
    sources=WORDS.sources,
    operator="lvheng",
    short=partial(read_short, "scenarios.energy"),
    terms=WORDS.terms,
    with_data=with_data,
    sample="tallystick demo energy --data {directory}",
)
