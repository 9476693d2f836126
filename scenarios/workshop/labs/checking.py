"""What the checks of several exercises ask alike: whether an answer was given, and whether it is the right one."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scenarios.story.story import Words
from scenarios.workshop.exercise import Question

UNANSWERED = Words("No answer yet to `{name}`: {question}", "`{name}` 还没有回答：{question}")
NO_NUMBER = Words("The answer to `{name}` is a number, not “{given}”.", "`{name}` 的答案是一个数字，不是“{given}”。")
WRONG = Words("`{name}` is not “{given}”. {advice}", "`{name}` 不是“{given}”。{advice}")


def unanswered(questions: Sequence[Question], answers: Mapping[str, str]) -> Iterator[Words]:
    """A sentence for each question without an answer."""
    for question in questions:
        if not answers[question.name]:
            yield filled(UNANSWERED, name=question.name, question=question.words)


def judge_number(name: str, answers: Mapping[str, str], right: int, advice: Words) -> Iterator[Words]:
    """A sentence unless the answer is that number, or none was given."""
    given = answers[name]
    if not given:
        return
    if not re.fullmatch(r"[0-9０-９]{1,9}", given):
        yield filled(NO_NUMBER, name=name, given=given[:80])
    elif int(given) != right:
        yield filled(WRONG, name=name, given=given, advice=advice)


def judge_text(name: str, answers: Mapping[str, str], is_right: bool, advice: Words) -> Iterator[Words]:
    """A sentence unless the answer is right, or none was given."""
    if answers[name] and not is_right:
        yield filled(WRONG, name=name, given=answers[name][:80], advice=advice)


def filled(words: Words, **values: str | int | Words) -> Words:
    """The words with values in their places; values that are words themselves go in by language."""
    english = {name: value.en if isinstance(value, Words) else value for name, value in values.items()}
    chinese = {name: value.zh if isinstance(value, Words) else value for name, value in values.items()}
    return Words(words.en.format(**english), words.zh.format(**chinese))
