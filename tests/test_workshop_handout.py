"""A handout as parts: nothing of its text becomes markup, and its steps are its numbered items."""

import json
from typing import Any

import pytest

from nodes.words import Language
from scenarios.workshop.handout import parts_of
from scenarios.workshop.labs.catalogue import exercises, handout

WRITTEN = """# Title

One `line`
of **words**.

## Steps

1. First, [there](#view=ledger) (questions 1 and 2, its digits).
   - within
2. 第二
   行（问题 3、4：填）

```
code <i>
```
"""
HOSTILE = ("<b>x</b>", "<img src=x onerror=alert(1)>", "![x](http://example.org/x.png)", "[x](javascript:alert(1))", "[x](//a.b)")
ELEMENTS = {"p", "ul", "ol", "li", "pre", "code", "strong", "em", "a"}


def test_parts_have_titles_and_their_blocks_are_elements() -> None:
    first = [
        "li",
        {},
        "First, ",
        ["a", {"href": "#view=ledger"}, "there"],
        " (questions 1 and 2, its digits).",
        ["ul", {}, ["li", {}, "within"]],
    ]
    assert parts_of(WRITTEN) == [
        {"title": "", "blocks": [["p", {}, "One ", ["code", {}, "line"], " ", "of ", ["strong", {}, "words"], "."]], "asks": []},
        {
            "title": "Steps",
            "asks": [[1, 2], [3, 4]],
            "blocks": [
                ["ol", {}, first, ["li", {}, "第二", "行（问题 3、4：填）"]],
                ["pre", {"tabindex": 0}, ["code", {}, "code <i>\n"]],
            ],
        },
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_becomes_no_markup_of_its_own_and_leads_nowhere_else(text: str) -> None:
    made: Any = parts_of(text)
    name, attributes, *children = made[0]["blocks"][0]
    assert (name, attributes) == ("p", {})
    assert all(isinstance(child, str) for child in children)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_handout_is_made_of_a_few_elements_that_lead_to_views_alone(language: Language) -> None:
    for exercise in exercises().values():
        text = json.dumps(parts_of(handout(exercise, language)))
        assert text.count('"href": ') == text.count('"href": "#')
        assert {name.split('"')[0] for name in text.split('["')[1:]} <= ELEMENTS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_is_asked_by_a_step(language: Language) -> None:
    for exercise in exercises().values():
        parts: Any = parts_of(handout(exercise, language))
        asked = [number for part in parts for step in part["asks"] for number in step]
        assert sorted(set(asked)) == [*range(1, 1 + len(exercise.words.questions))], exercise.name
