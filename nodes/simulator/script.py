"""The words of a scripted trace: names of nodes, kinds of messages, numbers and durations.

`trace_player.py` describes the language.
"""

from collections.abc import Iterable

KINDS = (
    *("propose", "vote", "final", "skip", "notar-cert", "skip-cert", "commit-cert", "block", "transactions", "status"),
    *("fetch", "decided", "highest?", "highest", "everything"),
)

Pattern = list[str]
"""How the label of a message begins, word by word; an empty one fits everything."""


class BadLineError(Exception):
    """A line that is no command."""


class UnexpectedError(Exception):
    """The nodes did not do what the trace says."""


def parse_line(line: str) -> list[str]:
    """Its words. Commas, `and` and comments are for the reader."""
    return [word for word in line.partition("#")[0].replace(",", " ").split() if word != "and"]


def parse_nodes(words: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Names, `all`, or `all but` names."""
    match words:
        case ["all"]:
            return names
        case ["all", "but", *others] if others and set(others) <= set(names):
            return tuple(name for name in names if name not in others)
        case [_, *_] if set(words) <= set(names):
            return tuple(words)
    raise BadLineError(f"Expected names among {listed(names)}, or `all`, or `all but` names; got `{' '.join(words)}`.")


def parse_route(words: list[str], names: tuple[str, ...]) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """What, from whom, to whom; all nodes where it is left out."""
    senders, receivers = names, names
    if "to" in words:
        place = words.index("to")
        words, receivers = words[:place], parse_nodes(words[place + 1 :], names)
    if "from" in words:
        place = words.index("from")
        words, senders = words[:place], parse_nodes(words[place + 1 :], names)
    return words, senders, receivers


def parse_patterns(words: list[str]) -> list[Pattern]:
    """`block and propose 1/1 A` are two patterns: each begins with the kind of a message."""
    patterns: list[Pattern] = []
    for word in words:
        if word in KINDS:
            patterns.append([] if word == "everything" else [word])
        elif patterns:
            patterns[-1].append(word)
        else:
            raise BadLineError(f"Expected a kind of message among {listed(KINDS)}; got `{word}`.")
    if not patterns:
        raise BadLineError("Which messages?")
    return patterns


def parse_number(word: str) -> int:
    """Digits."""
    if not (word.isascii() and word.isdecimal()):
        raise BadLineError(f"Expected a number, got `{word}`.")
    return int(word)


def parse_milliseconds(word: str) -> int:
    """`5s` or `20ms`."""
    unit = 1 if word.endswith("ms") else 1000
    return parse_number(word.removesuffix("ms").removesuffix("s")) * unit


def fits(label: str, pattern: Pattern) -> bool:
    """Whether the label of a message begins like this."""
    return label.replace(",", " ").split()[: len(pattern)] == pattern


def listed(words: Iterable[str]) -> str:
    """Words for a sentence."""
    return ", ".join(words) or "nothing"
