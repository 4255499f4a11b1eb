"""Sealed tokens: nobody reads, alters or moves them."""

import base64

import pytest

from bot.sealing import WrongKey, seal, unseal

KEY, OLD = "k" * 40, "o" * 40
TOKEN = "xoxb-canary-token"


def test_only_the_key_opens_it_and_only_for_the_same_thing() -> None:
    sealed = seal(TOKEN, KEY, "slack:T1")
    assert TOKEN not in sealed and sealed.isascii()
    assert unseal(sealed, [KEY], "slack:T1") == TOKEN
    for keys, about in (([OLD], "slack:T1"), ([], "slack:T1"), ([KEY], "slack:T2")):
        with pytest.raises(WrongKey):
            unseal(sealed, keys, about)


def test_the_key_before_opens_it_for_a_while() -> None:
    assert unseal(seal(TOKEN, OLD, "slack:T1"), [KEY, OLD], "slack:T1") == TOKEN


def test_the_same_token_never_looks_the_same() -> None:
    assert seal(TOKEN, KEY, "slack:T1") != seal(TOKEN, KEY, "slack:T1")


def test_no_byte_can_be_altered() -> None:
    version, _, letters = seal(TOKEN, KEY, "slack:T1").partition(".")
    raw = base64.urlsafe_b64decode(letters)
    for place in range(len(raw)):
        altered = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(WrongKey):
            unseal(f"{version}.{base64.urlsafe_b64encode(altered).decode()}", [KEY], "slack:T1")


def test_no_character_can_be_altered() -> None:
    """The last one may carry bits that mean nothing; every other counts."""
    sealed = seal(TOKEN, KEY, "slack:T1")
    for place in range(len(sealed) - 2):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(WrongKey):
            unseal(sealed[:place] + other + sealed[place + 1 :], [KEY], "slack:T1")


@pytest.mark.parametrize(
    "text",
    ["", "1.", "xoxb-plain", "1.é", "1.AAAA", pytest.param(seal(TOKEN, KEY, "slack:T1").removeprefix("1."), id="bare")],
)
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(WrongKey):
        unseal(text, [KEY], "slack:T1")
