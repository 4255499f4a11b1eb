"""What a teacher gets who pastes a list of names into the chat: the children, and a word on every line that was odd."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pasted import LONGEST, MOST, Remark, names
from bot.words import LANGUAGES, say


def children(text: str) -> list[str]:
    """The children as "name" or "name / group"; the list must be without a remark."""
    found = names(text)
    assert found.remarks == ()
    return shown(found.children)


def shown(taken: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name} / {group}" if group else name for name, group in taken]


def told(text: str) -> list[str]:
    return [sentence(remark) for remark in names(text).remarks]


def sentence(remark: Remark, language: str = "en") -> str:
    return say(language, remark.key, line=remark.line, said=remark.said, count=MOST)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Romero\nBen Cole",
        "\n  Ana Romero  \r\n\r\nBen\u00a0Cole\u200b\n",
        "1. Ana Romero\n2. Ben Cole",
        "1) Ana Romero\n(2) Ben Cole",
        "9 Ana Romero\n10 - Ben Cole",
        "- Ana Romero\n– Ben Cole",
        "• Ana Romero\n* Ben Cole",
        "- 1. Ana Romero\n- 2. Ben Cole",
        "1\tAna Romero\n2\tBen Cole",
        "Ana Romero, Ben Cole",
        "Ana Romero; Ben Cole;",
        "Ana Romero,\nBen Cole,",
        "Romero, Ana\nCole, Ben",
        "Romero, Ana; Cole, Ben",
        "1. Romero, Ana\n2. Cole, Ben",
        "*Ana Romero*\n*Ben Cole*",
    ],
)
def test_two_children_however_the_list_was_made(text: str) -> None:
    assert children(text) == ["Ana Romero", "Ben Cole"]


@pytest.mark.parametrize(
    "text",
    [
        "Ana Romero (7B)\nBen Cole (7C)",
        "Ana Romero [7B]\nBen Cole [7C]",
        "Ana Romero, 7B\nBen Cole, 7C",
        "Ana Romero 7B\nBen Cole – 7C",
        "Ana Romero\t7B\nBen Cole\t7C",
        "Romero, Ana (7B)\nCole, Ben (7C)",
        "Romero, Ana, 7B\nCole, Ben, 7C",
        "1\tAna Romero\t7B\n2\tBen Cole\t7C",
        "Ana Romero (7B), Ben Cole (7C)",
    ],
)
def test_a_class_beside_the_name_is_the_childs_group(text: str) -> None:
    assert children(text) == ["Ana Romero / 7B", "Ben Cole / 7C"]


@pytest.mark.parametrize("group", ["7B", "7-B", "7 B", "7ºB", "B7", "Grade 7", "7th grade", "Room 12", "Grupo 3A"])
def test_what_looks_like_a_class(group: str) -> None:
    assert children(f"Ana Romero ({group})\nBen Cole\t{group}") == [f"Ana Romero / {group}", f"Ben Cole / {group}"]


def test_brackets_without_a_class_belong_to_the_name() -> None:
    assert children("Roberto (Bobby) Cruz\nAna Romero (Anita)") == ["Roberto (Bobby) Cruz", "Ana Romero (Anita)"]


def test_names_of_all_the_world() -> None:
    text = "María José O’Neil-Díaz\nNguyễn Thị A\nAnne-Marie d'Arc\nJosé M. Peña\nعلي حسن"
    assert children(text) == text.splitlines()


def test_the_order_of_the_list_is_kept() -> None:
    assert children("Zoë Zahn\nAna Romero\nMia May") == ["Zoë Zahn", "Ana Romero", "Mia May"]


def test_nothing_pasted_is_nobody() -> None:
    assert children(" \n\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "Ana Romero ana@home.example",
        "Ana Romero <ana@home.example>",
        "Ana Romero <mailto:ana@home.example|ana@home.example>",
        "Ana Romero (+1 555 010-0100)",
        "Ana Romero, 555 0100",
        "Ana Romero: <tel:+15550100|+1 555 0100>",
        "Ana Romero\tana@home.example",
        "Ana Romero\t12/03/2014",
        "Ana Romero 0012345",
    ],
)
def test_no_number_and_no_address_is_kept(line: str) -> None:
    assert shown(names(f"Ben Cole\n{line}").children) == ["Ben Cole", "Ana Romero"]
    assert told(f"Ben Cole\n{line}") == ["Line 2: I took “Ana Romero” and did not keep the number or address."]


def test_a_line_of_only_a_number_leaves_no_trace_of_it() -> None:
    found = names("Ben Cole\n555 0100 555")
    assert shown(found.children) == ["Ben Cole"]
    assert found.remarks == (Remark(2, "pasted-nothing", ""),)


def test_what_stands_beside_a_name_in_a_sheet_is_left_out() -> None:
    assert told("Ana Romero\tMaths\t7B") == ["Line 1: I took “Ana Romero” and left out what stands beside it."]
    assert shown(names("Ana Romero\tMaths\t7B").children) == ["Ana Romero / 7B"]


def test_a_child_who_stands_there_twice_counts_once() -> None:
    assert shown(names("Ana Romero\nBen Cole\nana  romero").children) == ["Ana Romero", "Ben Cole"]
    assert told("Ana Romero\nBen Cole\nana  romero") == [
        "Line 3: “ana romero” stands in the list twice and counts once."
    ]


def test_namesakes_of_two_classes_are_two_children() -> None:
    assert children("Ana Romero (7B)\nAna Romero (7C)") == ["Ana Romero / 7B", "Ana Romero / 7C"]


def test_a_first_name_alone_is_taken_with_a_word_on_it() -> None:
    found = names("Ana\nBen Cole")
    assert (shown(found.children), found.remarks[0].warning) == (["Ana", "Ben Cole"], True)
    assert told("Ana\nBen Cole") == ["Line 1: “Ana” is one name alone. A family name tells children apart."]


def test_a_single_family_name_comma_given_name_is_one_child_and_told() -> None:
    assert shown(names("Romero, Ana").children) == ["Ana Romero"]
    assert told("Romero, Ana") == ["I read this as one child, “Ana Romero”. Two children go on two lines."]


@pytest.mark.parametrize("text", ["Romero, Ana\nBen Cole", "Romero, Ana; Ben\nBen Cole"])
def test_a_comma_that_may_mean_either_is_asked_about(text: str) -> None:
    found = names(text)
    assert (shown(found.children), found.remarks[0].warning) == (["Ben Cole"], False)
    assert "one child or two?" in told(text)[0]


@pytest.mark.parametrize("line", ["???", "12", "7B", "7 B", "Class 7:", "Name", "Nombre\tGrupo", "🙂", "- "])
def test_a_line_without_a_name_is_told(line: str) -> None:
    assert shown(names(f"{line}\nAna Romero").children) == ["Ana Romero"]
    assert told(f"{line}\nAna Romero") == ["Line 1: I found no name there."]


def test_a_sentence_is_no_name() -> None:
    line = "These are the children in my class this year and I would like to start with all of them"
    assert shown(names(f"{line}\nAna Romero").children) == ["Ana Romero"]
    assert told(f"{line}\nAna Romero") == ["Line 1: this is too long for a name. Please send one child on each line."]


def test_a_long_list_on_one_line_is_no_long_line() -> None:
    assert len(children(", ".join(f"Child N{chr(97 + number)}" for number in range(20)))) == 20


def test_forty_names_are_read_at_once_and_the_rest_is_asked_for() -> None:
    lines = [f"Ana {chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(45)]
    assert len(children("\n".join(lines[:MOST]))) == MOST
    found = names("\n".join(lines))
    assert [name for name, _ in found.children] == lines[:MOST]
    assert told("\n".join(lines)) == [
        f"I read 40 names at once. Please send “{lines[MOST]}” and the rest in another message."
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remark_can_be_said(language: str) -> None:
    odd = "Ana\nAna\nAna Romero a@b.example\nBen Cole\tArt\n12\nRomero, Ana\n" + "x" * 90
    many = "\n".join(f"Ana {chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(41))
    remarks = [*names(odd).remarks, *names("Romero, Ana").remarks, *names(many).remarks]
    assert len({remark.key for remark in remarks}) == 9
    assert all(remark.said in sentence(remark, language) for remark in remarks if remark.warning)


TEXT = st.one_of(
    st.text(max_size=200),
    st.text("Aé ,;\t\n\r\x00\u202e\ud800()[]<>@.:-–•*1237B", max_size=120),
    st.lists(
        st.sampled_from(["Ana Romero", "(7B)", "7B", "\t", "\n", ", ", "; ", "1. ", "• ", "a@b.c", "+1 555 0100"])
    ).map("".join),
)


@given(TEXT)
def test_whatever_is_pasted_only_names_come_out(text: str) -> None:
    found = names(text)
    assert len(found.children) <= MOST
    for name, group in found.children:
        assert any(map(str.isalpha, name)) and len(name) <= LONGEST and name == name.strip()
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name + group)
        assert "@" not in name
    assert all(1 <= remark.line <= max(1, len(text.splitlines())) for remark in found.remarks)
