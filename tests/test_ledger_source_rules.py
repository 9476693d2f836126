"""Little contracts: bad ones, each refused at its line by its rule, and good ones that look like them and must load.

`# !` marks the line that is named. A bad one is refused by exactly one rule at exactly one line, unless it says more.
"""

import sys
from pathlib import Path

import pytest

from ledger.contract.source_rules.loader import load_contract
from ledger.contract.source_rules.source import read_sources
from ledger.contract.source_rules.statements import breaches
from ledger.errors import OperatorError
from nodes.words import Words
from tests.little_contracts import Write, contract, writer


def top(text: str) -> str:
    return contract(top=text)


def body(text: str) -> str:
    return contract(body=text)


def here(text: str) -> str:
    return contract(here=text)


FORBIDDEN: dict[str, dict[str, str]] = {
    "set-order": {
        "list-of-a-set": here("size = [*set(number)][0]  # !"),
        "list-of-a-comprehension": here("size = list({n for n in number})[0]  # !"),
        "key-that-ties": here("number = min({number, 'b'}, key=len)  # !"),
        "sorted-with-a-key": here("sorted({number}, key=len)  # !"),
        "smaller-of-two-sets": here("list(min({1}, {2}))  # !"),
        "own-min": contract(top="def min(x: object) -> list[object]:\n    return [x]\n", here="min({number})  # !"),
        "own-comparison-that-ties": contract(
            top="from typing import NamedTuple\n\nclass Bid(NamedTuple):\n    bidder: str\n    price: int\n\n"
                "    def __lt__(self, other: 'Bid') -> bool:\n        return self.price < other.price\n",
            here="number = min({Bid(number, 1), Bid('b', 1)}).bidder  # !"),
        "set-of-a-loop": here("for n in {1, 2}:  # !\n    size += n"),
        "starred": here("max(*{1, 2})  # !"),
        "dict-of-a-set": here("dict.fromkeys({number, 'b'})  # !"),
        "keys-less-keys": here("a = {number: 1}\nfor n in a.keys() - {}.keys():  # !\n    size += 1"),
        "keys-and-items": here("for n in {number: 1}.items() & {number: 1}.items():  # !\n    size += 1"),
        "keys-by-name": here("keys = {number: 1}.keys()\nlist(keys | [1])  # !"),
        "keys-in-place": here("keys = {number: 1}.keys()\nkeys ^= {'a': 1}.keys()  # !"),
    },
    "set-type": {
        "set-given-to-map": here("list(map(set, [number]))  # !"),
        "set-by-name": here("make = set  # !\nlist(make(number))"),
        "default-factory": top(
            "from dataclasses import dataclass, field\n\n@dataclass\nclass Draft:\n"
            "    seen: list[str] = field(default_factory=set)  # !"),
        "record-with-a-set": top("class Tags(Record):\n    tags: frozenset[str]  # !"),
        "record-with-a-quoted-set": top("class Tags(Record):\n    tags: 'frozenset[str] | None'  # !"),
        "argument-with-a-set": body(
            "@operation(signed_by=Anyone())\ndef tag(self, context: Context, tags: set[str]) -> None:  # !\n    list(tags)"),
    },
    "name": {
        "float": here("size = float(size)  # !"),
        "hash": here("size = hash(number)  # !"),
        "id": here("size = id(number)  # !"),
        "open": here("size = open(number)  # !"),
        "eval": here("size = eval(number)  # !"),
        "print": here("size = print(size)  # !"),
        "fields-that-were-set": here("list(Box(size=1).model_fields_set)  # !"),
        "frame-by-a-pattern": here(
            "match (n for n in (1,)):\n    case Box(gi_frame=frame):  # !\n        size = len([frame])", ),
    },
    "foreign-state": {
        "state-of-the-ledger": here("size = len(context._ledger_state.page('a', 'b', '', 1))  # !"),
        "state-of-a-collection": here("self.boxes._ledger_state.get('a', 'b', 'c')  # !"),
        "another-contract-that-runs": here("Boxes.run(context, number, {})  # !"),
        "state-to-write-to": here("self.boxes._ledger_writable().put('a', 'b', 'c', b'1')  # !"),
        "records-of-another-contract": here("boxes = self.boxes\nboxes._ledger_contract = 'licences'  # !"),
        "state-by-a-pattern": here("match context:\n    case Context(_ledger_state=state):  # !\n        state.page('a')"),
    },
    "power": {
        "power-with-an-open-exponent": here("size = 2 ** size  # !"),
        "pow-with-a-negative-exponent": here("size = int(pow(2, -1))  # !"),
        "pow-with-an-open-exponent": here("size = int(pow(2, size))  # !"),
        "pow-by-name": here("size = list(map(pow, [2], [size]))[0]  # !"),
        "power-with-a-negative-exponent": here("size = int(2**-1)  # !"),
    },
    "format": {
        "float-format": here("context.emit('seen', size=f'{size:.2f}')  # !"),
        "number-of-the-locale": here("context.emit('seen', size=f'{size:n}')  # !"),
        "number-of-the-locale-by-format": here("context.emit('seen', size=format(size, 'n'))  # !"),
        "format-behind-names": here("number = '{0.__class__}'.format(size)  # !"),
        "format-kept-as-a-function": here("show = '{0.__class__}'.format  # !\nshow(size)"),
        "format-of-a-variable": here("number = number.format(size)  # !"),
    },
    "address": {
        "bare-object": here("context.emit('seen', text=str(object()))  # !"),
        "lambda-as-text": here("context.emit('seen', text=repr(lambda: 1))  # !"),
        "generator-as-text": here("context.emit('seen', text=str(n for n in [1]))  # !"),
        "iterator-as-text": here("context.emit('seen', text=f'{map(len, [number])}')  # !"),
        "function-as-text": contract(top="def help_(x: int) -> int:\n    return x\n", here="str(help_)  # !"),
        "contract-as-text": here("context.emit('seen', text=f'{self}')  # !"),
        "context-as-text": here("context.emit('seen', text=str(context))  # !"),
        "plain-class-as-text": contract(top="class Pile:\n    size = 1\n", here="pile = Pile()\nstr(pile)  # !"),
        "plain-class-in-a-list": contract(top="class Pile:\n    size = 1\n", here="piles = [Pile()]\nstr(piles)  # !"),
        "plain-class-by-percent": contract(top="class Pile:\n    size = 1\n", here="'%s' % Pile()  # !"),
        "method-without-parentheses": here("context.emit('seen', text=f'{number.upper}')  # !"),
        "own-method-without-parentheses": contract(
            body="def total(self) -> int:\n    return 1\n", here="context.emit('seen', text=f'{self.total}')  # !"),
        "collection-as-text": here("context.emit('seen', text=str(self.boxes))  # !"),
        "hash-without-hexdigest": contract(
            top="from hashlib import sha256\n", here="found = sha256(b'x')\ncontext.emit('seen', text=f'{found}')  # !"),
        "hash-by-module": contract(top="import hashlib\n", here="str(hashlib.sha256(b'x'))  # !"),
        "chain-as-text": contract(top="from itertools import chain\n", here="str(chain([1], [2]))  # !"),
        "partial-as-text": contract(top="from functools import partial\n", here="str(partial(len, number))  # !"),
        "counts-by-a-lambda-as-text": contract(
            top="from collections import defaultdict\n", here="counts = defaultdict(lambda: 0)\nstr(counts)  # !"),
    },
    "identity": {
        "is-with-a-text": here("context.require(number is 'A', 'too-big', size=size)  # !"),
        "is-between-numbers": here(
            "box = self.boxes.get(number)\ncontext.require(box is None or box.size is size, 'too-big', size=size)  # !"),
    },
    "error-words": {
        "words-of-python-by-percent": here(
            "try:\n    size = int(number)\nexcept ValueError as error:  # !\n    context.emit('bad', words='%s' % error)"),
        "words-of-python": here(
            "try:\n    size = int(number)\nexcept ValueError as error:  # !\n    context.emit('bad', words=str(error))"),
    },
    "broad-except": {
        "except-everything": here("try:\n    size += 1\nexcept:  # !\n    pass"),
        "except-exception": here("try:\n    size += 1\nexcept Exception:  # !\n    pass"),
        "except-recursion": here("try:\n    size += 1\nexcept (KeyError, RecursionError):  # !\n    pass"),
        "except-by-another-name": contract(top="Any = RuntimeError  # !\n", here="try:\n    size += 1\nexcept Any:\n    pass"),
    },
    "finally": {"return-in-finally": here("try:  # !\n    size += 1\nfinally:\n    return")},
    "dunder": {
        "class-of-a-value": here("size = number.__class__  # !"),
        "table-of-an-object-by-a-pattern": here("match self:\n    case Boxes(__dict__=table):  # !\n        size = len(table)"),
        "import-as-a-call": here("size = __import__(number)  # !"),
        "swallowing-with": top("class Quiet:\n    def __exit__(self, *_: object) -> bool:  # !\n        return True\n"),
        "when-thrown-away": top("class Last:\n    def __del__(self) -> None:  # !\n        pass\n"),
    },
    "import": {
        "chance": top("import random  # !"),
        "machine": top("import os.path  # !"),
        "date": top("from datetime import datetime  # !"),
        "the-chain": top("from ledger.chain import chain  # !"),
        "clock": top("import time  # !"),
        "clock-that-is-read": contract(top="import time  # !", here="size = int(time.time())"),
    },
    "import-name": {
        "image-of-a-module": top("from dataclasses import sys  # !"),
        "module-of-fractions": top("from fractions import math  # !"),
        "module-by-module": contract(top="import re\n", here="number = re.enum.sys.version  # !"),
        "module-behind-an-alias": contract(top="import collections as c\n", here="c._sys.version  # !"),
        "import-string": top("from pydantic import ImportString  # !"),
        "import-string-of-a-submodule": top("from pydantic.types import ImportString  # !"),
        "date-of-pydantic": top("import pydantic\n\nclass Due(Record):\n    day: pydantic.PastDate  # !"),
        "cache": top("from functools import cache  # !"),
        "cache-of-the-module": top("import functools\n\n@functools.lru_cache  # !\ndef slow(x: int) -> int:\n    return x\n"),
        "newer-python": top("from itertools import batched  # !"),
        "number-that-asks-a-register": top("from stdnum.eu import vat  # !"),
        "module-as-a-value": top("import re\n\nHELPERS = [re]  # !"),
        "formatter": top("from string import Formatter  # !"),
    },
    "kept-state": {
        "module-list": contract(top="SEEN = []\n", here="SEEN.append(number)  # !"),
        "module-table": contract(top="SEEN: dict[str, int] = {}\n", here="SEEN[number] = 1  # !"),
        "module-count": contract(top="COUNT = {'n': 0}\n", here="COUNT['n'] += 1  # !"),
        "item-thrown-out": contract(top="LEFT = {'n': 0}\n", here="del LEFT['n']  # !"),
        "row-of-a-table": contract(top="ROWS = {'a': []}\n", here="row = ROWS.get('a')\nrow.append(size)  # !"),
        "row-of-a-loop": contract(top="ROWS = [[1]]\n", here="for row in ROWS:\n    row.sort()  # !"),
        "heap-of-the-module": contract(top="import heapq\n\nHEAP = [1]\n", here="heapq.heappush(HEAP, size)  # !"),
        "changed-by-its-type": contract(top="SEEN = [1]\n", here="list.append(SEEN, size)  # !"),
        "append-by-name": contract(top="SEEN = []\n", here="push = SEEN.append  # !\npush(number)"),
        "append-given-to-map": contract(top="SEEN = []\n", here="list(map(SEEN.append, [number]))  # !"),
        "row-of-a-slice": contract(top="ROWS = [[1], [2]]\n", here="for row in ROWS[1:]:\n    row.append(1)  # !"),
        "list-of-a-plain-class": contract(
            top="class Basket:\n    lines = []\n", here="basket = Basket()\nbasket.lines.append(number)  # !"),
        "list-of-a-named-tuple": contract(
            top="from typing import NamedTuple\n\nclass Basket(NamedTuple):\n    lines: list[str] = []\n",
            here="basket = Basket()\nbasket.lines.append(number)  # !"),
        "class-list": contract(body="seen = [1]\n", here="self.seen.append(number)  # !"),
        "class-list-beside-a-class-with-its-own": contract(
            body="seen = [1]\n\nclass Inner:\n    def __init__(self) -> None:\n        self.seen = [1]\n",
            here="self.seen.append(number)  # !"),
        "class-table-by-class": contract(body="seen = {'a': 1}\n", here="Boxes.seen[number] = 1  # !"),
        "attribute-of-a-class": here("Boxes.last = number  # !"),
        "attribute-of-a-type": here("type(self).last = number  # !"),
        "attribute-of-cls": body("@classmethod\ndef note(cls, x: str) -> None:\n    cls.last = x  # !\n"),
        "attribute-of-a-function": top("def tally() -> None:\n    tally.calls = 1  # !\n"),
        "attribute-of-a-module": contract(top="import re\n", here="re.A = size  # !"),
        "own-refusals": here("self.refusals['new'] = 1  # !"),
        "object-of-the-module": contract(top="from hashlib import sha256\n\nHASH = sha256()\n", here="HASH.update(b'x')  # !"),
        "cache-by-hand": top(
            "def cached(f: object) -> object:\n    known = {}\n    def inner(x: str) -> object:\n        known[x] = 1  # !\n"
            "        return known\n    return inner\n"),
        "names-that-lead-to-each-other": contract(
            top="SEEN = [1]\n",
            here="a = b = size\nfor n in (1, 2):\n    a = max(a, b)\n    b = min(a, b)\n    a = min(a, b)\n    b = max(a, b)\n"
                "SEEN.append(a)  # !"),
    },
    "mutable-default": {
        "mutable-default": top("def note(x: str, seen: list[str] = []) -> None:  # !\n    seen.append(x)\n"),
        "default-of-a-lambda": top("note = lambda x, seen={}: seen.setdefault(x, 1)  # !\n"),
        "count-as-a-default": top(
            "from itertools import count\n\ndef number_of(it: object = count()) -> object:  # !\n    return it\n"),
    },
    "kept-iterator": {
        "count-of-the-module": top("import itertools\n\nNUMBERS = itertools.count()  # !\n"),
        "count-in-a-function": top(
            "from functools import partial\nfrom itertools import count\n\nnext_number = partial(next, count())  # !\n"),
        "generator-of-the-class": body("numbers = (n for n in (1, 2))  # !\n"),
        "own-generator": top("def numbers() -> object:\n    yield 1\n\nNUMBERS = numbers()  # !\n"),
    },
    "recursion": {
        "calls-itself": body("def down(self, n: int) -> int:  # !\n    return self.down(n - 1) if n else 0\n"),
        "call-each-other": top(
            "def even(n: int) -> bool:  # !\n    return not n or odd(n - 1)\n\ndef odd(n: int) -> bool:\n"
            "    return even(n - 1)\n"),
        "through-map": top("def walk(x: list) -> list:  # !\n    return list(map(walk, x))\n"),
        "through-a-table": top("def one(x: str) -> int:  # !\n    return RULES[x](x)\n\nRULES = {'a': one}\n"),
        "through-a-lambda": top("fall = lambda n: fall(n - 1) if n else 0  # !\n"),
        "inner-function": here("def down(n: int) -> int:  # !\n    return down(n - 1) if n else 0\nsize = down(size)"),
        "generator-that-goes-down": top("def leaves(x: list) -> object:  # !\n    for y in x:\n        yield from leaves(y)\n"),
        "down-a-tree-of-records": top(
            "class Node(Record):\n    inner: 'Node | None' = None\n\n    def depth(self) -> int:  # !\n"
            "        return 1 + self.inner.depth() if self.inner else 0\n"),
        "up-the-chain-of-records": contract(
            top="class Link(Record):\n    before: str\n",
            body="links = Collection(Link)\n\ndef start(self, name: str) -> str:  # !\n    link = self.links[name]\n"
                "    return self.start(link.before) if link.before else name\n"),
        "through-the-derived-class": top(
            "class Base(Contract):\n    def total(self) -> int:  # !\n        return self.part()\n\n"
            "    def part(self) -> int:\n        return 1\n\nclass Derived(Base):\n    def part(self) -> int:\n"
            "        return self.total()\n"),
    },
    "float-literal": {"float-literal": here("size = int(size * 1.5)  # !")},
    "division": {
        "true-division": here("size = int(size / 2)  # !"),
        "division-in-place": here("size /= 2  # !"),
    },
    "global": {"global": here("global total  # !")},
    "async": {"async": top("async def wait() -> None:  # !\n    pass")},
    "star-import": {"star-import": top("from re import *  # !")},
}  # fmt: skip
"""Bad contracts by the rule that each breaks."""
BAD = {name: (rule, text) for rule, contracts in FORBIDDEN.items() for name, text in contracts.items()}

