"""What banks and supervisors look at: when what falls due, who stands for how much, who would bear a loss, what was refused."""

from collections.abc import Sequence

from ledger.contract.calendar import date_text
from scenarios.plots import Bar, Group, columns, grouped_bars, matrix, stacked_bars
from scenarios.story.play import totals_of
from scenarios.story.story import Exhibit, Language, PlayedStory, Words, exhibit
from scenarios.supply_chain_finance.books import Bookkeeper
from scenarios.supply_chain_finance.contract import WORDS
from scenarios.supply_chain_finance.figures import LossFigure, bank_figures, ladder, lines, losses, shock
from scenarios.supply_chain_finance.showing import Played, money, percent, thousands

BIGGEST = 4
"""Cores that are told apart in a stack; the others are one."""
BOOK_DAYS_MAX = 40
OTHERS = Words("others", "其他")
OWN_RULE = Words("this project's own safeguard or plain validity", "本项目自设或一般有效性要求")


def risk_exhibits(played_story: PlayedStory, played: Played) -> tuple[Exhibit | None, ...]:
    """In the order of the report."""
    return (
        maturities(played_story, played), against_lines(played_story, played), concentration(played_story, played),
        defaulted(played_story, played), shocked(played_story, played), refused(played_story), reconciled(played_story, played),
    )  # fmt: skip


