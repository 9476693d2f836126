"""What the report shows of a played story: burden, deadlines, who looked for what, how little was shown, evidence."""

from ledger.contract.calendar import DAY_MS, date_text, day_number
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios import plots
from scenarios.dates import START_MS
from scenarios.government.cast import ORGANIZATIONS
from scenarios.government.figures import customers, disclosure, examined, looks, looks_at, punctuality, savings
from scenarios.story.story import Exhibit, Language, PlayedStory, Snapshot, exhibit

WORDS = read_words("scenarios.government")

COMPANY = "qingteng"
MEASURES = {
    "documents": Phrase("documents", "材料份数"),
    "visits": Phrase("visits", "跑腿次数"),
    "hours": Phrase("hours (assumed)", "小时（假设）"),
}
VERDICTS = {"match": Phrase("match", "一致"), "mismatch": Phrase("mismatch", "不一致")}
FILLS = ("#d5efe9", "#fbe3c0", "#eceff3")


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    state = played_story.records
    return tuple(draw(state) for draw in (_burden, _deadlines, _flows, _audit, _fields, _customers, _evidence))


def _burden(state: Snapshot) -> Exhibit:
    title = Phrase("What a matter takes: Qingteng's first of each kind", "一次办事的负担：青藤的首次各类办件")
    found = savings(state, COMPANY)

    def drawn(language: Language) -> str:
        groups = [
            plots.Group(
                f"{WORDS.terms[one.purpose].said(language)}: {words.said(language)}",
                (plots.Bar(one.after[name], str(one.after[name])), plots.Bar(one.before[name], str(one.before[name]))),
            )
            for one in found
            for name, words in MEASURES.items()
        ]
        series = Phrase("with the ledger|before (assumed)", "使用账本|此前（假设）").said(language).split("|")
        return plots.grouped_bars(groups, series, title.said(language))

    reading = Phrase(
        "Before: assumptions (data/illustrative.json). With the ledger: documents not fetched by a receipt or shown from the "
        "wallet are still brought; one visit, for opening the matter. Hours are assumed on both sides: with the ledger so many "
        "for a matter and for each document that is still brought.",
        "“此前”为假设（data/illustrative.json）。使用账本后：未经回执取得或钱包出示的材料仍须自带；跑一次腿，用于提交申请。"
        "小时数前后均为假设：使用账本后按每次办事及每份自带材料的假设时长计算。",
    )
    return exhibit(title, reading, drawn)


def _deadlines(state: Snapshot) -> Exhibit:
    title = Phrase("Deadlines by department", "各部门办理时限")
    found = punctuality(state)

    def drawn(language: Language) -> str:
        groups = [
            plots.Group(
                ORGANIZATIONS[one.department].said(language),
                tuple(plots.Bar(count, str(count)) for count in (one.in_time, one.late, one.by_rule)),
            )
            for one in found
        ]
        series = Phrase("answered in time|late|by rule, served in time", "按时答复|超期|按规则通过并按时提供").said(language)
        return plots.stacked_bars(groups, series.split("|"), title.said(language))

    reading = Phrase(
        "Requests to share and reports of errors. The limits are parameters, taken from local rules by secondary sources.",
        "共享申请与数据更正。时限本身为参数，取自地方规定的二手资料。",
    )
    return exhibit(title, reading, drawn)


def _flows(state: Snapshot) -> Exhibit:
    title = Phrase("Whose data, to whom, for what", "谁的数据、给谁、做什么")
    found = looks(state)

    def drawn(language: Language) -> str:
        first: dict[tuple[str, str], int] = {}
        second: dict[tuple[str, str], int] = {}
        for (holder, agency, purpose), count in found.items():
            first[holder, agency] = first.get((holder, agency), 0) + count
            second[agency, f"for:{purpose}"] = second.get((agency, f"for:{purpose}"), 0) + count
        flows = [plots.Flow(source, target, count, str(count)) for (source, target), count in (*first.items(), *second.items())]
        places: dict[str, plots.Place] = {}
        for holder, agency, purpose in found:
            places[holder] = plots.Place(ORGANIZATIONS[holder].said(language), FILLS[0])
            places[agency] = plots.Place(ORGANIZATIONS[agency].said(language), FILLS[1])
            places[f"for:{purpose}"] = plots.Place(WORDS.terms[purpose].said(language), FILLS[2])
        return plots.sankey(flows, places, title.said(language), height=260)

    reading = Phrase(
        "Each access with a receipt and each accepted presentation counts once: holder, agency or bank, purpose.",
        "每份回执、每次核验通过的出示计一次：持有人、机构或银行、用途。",
    )
    return exhibit(title, reading, drawn)