GOOD = {
    "sorted-set": here("context.require(sorted({number, 'b'})[0] != '', 'too-big', size=len(set(number)))"),
    "sorted-difference-of-keys": here("for n in sorted({number: 1}.keys() - {'a': 1}.keys()):\n    size += 1"),
    "set-that-is-asked": here("context.require(size not in {1, 2} or {number} == {'A'}, 'too-big', size=size)"),
    "set-that-is-empty-or-not": here(
        "if {number: 1}.keys() - {'a': 1}.keys() and not {number} & {'b'}:\n    size += 1\n"
        "context.require(bool({number} - {'a'}), 'too-big', size=[n for n in (1, 2) if {n} & {size}][0])"),
    "lowest-of-a-table": here("prices = {number: 1}\nnumber = min(prices, key=lambda n: prices[n])"),
    "keys-in-order": here("for n in {number: 1}.keys():\n    size += len(n)"),
    "flags": contract(top="from enum import Flag\n\nclass Mark(Flag):\n    A = 1\n    B = 2\n", here="Mark.A | Mark.B"),
    "bits": here("size = (size | 1) & 7 ^ 2"),
    "pow-with-a-literal": here("size = pow(size, 2) + 10**2"),
    "pow-with-a-modulus": here("size = pow(3, size, 97)"),
    "plain-formats": here("number = f'{number}-{size:04}-{size:x}' + '{}/{n}'.format(size, n=number)"),
    "field-called-format": contract(
        top="class Paper(Record):\n    format: str\n",
        here="context.require(Paper(format='pdf').format != 'x', 'too-big', size=1)"),
    "class-with-its-text": contract(
        top="class Pile:\n    def __str__(self) -> str:\n        return 'pile'\n", here="context.emit('seen', text=str(Pile()))"),
    "record-as-text": here("context.emit('seen', text=f'{Box(size=size)}')"),
    "enum-called-self": top(
        "from enum import Enum\n\nclass Kind(Enum):\n    A = 'a'\n\n    def words(self) -> str:\n"
        "        return f'kind {self.value}'\n"),
    "object-as-a-type": top("def same(a: object, b: object) -> bool:\n    return a == b\n"),
    "is-a-member-of-an-enumeration": contract(
        top="from enum import Enum\n\nclass Kind(Enum):\n    A = 'a'\n\nNOTHING = Kind.A\n",
        here="kind = Kind(number)\nkind is Kind.A and type(size) is int and kind is NOTHING and (size > 1) is True"),
    "names-like-methods": contract(
        top="class Item(Record):\n    count: int\n    title: str\n\n    @property\n    def total(self) -> int:\n"
            "        return self.count\n\n    def words(self) -> str:\n        return f'{self.total} {self.title}'\n",
        here="item = Item(count=1, title=number)\n"
            "number = f'{item.title} {item.count} {[item, size]} {number.upper()}' + '%s' % size"),
    "is-none": here("found = self.boxes.get(number)\ncontext.require(found is None, 'too-big', size=size)"),
    "narrow-except": here("try:\n    size = int(number)\nexcept ValueError:\n    size = 0\nfinally:\n    size += 1"),
    "own-exception": contract(
        top="class BadNumber(Exception):\n    pass\n\ndef read(x: str) -> int:\n    raise BadNumber(x)\n",
        here="try:\n    size = read(number)\nexcept BadNumber:\n    size = 1"),
    "raised-exception": top("def read(x: str) -> int:\n    raise RuntimeError(x)\n"),
    "loop-left-in-finally": here("try:\n    size += 1\nfinally:\n    for n in (1, 2):\n        break"),
    "names-of-modules": contract(
        top="import re\nimport collections.abc\nfrom functools import partial, reduce\nimport itertools as i\n"
            "from pydantic.functional_validators import AfterValidator\nfrom stdnum import luhn\nfrom stdnum.cn import uscc\n"
            "import stdnum.lei\n",
        here="re.fullmatch('a', number)\nluhn.is_valid(number)\nuscc.format(number)\nstdnum.lei.compact(number)\n"
            "list(i.count(1) for _ in ())"),
    "tables": contract(
        top="RATES = {'a': 1}\nDAYS = [n for n in range(7)]\nfor n in DAYS:\n    RATES[str(n)] = n\n"
            "PAIRS = dict(zip('ab', (1, 2), strict=True))\n",
        body="limits = {'a': 10}\n",
        here="rate = RATES.get(number, 0)\nrate += DAYS[0]\nsize = rate + self.limits['a'] + PAIRS['a']"),
    "copies-of-tables": contract(
        top="DAYS = [1, 2]\n", here="days = list(DAYS)\ndays.append(size)\nrows = DAYS\nrows = [*rows, 1]\nrows.append(2)"),
    "slices-of-tables": contract(
        top="DAYS = [1, 2]\n", here="days = DAYS[:]\ndays.append(size)\nfirst, *rest = DAYS\nrest.append(first)"),
    "same-name-as-a-table-of-a-class": contract(
        top="class Words:\n    lines = ['a']\n\nclass Builder:\n    def __init__(self) -> None:\n"
            "        self.lines: list[int] = []\n\n    def add(self, n: int) -> None:\n        self.lines.append(n)\n",
        here="builder = Builder()\nbuilder.add(size)\nbuilder.lines.append(size)"),
    "own-list": here("seen: list[int] = []\nseen.append(size)\nseen[0] = 1\nseen.sort()"),
    "attribute-of-the-operation": here("self.last = number\nself.seen = []\nself.seen.append(number)"),
    "own-adder": contract(
        top="class Money(Record):\n    cents: int\n\n    def add(self, other: int) -> 'Money':\n"
            "        return self.replace(cents=other)\n\nZERO = Money(cents=0)\n",
        here="total = ZERO.add(size)"),
    "helper-in-an-operation": here("seen: list[int] = []\ndef note(n: int) -> None:\n    seen.append(n)\nnote(size)"),
    "iterators-used-at-once": top("from itertools import chain\n\nALL = tuple(chain((1,), (2,)))\nTOTAL = sum(n for n in ALL)\n"),
    "iterators-in-an-operation": here("numbers = zip(number, range(size))\nfor letter, n in numbers:\n    size += n"),
    "plain-defaults": top("def note(x: str, seen: tuple[str, ...] = (), most: int = 3) -> None:\n    pass\n"),
    "default-of-a-field": top(
        "from dataclasses import dataclass, field\n\n@dataclass\nclass Draft:\n"
        "    seen: list[str] = field(default_factory=list)\n"),
    "same-name-on-another-class": top(
        "class Inner(Record):\n    x: int\n\n    def is_good(self) -> bool:\n        return self.x > 0\n\n"
        "class Outer(Record):\n    inner: Inner\n\n    def is_good(self) -> bool:\n        return self.inner.is_good()\n"),
    "same-name-as-a-function": contract(
        top="def total(x: int) -> int:\n    return x\n", body="def total(self, x: int) -> int:\n    return total(x)\n"),
    "super-of-the-base": top(
        "class Base(Contract):\n    def total(self) -> int:\n        return 1\n\nclass Derived(Base):\n"
        "    def total(self) -> int:\n        return super().total() + 1\n"),
    "table-that-is-read": top("def one(x: str) -> bool:\n    return x in RULES\n\nRULES = {'a': one}\n"),
    "shared-helper": top(
        "def low(n: int) -> int:\n    return n\n\ndef left(n: int) -> int:\n    return low(n)\n\ndef right(n: int) -> int:\n"
        "    return low(left(n))\n"),
}  # fmt: skip
"""Each looks like one of the others."""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    return writer(tmp_path, monkeypatch)


