"""Words in two languages: read from a package's file, filled with values, handed to the page."""

import pytest

from nodes.words import Words

READ = Words.read('[lab]\ndown = { en = "{node} is down", zh = "{node} 停机" }\nwell.en = "Well."\nwell.zh = "正常。"\n')


def test_a_sentence_is_found_by_group_key_and_language() -> None:
    assert READ.text("lab", "down", "en", node="north") == "north is down"
    assert READ["lab"]["down"].both(node="north") == {"en": "north is down", "zh": "north 停机"}
    assert READ.text("lab", "well", "zh") == "正常。"


def test_a_place_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="node"):
        READ.text("lab", "down", "en")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('{ en = "one" }', "zh"),
        ('{ zh = "一" }', "en"),
        ('{ en = "one", zh = "一", fr = "un" }', "fr"),
        ('{ en = "one", zh = 1 }', "zh"),
        ('{ en = "{a}", zh = "{b}" }', "places"),
    ],
)
def test_an_entry_has_both_languages_and_the_same_places_in_each(entry: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Words.read(f"[lab]\nkey = {entry}\n")
