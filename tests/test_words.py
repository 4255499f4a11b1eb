"""Every sentence in every language: nothing missing, no wrong variable, plural forms complete, nobody blamed."""

import re
from pathlib import Path

import pytest
from babel import Locale
from fluent.syntax import FluentParser, FluentSerializer, ast

from bot import words

FOLDER = Path(words.__file__).parent / "words"
OTHERS = [language for language in words.LANGUAGES if language != "en"]
BLAMING = {
    "en": r"fail|missed\b|you didn't|you forgot|overdue|non-compliant|still waiting|as agreed|\bagain\b.*reminder|"
    r"reminder \d|important|urgent|attention|must\b|need to|make sure|probably|seems|assume|great job|system error",
    "es": r"fallad[oa]s?\b(?! por mi)|olvidaste|debes\b|tienes que|urgente|importante|atención|incumpl|"
    r"seguimos esperando|probablemente|parece que",
}
EXEMPT = {"reason-forgot", "our-fault", "command-today", "today-nothing", "page-subtitle"}


def messages(language: str) -> dict[str, ast.Message]:
    resource = FluentParser().parse((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))
    junk = [entry for entry in resource.body if isinstance(entry, ast.Junk)]
    assert not junk, f"{language}.ftl cannot be read near: {junk[0].content}"
    found = [entry for entry in resource.body if isinstance(entry, ast.Message)]
    keys = [entry.id.name for entry in found]
    assert len(keys) == len(set(keys)), f"{language}.ftl says twice: {sorted({k for k in keys if keys.count(k) > 1})}"
    return {entry.id.name: entry for entry in found}


def variables(message: ast.Message) -> set[str]:
    return set(re.findall(r"\$(\w+)", _source(message)))


def _source(message: ast.Message) -> str:
    return FluentSerializer().serialize_entry(message)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_stands_in_every_language_with_the_same_variables(language: str) -> None:
    english, other = messages("en"), messages(language)
    assert set(english) == set(other)
    for key, message in english.items():
        assert variables(message) == variables(other[key]), key


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_plural_form_is_there(language: str) -> None:
    """A choice by number has every form the language uses for whole numbers, and a default."""
    forms = {Locale.parse(words.LANGUAGES[language]).plural_form(n) for n in range(200)} - {"other"}
    for key, message in messages(language).items():
        for variants in re.findall(r"->\n(.*?)\n\s*\}", _source(message), re.S):
            named = set(re.findall(r"\[(\w+)\]", variants))
            assert "*[" in variants, key
            assert forms <= named | {"two"} or named & {"0"} or not named & {"one"}, f"{key}: {forms - named}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_sentence_can_be_said(language: str) -> None:
    """With its variables as text and as numbers; a bot that answers in English by accident would be found here."""
    for key, message in messages(language).items():
        for number in (0, 1, 2, 5, 21):
            args = {name: number if name in ("count", "total") else "Ana" for name in variables(message)}
            assert words.say(language, key, **args)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_nobody_is_blamed(language: str) -> None:
    """PRODUCT section 8: the banned turns, in every sentence that is no button."""
    for key, message in messages(language).items():
        if key not in EXEMPT and not key.startswith(("button-", "reason-", "say-")):
            assert not re.search(BLAMING[language], _source(message).split("=", 1)[1], re.I), key


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_buttons_are_short_and_differ(language: str) -> None:
    """At most 30 characters; those that stand together are never spelled the same."""
    told = {"child": "Maximilian", "name": "Lucía", "time": "12:30 p.m."}
    labels = {
        key: words.say(language, key, **{name: told[name] for name in variables(message)})
        for key, message in messages(language).items()
        if "button-" in key
    }
    assert all(len(label) <= 30 for label in labels.values()), labels
    together = [k for k in labels if k not in ("button-no", "button-no-thanks")]
    assert len({labels[k] for k in together}) == len(together)


def test_the_contracts_buttons_word_for_word() -> None:
    """CONTRACT: the wording people learn."""
    wanted = """All written ✓ · Mark one · No homework · Not today · Written · Not written · Absent · Others written ✓ ·
    Change · All done ✓ · Something's missing · Can't check tonight · Done · Partly · Not done · Skip ·
    I'll answer instead · I see it differently · Back · More names · Forgot · Too hard · No time · Left at school ·
    Unwell · Other · Others done ✓ · Done, but rushed · They were written ✓ · Don't know · That's right ·
    Not my child · Yes, join · No, thanks · Yes to all · No · Only my messages"""
    plain = [key for key, found in messages("en").items() if not variables(found)]
    said = {words.say("en", key) for key in plain}
    assert {one.strip() for one in wanted.split("·")} <= said


def test_times_and_dates_in_the_readers_way() -> None:
    """CONTRACT: en-US 5:30 PM with an ordinary space, es-US 5:30 p.m."""
    from datetime import date, datetime

    evening = datetime(2026, 9, 15, 17, 30)
    assert words.clock("en", evening) == "5:30 PM" and words.clock("es", evening) == "5:30 p.m."
    assert words.weekday("en", date(2026, 9, 15)) == "Tuesday" and words.weekday("es", date(2026, 9, 15)) == "martes"