def _audit(state: Snapshot) -> Exhibit:
    title = Phrase("Who looked at Qingteng's data", "谁看过青藤的数据")
    found = looks_at(state, COMPANY)
    said = Phrase("{}: {}, fields: {}", "{}：{}，{} 个字段")

    def drawn(language: Language) -> str:
        lanes = [
            plots.Lane(
                ORGANIZATIONS[look.by].said(language),
                moments=(
                    plots.Moment(
                        day_number(look.at_ms),
                        said.said(language).format(look.number, WORDS.terms[look.item].said(language), look.fields),
                    ),
                ),
            )
            for look in found
        ]
        first = day_number(START_MS)
        ticks = [(first + days, date_text(START_MS + days * DAY_MS)[5:]) for days in range(0, 36, 7)]
        return plots.timeline(lanes, ticks, title.said(language))

    reading = Phrase(
        "Every look at the data of one company, by block time: R is a receipt that both sides signed, Q a licence shown from "
        "the wallet. Names of fields are on the ledger, values are not.",
        "按区块时间列出对一家企业数据的全部访问：R 为双方签署的回执，Q 为钱包出示。账本只有字段名，没有数值。",
    )
    return exhibit(title, reading, drawn)


def _fields(state: Snapshot) -> Exhibit:
    title = Phrase("Fields shown and fields there are", "披露字段与全部字段")
    found = disclosure(state)

    def drawn(language: Language) -> str:
        groups = [
            plots.Group(WORDS.terms[item].said(language), (plots.Bar(shown, f"{shown} / {there}"), plots.Bar(there, str(there))))
            for item, (shown, there) in found.items()
        ]
        series = Phrase("shown to anybody|in the largest version", "曾披露|最大版本所含").said(language).split("|")
        return plots.grouped_bars(groups, series, title.said(language))

    shown, there = (sum(pair[place] for pair in found.values()) for place in (0, 1))
    reading = Phrase(
        f"How little suffices: {shown} of {there} fields were ever shown to anybody.",
        f"最小够用：全部 {there} 个字段中，仅 {shown} 个曾被披露。",
    )
    return exhibit(title, reading, drawn)


def _customers(state: Snapshot) -> Exhibit:
    title = Phrase("Customers checked, and checks spared", "客户核验与免重复核验")
    found = customers(state)

    def drawn(language: Language) -> str:
        rows = [(ORGANIZATIONS[bank].said(language), [str(count) for count in counts]) for bank, counts in found.items()]
        header = Phrase(
            "checked by a presentation|days from question to account|later matters without new papers",
            "凭出示核验|自提问至开户天数|后续业务免交材料",
        ).said(language)
        return plots.matrix(Phrase("Bank", "银行").said(language), header.split("|"), rows, are_numbers=True)

    reading = Phrase(
        "A bank uses again what it knows for the same purpose only, and only while the licence is valid.",
        "银行仅可为同一用途、且在证照有效期间复用客户资料。",
    )
    return exhibit(title, reading, drawn)


def _evidence(state: Snapshot) -> Exhibit:
    title = Phrase("Evidence, as the court found it", "证据核验清单")
    found = examined(state)
    line = Phrase("line {}: {}", "第 {} 行：{}")

    def drawn(language: Language) -> str:
        rows = []
        for key, evidence, verdicts, days in found:
            said = [
                line.said(language).format(entry, VERDICTS[verdict].said(language)) if entry else VERDICTS[verdict].said(language)
                for entry, verdict in verdicts
            ]
            cells = (
                ORGANIZATIONS[evidence.owner].said(language),
                date_text(evidence.claimed_on_ms),
                date_text(evidence.deposited_at_ms),
                "; ".join(said) or "–",
                str(days) if verdicts else "–",
                (Phrase("yes", "是") if evidence.state == "admitted" else Phrase("no", "否")).said(language),
            )
            rows.append((key, cells))
        header = Phrase(
            "owner|claimed for|deposited|verdicts|days to the first|admitted",
            "存证人|声称日期|存证日期|核验结果|至首次核验天数|采信",
        )
        return plots.matrix(Phrase("Evidence", "证据").said(language), header.said(language).split("|"), rows)

    reading = Phrase(
        "What is claimed counts for nothing; the deposit has the time of its block. Verdicts in the order of making.",
        "声称日期不作数，存证时间以区块为准。核验结果按先后排列。",
    )
    return exhibit(title, reading, drawn)