def told(module: str) -> list[tuple[str, int]]:
    return [(breach.rule, breach.line) for breach in breaches(read_sources(module.partition(":")[0]))]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_contract_is_refused_at_its_line(write: Write, name: str) -> None:
    rule, text = BAD[name]
    line = next(number for number, words in enumerate(text.splitlines(), 1) if words.endswith("# !"))
    module = write(text)
    assert set(told(module)) == {(rule, line)}
    with pytest.raises(OperatorError, match=f"line {line} of module") as caught:
        load_contract(module)
    assert caught.value.code == "contract-forbidden"
    assert Words.of("ledger.contract.source_rules")[rule].keys() == {"wrong", "do"}
    assert module.partition(":")[0] not in sys.modules, "it ran before it was judged"


@pytest.mark.parametrize("name", GOOD)
def test_a_good_contract_that_looks_like_it_is_loaded(write: Write, name: str) -> None:
    module = write(GOOD[name])
    assert told(module) == []
    assert load_contract(module).contract.name == "boxes"


ELSEWHERE = {
    "module-of-an-own-module": ("import-name", "from PACKAGE.limits import re\n", "re.A", "import re\n"),
    "module-through-an-own-module": ("import-name", "from PACKAGE import limits\n", "limits.re.A", "import re\n"),
    "table-of-an-own-module": ("kept-state", "from PACKAGE.limits import SEEN\n", "SEEN.append(size)", "SEEN = [1]\n"),
    "table-through-an-own-module": ("kept-state", "from . import limits\n", "limits.SEEN[0] = size", "SEEN = [1]\n"),
    "default-of-an-own-module": (
        "mutable-default",
        "from PACKAGE.limits import SEEN\n\ndef note(x: str, seen: list[int] = SEEN) -> None:\n    pass\n",
        "pass",
        "SEEN = [1]\n",
    ),
    "recursion-between-modules": (
        "recursion",
        "from PACKAGE.limits import odd\n",
        "odd(size)",
        "from PACKAGE.more import even\n\ndef odd(n: int) -> bool:\n    return n and even(n - 1)\n",
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_rules_look_into_the_other_modules_of_a_contract(write: Write, name: str) -> None:
    rule, top, here, limits = ELSEWHERE[name]
    more = "from PACKAGE import limits\n\ndef even(n: int) -> bool:\n    return not n or limits.odd(n - 1)\n"
    assert [found for found, _ in told(write(contract(top=top, here=here), limits=limits, more=more))] == [rule]


def test_names_and_functions_of_own_modules_are_used_freely(write: Write) -> None:
    limits = "from dataclasses import replace\n\nLIMIT = 10\n\ndef add(a: int, b: int) -> int:\n    return a + b\n"
    top = "from PACKAGE import limits\nfrom PACKAGE.limits import LIMIT, replace\nimport PACKAGE.limits as l\n"
    module = write(contract(top=top, here="limits.add(size, LIMIT)\nl.add(size, limits.LIMIT)"), limits=limits)
    assert told(module) == []
    assert load_contract(module).contract.name == "boxes"
