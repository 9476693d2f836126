"""The words of a contract in a file: read strictly, compared with the source, and never part of what is digested."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.contract.source_rules.loader import load_contract
from ledger.contract.words import ChineseNames, read_words, words_of
from ledger.errors import OperatorError
from tests.support import refusal

CONTRACT = """
from ledger.contract import Anyone, Context, Contract, Identifier, operation

class Box(Contract):
    name = "box"
    words = "words.toml"

    @operation(signed_by=Anyone())
    def close(self, context: Context, number: Identifier) -> None:
        context.require(number != "0", "no-zero", number=number)
        for code in faults_of(number):
            context.refuse(code, number=number)


def faults_of(number: str) -> list[str]:
    return [code for code, _ in pair_faults(number)]


def pair_faults(number: str) -> list[tuple[str, str]]:
    return [("odd-number", "on-board")] if number == "1" else []
"""
WORDS = """
[refusals]
no-zero = { en = "Not {number}.", zh = "不得为 {number}。", source = "ours-count" }
odd-number = { en = "{number} is odd.", zh = "{number} 为奇数。", source = "standard" }
[findings]
lost = "standard"
[sources]
ours-count = { en = "Ours: counting begins with one", zh = "本项目：从一计数" }
standard = { en = "A standard", zh = "某标准" }
[terms]
open = { en = "open", zh = "打开" }
[zh]
contract = "箱：可关闭的箱。"
operations.close = "关闭：关上一只箱。"
names.number = "编号"
"""
Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a package with a contract and these words; returns the package's name."""
    package = f"box_{uuid4().hex[:8]}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "contract.py").write_text(CONTRACT, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def written(words: str) -> str:
        (tmp_path / package / "words.toml").write_text(words, encoding="utf-8")
        return package

    yield written
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


def test_words_are_read(write: Write) -> None:
    words = read_words(write(WORDS))
    assert words.refusals["no-zero"].text("zh", number="0") == "不得为 0。"
    assert {code: source.en for code, source in words.sources.items()} == {
        "no-zero": "Ours: counting begins with one",
        "odd-number": "A standard",
        "lost": "A standard",
    }
    assert words.terms["open"].both() == {"en": "open", "zh": "打开"}
    assert words.zh == ChineseNames(
        contract="箱：可关闭的箱。", operations={"close": "关闭：关上一只箱。"}, names={"number": "编号"}
    )


def test_a_contract_that_declares_its_sentences_may_have_its_chinese_names_beside_it(write: Write, tmp_path: Path) -> None:
    package = write("")
    declared = CONTRACT.replace('words = "words.toml"', "").replace("context.require", "print").replace("context.refuse", "print")
    (tmp_path / package / "declared.py").write_text(declared, encoding="utf-8")
    box = importlib.import_module(f"{package}.declared").Box
    assert words_of(box).zh == ChineseNames()
    read_words.cache_clear()
    (tmp_path / package / "declared.toml").write_text('[zh]\nnames.number = "编号"\n', encoding="utf-8")
    assert words_of(box).zh.names == {"number": "编号"}


def test_words_without_chinese_are_shown_in_english(write: Write) -> None:
    words = read_words(write(re.sub(r', zh = "[^"]*"', "", WORDS)))
    assert words.refusals["no-zero"].text("zh", number="0") == "Not 0."
    assert words.sources["lost"].both() == {"en": "A standard", "zh": "A standard"}
    assert words.terms["open"].said("zh") == "open"


def test_other_words_leave_the_digest_as_it_is(write: Write) -> None:
    digest = load_contract(f"{write(WORDS)}.contract:Box").digest
    read_words.cache_clear()
    assert load_contract(f"{write(WORDS.replace('is odd', 'is uneven'))}.contract:Box").digest == digest


@pytest.mark.parametrize(
    ("word", "instead", "reason"),
    [
        ("no-zero =", "nil =", "no-zero” is not declared"),
        ('odd-number = { en = "{number} is odd."', 'even = { en = "{number} is odd."', "odd-number” is not declared"),
        ("Not {number}.", "Not {amount}.", "name different details"),
        ("{number}", "{amount}", "its sentences need amount"),
        ('en = "Not {number}.", ', "", "'en'"),
        (', source = "ours-count"', "", "names one of its [sources], got ''"),
        ('source = "standard"', 'source = "norm"', "names one of its [sources], got 'norm'"),
        ('"ours-count"', '"standard"', "No code in"),
        ('zh = "某标准"', 'zh = "某标准", cn = "某"', "'cn'"),
        ("[terms]", "[term]", "got term"),
        ("[terms]", "[terms", "words.toml of box_"),
        ("[findings]", "read_rules = 3\n[findings]", "read_rules"),
        ("A standard", "", "has sentences"),
        ("names.number", "fields.number", "fields: Extra inputs are not permitted"),
    ],
)
def test_faulty_words_are_refused(write: Write, word: str, instead: str, reason: str) -> None:
    assert word in WORDS
    error = refusal(OperatorError, load_contract, f"{write(WORDS.replace(word, instead))}.contract:Box")
    assert error.code == "contract-faulty"
    assert reason in error.message


def test_a_contract_cannot_read_its_words(write: Write, tmp_path: Path) -> None:
    package = write(WORDS)
    reading = f'from ledger.contract.words import read_words\nLIMIT = len(read_words("{package}").terms)\n{CONTRACT}'
    (tmp_path / package / "contract.py").write_text(reading, encoding="utf-8")
    assert refusal(OperatorError, load_contract, f"{package}.contract:Box").code == "contract-forbidden"


def test_a_sentence_that_no_rule_uses_is_refused(write: Write) -> None:
    spare = '[refusals]\nspare = { en = "So.", zh = "如此。", source = "standard" }'
    with pytest.raises(OperatorError, match="“spare” has a sentence, and nothing refuses with it"):
        load_contract(f"{write(WORDS.replace('[refusals]', spare))}.contract:Box")
