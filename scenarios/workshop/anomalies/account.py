"""The matrix as JSON, as Markdown and as one page."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader

from ledger.errors import JsonValue
from scenarios.story.story import Language, Words
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.matrix import SYSTEMS, Cell
from scenarios.workshop.anomalies.outcome import OUTCOMES
from scenarios.workshop.anomalies.reasons import reason_of

TITLE = Words("What happens when somebody cheats, or something breaks", "有人作弊或有东西损坏时会怎样")
ABOUT = Words(
    "Every cell was run: the same attack on four small systems, each with its usual protection. The database has constraints, a "
    "write-ahead log, logins, a backup and a read-only replica that follows asynchronously; both chains have one server "
    "and a backup; "
    "Tallystick has four nodes, of which one may be faulty (f = 1). n − 2f is 1 of 1 server, and 2 of 4 nodes.",
    "每一格都实际运行过：同一种攻击施于四个小系统，各有其通常的保护。数据库有约束、预写日志、登录、备份和一个异步跟随的只读副本；"
    "两种链各有一台服务器和备份；Tallystick 有四个节点，其中一个可以出错（f = 1）。n − 2f 在一台服务器时是 1，在四个节点时是 2。",
)
ATTACK, EVIDENCE = Words("attack", "攻击"), Words("What was said", "系统原话")
MADE_BY = Words("Made by `tallystick anomalies`.", "由 `tallystick anomalies` 生成。")
PACKAGE = ("scenarios.workshop.anomalies", "")


def matrix_json(cells: Sequence[Cell]) -> dict[str, JsonValue]:
    """In both languages."""
    return {
        "title": _both(TITLE),
        "about": _both(ABOUT),
        "systems": [{"name": name, "title": _both(title)} for name, (title, _) in SYSTEMS.items()],
        "attacks": [{"name": name, "title": _both(title)} for name, (title, _) in ATTACKS.items()],
        "cells": [
            {
                "attack": cell.attack,
                "system": cell.system,
                **cell.observed.to_json(),
                "words": _both(OUTCOMES[cell.observed.outcome]),
                "by": _both(cell.observed.by),
                "why": _both(reason_of(cell)),
            }
            for cell in cells
        ],
    }


def matrix_markdown(cells: Sequence[Cell], language: Language) -> str:
    """A table and what it rests on."""
    titles = [title.said(language) for title, _ in SYSTEMS.values()]
    lines = [f"| {' | '.join([ATTACK.said(language), *titles])} |", f"|{'---|' * (len(titles) + 1)}"]
    for attack, (title, _) in ATTACKS.items():
        said = [short(cell, language) for cell in cells if cell.attack == attack]
        lines.append(f"| {' | '.join([title.said(language), *said])} |")
    return "\n".join([*lines, "", f"{ABOUT.said(language)} {MADE_BY.said(language)}", ""])


def matrix_page(cells: Sequence[Cell], language: Language) -> str:
    """One HTML file that needs nothing else."""
    environment = Environment(loader=PackageLoader(*PACKAGE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    rows: list[dict[str, Any]] = [
        {
            "title": title.said(language),
            "cells": [
                {
                    "outcome": cell.observed.outcome,
                    "word": OUTCOMES[cell.observed.outcome].said(language),
                    "by": cell.observed.by.said(language),
                    "why": reason_of(cell).said(language),
                    "evidence": cell.observed.evidence,
                    "system": SYSTEMS[cell.system][0].said(language),
                }
                for cell in cells
                if cell.attack == attack
            ],
        }
        for attack, (title, _) in ATTACKS.items()
    ]
    return environment.get_template("page.html.j2").render(
        language={"en": "en", "zh": "zh-Hans"}[language],
        title=TITLE.said(language),
        about=ABOUT.said(language),
        attack=ATTACK.said(language),
        evidence=EVIDENCE.said(language),
        systems=[title.said(language) for title, _ in SYSTEMS.values()],
        rows=rows,
    )


def short(cell: Cell, language: Language) -> str:
    """A cell in few words."""
    word, by = OUTCOMES[cell.observed.outcome].said(language), cell.observed.by.said(language)
    if language == "zh":
        return f"{word}（{by}）" if by else word
    return f"{word}, {by}" if by else word


def _both(words: Words) -> dict[str, JsonValue]:
    return {"en": words.en, "zh": words.zh}