def maturities(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5a: what falls due when."""
    steps = ladder(played_story.records)
    cores = _biggest([core for step in steps.values() for core, cents in step.items() if core and cents], steps)
    title = Words("Maturity ladder", "到期分布")

    def drawn(language: Language) -> str:
        series = [Words("paid", "已付").said(language), *(played.called(core, language) for core in cores), OTHERS.said(language)]
        groups = []
        for label, step in steps.items():
            other = sum(cents for core, cents in step.items() if core and core not in cores)
            values = (step.get("", 0), *(step.get(core, 0) for core in cores), other)
            groups.append(
                Group(label[2:], tuple(Bar(cents, f"{name} {money(cents)}") for name, cents in zip(series, values, strict=True)))
            )
        return columns(groups, series, title.said(language), write=thousands)

    reading = Words(
        "Faces by half month of the due date, in thousands of yuan: what each core still owes, and what has been paid.",
        "按到期日（半月）列示的金额，单位：千元：各核心企业尚欠的与已付的。",
    )
    return exhibit(title, reading, drawn) if steps else None


def against_lines(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5b: outstanding against lines."""
    books = Bookkeeper(played_story).days().values()
    limits = lines(played_story.records)
    cores = sorted(played_story.records["obligors"])
    title = Words("Outstanding against lines of credit", "未偿余额与授信额度")
    series = Words("at the end|at its highest|lines of all banks", "期末|最高|各银行授信合计")

    def drawn(language: Language) -> str:
        groups = []
        for core in cores:
            now = getattr(played_story.records["obligors"][core], "outstanding_cents", 0)
            peak = max([now, *(book[core][1] for book in books if core in book)])
            values = (now, peak, limits.get(core, 0))
            groups.append(Group(played.called(core, language), tuple(Bar(cents, money(cents)) for cents in values)))
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    reading = Words(
        "Yuan. No certificate is issued beyond the lines that run on that day. Lines as they were last set.",
        "单位：元。开立凭证时不得超过当日有效的授信合计。额度为最近一次设定值。",
    )
    return exhibit(title, reading, drawn) if cores else None


def concentration(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """6: how banks spread what they finance."""
    figures = bank_figures(played_story.records)
    title = Words("Concentration of banks", "银行集中度")
    series = Words("share of all finance|Herfindahl index over cores", "占全部融资的份额|对核心企业的赫芬达尔指数")

    def drawn(language: Language) -> str:
        groups = [
            Group(
                f"{played.called(f.bank, language)} · {money(f.net_cents)}",
                (Bar(f.share_ppm, percent(f.share_ppm)), Bar(f.hhi_ppm, _index(f.hhi_ppm))),
            )
            for f in figures
        ]
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    reading = Words(
        "What each bank disbursed, its share of all, and how it is spread over cores: an index of 1.00 "
        "is one core alone, 1/n is an "
        "equal spread over n.",
        "各银行放款额、所占份额及在核心企业间的分布：指数 1.00 表示全部集中于一家，1/n 表示在 n 家间均匀分布。",
    )
    return exhibit(title, reading, drawn) if figures else None


def defaulted(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """7a: the default that was played."""
    figures = losses(played_story.records)
    title = Words("Who bore the default", "违约损失由谁承担")
    recourse = {True: Words("with recourse", "有追索"), False: Words("no recourse", "无追索")}

    def drawn(language: Language) -> str:
        named = [(f"{f.name}, {recourse[f.with_recourse].said(language)}", f) for f in figures]
        return _borne(named, title, language)

    reading = Words(
        "Certificates that banks had bought and the core did not pay in full, in yuan: with recourse the seller bought its "
        "certificate back, without it the loss is the bank's.",
        "银行买入而核心企业未足额兑付的凭证（元）：有追索的由卖方回购，无追索的由银行承担。",
    )
    return exhibit(title, reading, drawn) if figures else None


def shocked(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """7b: what a default of each core would do."""
    figures = shock(played_story.records)
    title = Words("If a core stopped paying now (assumed: two fifths recovered)", "假如某核心企业停止付款（假设：回收五分之二）")

    def drawn(language: Language) -> str:
        return _borne([(played.called(f.name, language), f) for f in figures], title, language)

    reading = Words(
        "What is owed at the end, in yuan, and who would bear the rest by the terms on the ledger: sellers that financed with "
        "recourse, banks without it, suppliers that hold the promise themselves. The recovery is an assumption.",
        "期末未偿金额（元），其余部分按账本上的条款由谁承担：有追索融资的卖方、无追索的银行、自行持有的供应商。回收率为假设。",
    )
    return exhibit(title, reading, drawn) if figures else None


def refused(played_story: PlayedStory) -> Exhibit | None:
    """8: refused attempts by rule."""
    totals = totals_of(played_story.steps)
    attempts = totals.rejected + totals.turned_away
    title = Words("Refused attempts by rule", "按规则统计的被拒尝试")

    def drawn(language: Language) -> str:
        header = Words("attempts|source", "次数|出处").said(language).split("|")
        rows = [
            (code, (f"{count}", (WORDS.sources.get(code) or OWN_RULE).text(language))) for code, count in attempts.most_common()
        ]
        return matrix(Words("rule", "规则").said(language), header, rows)

    reading = Words(
        f"{attempts.total():,} attempts broke {len(attempts)} rules: {totals.rejected.total():,} stand on the ledger, "
        f"{totals.turned_away.total():,} were turned away at a node's door. What somebody finds in its own files "
        f"({totals.found:,}) breaks no rule of the ledger and is not here.",
        f"{attempts.total():,} 次尝试违反 {len(attempts)} 条规则：{totals.rejected.total():,} 次留在账本上，"
        f"{totals.turned_away.total():,} 次在节点入口被退回。"
        f"当事方在自有文件中发现的问题（{totals.found:,} 次）不违反账本规则，不在此列。",
    )
    return exhibit(title, reading, drawn) if attempts else None


def reconciled(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """9: the books of each day."""
    books = list(Bookkeeper(played_story).days().items())[-BOOK_DAYS_MAX:]
    cores = sorted({core for _, book in books for core in book})
    title = Words("Daily reconciliation", "每日对账")

    def drawn(language: Language) -> str:
        header = [played.called(core, language) for core in cores]
        rows = [
            (
                date_text(day),
                [
                    f"{book[core][1] // 100:,}.{book[core][1] % 100:02} ({book[core][0]})" if core in book else "–"
                    for core in cores
                ],
            )
            for day, book in books
        ]
        return matrix(Words("day", "日期").said(language), header, rows, are_numbers=True)

    stated = len(played_story.records["reconciliations"])
    reading = Words(
        "What each core owes at the end of a day, in yuan, and on how many certificates, followed from "
        "the events of the ledger; "
        f"the last {len(books)} days on which something moved. Statements of platforms that the ledger agreed with: {stated}.",
        f"每日终了各核心企业的未偿金额（元）与凭证张数，由账本事件逐笔推算；最近 {len(books)} 个有变动的日期。"
        f"平台报送账目并经账本核对一致 {stated} 次。",
    )
    return exhibit(title, reading, drawn) if books else None


def _borne(named: Sequence[tuple[str, LossFigure]], title: Words, language: Language) -> str:
    series = Words("paid by the core|sellers|holders|banks", "核心企业已付|卖方|持有人|银行").said(language).split("|")
    groups = [
        Group(name, tuple(Bar(cents, money(cents)) for cents in (f.paid_cents, f.seller_cents, f.holder_cents, f.bank_cents)))
        for name, f in named
    ]
    return stacked_bars(groups, series, title.said(language))


def _biggest(cores: Sequence[str], steps: dict[str, dict[str, int]]) -> tuple[str, ...]:
    """Those that owe most, the first four."""
    owed = {core: sum(step.get(core, 0) for step in steps.values()) for core in dict.fromkeys(cores)}
    return tuple(sorted(owed, key=lambda core: (-owed[core], core))[:BIGGEST])


def _index(ppm: int) -> str:
    return f"{ppm // 1_000_000}.{ppm % 1_000_000 // 10_000:02}"
