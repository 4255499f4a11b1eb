"""What is left of typed and imported text once it is cleaned."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import clean

ACUTE = "\u0301"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)
NASTY_TEXT = st.text(
    alphabet="ae1 \t\n\x00\x1b\u0301\u0323\u200b\u200d\u202e\u2066\ufe0f\u20e3\ud800\udc00"
    "❤→🇺🇸👩🚀🏽\U000e0041한\u1100\u1161각",
    max_size=40,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana Ruiz", "Ana Ruiz"),
        ("  Ana \t\r\n  Ruiz\u00a0\u3000", "Ana Ruiz"),
        ("one\u2028two\u0085three", "one two three"),
        ("", ""),
        (" \u200b\ufeff ", ""),
        ("Jose" + ACUTE, "José"),
        ("Jose\u200b" + ACUTE, "José"),
        ("An\x00a", "Ana"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\x7fb\x9bc", "abc"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("yes\u202eon\u202c", "yeson"),
        ("\u2066Ana\u2069\u200e\u200f\u061c", "Ana"),
        ("y\u200be\u2060s\u00ad\u034f\u115f\u3164\uffa0", "yes"),
        ("ok\U000e0068\U000e0069\U000e007f", "ok"),
        ("a\ufe0fb\U000e0100", "ab"),
        ("a\u200db\u200cc", "abc"),
        (FAMILY, FAMILY),
        ("👩🏽\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3 🇪🇸", "👩🏽\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3 🇪🇸"),
        ("👍\u200d", "👍"),
        ("سارة علي", "سارة علي"),
        ("=1+1 <b>_*[ {name} %s", "=1+1 <b>_*[ {name} %s"),
    ],
)
def test_what_is_stored_is_what_is_seen(typed: str, kept: str) -> None:
    assert clean(typed, 200) == kept


@pytest.mark.parametrize(
    ("typed", "limit", "kept"),
    [
        ("abcdef", 3, "abc"),
        ("abc def", 4, "abc"),
        ("abx" + ACUTE, 3, "ab"),
        ("abcq\u0323" + ACUTE + "d", 5, "abc"),
        ("ab" + FAMILY, 4, "ab"),
        ("ab👍🏽", 3, "ab"),
        ("ab❤\ufe0f", 3, "ab"),
        ("🇪🇸🇺🇸🇲🇽", 3, "🇪🇸"),
        ("🇪🇸🇺🇸🇲🇽", 4, "🇪🇸🇺🇸"),
        ("a🇪🇸", 1, "a"),
        ("a🇪🇸", 2, "a"),
        ("กำ", 1, "ก"),
        (FAMILY, 2, "\U0001f468"),
        ("x" + ACUTE * 50, 10, "x" + ACUTE * 9),
        ("e" + ACUTE + "e" + ACUTE, 1, "é"),
    ],
)
def test_a_long_text_is_cut_between_written_characters(typed: str, limit: int, kept: str) -> None:
    assert clean(typed, limit) == kept


@given(st.one_of(ANY_TEXT, NASTY_TEXT), st.integers(1, 30))
def test_any_text_comes_out_storable_and_short(typed: str, limit: int) -> None:
    kept = clean(typed, limit)
    assert len(kept) <= limit
    assert kept == " ".join(kept.split())
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in kept)
    kept.encode()


@given(st.one_of(ANY_TEXT, NASTY_TEXT))
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    once = clean(typed, 1_000)
    assert clean(once, 1_000) == once


@pytest.mark.parametrize("part", ["x", "é", ACUTE + "\u0323", "\u200b", "🇪", "👩\u200d", "\ud800", " \u3000"])
def test_a_million_characters_are_cut_at_once(part: str) -> None:
    begun = time.perf_counter()
    assert len(clean(part * (1_000_000 // len(part)), 2_000)) <= 2_000
    assert time.perf_counter() - begun < 2
