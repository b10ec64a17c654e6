"""Text: cleaning, folding and cutting into words, in the scripts that the subject is written in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import text as text_module
from bot.core.language.language import ANY, languages
from bot.core.language.text import Words, clean, fold, title_key, words_in, words_of

any_text = st.text(st.characters())  # with surrogates, controls and private characters


def folded(text: str) -> list[str]:
    return [word.folded for word in words_in(text, ANY)]


def stems(text: str) -> list[str]:
    return [word.stem for word in words_in(text, ANY)]


@given(any_text)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(any_text)
def test_clean_text_has_no_unseen_characters_and_one_kind_of_space(text: str) -> None:
    kept = clean(text)
    kept.encode()
    assert kept == " ".join(kept.split())
    assert not any(unicodedata.category(char) == "Cc" for char in kept)


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("  Baltic\tcable\r\ncut ", "Baltic cable cut"),
        ("Baltic\u00a0cable", "Baltic cable"),
        ("NA\u200bTO", "NATO"),
        ("\u202eevil\u202c text", "evil text"),
        ("tank\u00ads", "tanks"),
        ("Ko\u0308nigsberg", "Königsberg"),
        ("half \ud800 pair", "half pair"),
        ("\ufeffTitle", "Title"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308 parade", "\U0001f3f3\ufe0f\u200d\U0001f308 parade"),
        ("\U0001f469\U0001f3fd\u200d\u2708\ufe0f flies", "\U0001f469\U0001f3fd\u200d\u2708\ufe0f flies"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f votes",) * 2,
        ("NA\u200dTO \U0001f308\u200d in\u200d\U0001f308", "NATO \U0001f308 in\U0001f308"),
        ("tags\U000e0067\U000e007f", "tags"),
        ("", ""),
    ],
)
def test_clean(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


@given(any_text)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Königsberg", "konigsberg"),
        ("Królewiec", "krolewiec"),
        ("Łódź", "lodz"),
        ("STRASSE Straße", "strasse strasse"),
        ("Ørsted Đukanović", "orsted dukanovic"),
        ("Ёлка", "елка"),
        ("Шойгу йод", "шойгу йод"),
        ("Україна", "украина"),
        ("Київ", "киив"),
        ("ИСТАНБУЛ", "истанбул"),
        ("İstanbul", "istanbul"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("air-defence", ["air", "defence"]),
        ("S-400 F-16 Су-57", ["s400", "f16", "су57"]),
        ("F\u201116", ["f16"]),
        ("mid-2025", ["mid", "2025"]),
        ("Россия–НАТО", ["россия", "нато"]),
        ("Russia's NATO’s allies'", ["russia", "nato", "allies"]),
        ("“drones” «дроны»", ["drones", "дроны"]),
        ("don't don’t", ["dont", "dont"]),
        ("l'OTAN, d’Ukraine", ["otan", "ukraine"]),
        ("О'Брайен", ["обрайен"]),
        ("5% 5 % 2,5%", ["5%", "5%", "2.5%"]),
        ("1,000 1000 1,000,000", ["1000", "1000", "1000000"]),
        ("U.S. and the U.K.", ["us", "and", "the", "uk"]),
        ("В.В.Путин", ["вв", "путин"]),
        ("9M729", ["9m729"]),
        ("НАТО expands", ["нато", "expands"]),
        ("¿!… — 🙂", []),
        ("10 000 men, 2025 300, 1 000 000", ["10000", "men", "2025", "300", "1000000"]),
        ("дро́ны Кремля́", ["дроны", "кремля"]),
        ("F–16, Су–57", ["f16", "су57"]),
        ("More: https://paper.example/estonia?a=b, www.paper.example", ["more"]),
        ("see t.me/telegram/12 or varn.example/a", ["see", "or"]),
        ("@kestrel wrote to desk@varn.example", ["wrote", "to"]),
        ("#Kestrel and/or Varn.ru", ["kestrel", "and", "or", "varn", "ru"]),
    ],
)
def test_cutting_into_words(text: str, expected: list[str]) -> None:
    assert folded(clean(text)) == expected


@pytest.mark.parametrize(
    "forms",
    [
        "drone drones Drone's",
        "Калининград Калининграда Калининграде",
        "Россия России Россией Россию",
        "Україна України Україною Украина",
        "дрон дронів дронами",
        "F-16 F-16s",
        "Т-90 T-90",
        "Су-57 Su-57",
        "С-300 S-300 C-300",
        "defence defense",
    ],
)
def test_inflections_share_a_stem(forms: str) -> None:
    assert len(set(stems(forms))) == 1


@pytest.mark.parametrize(
    "pair", ["NATO senator", "NATO signatory", "NATO coordinator", "EU Reuters", "war Warsaw", "НАТО НАТОвский"]
)
def test_a_word_is_never_a_part_of_another(pair: str) -> None:
    name, longer = words_in(pair, ANY)
    assert {name.folded, name.stem}.isdisjoint({longer.folded, longer.stem})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("US drone", ["US", ""]),
        ("U.S. drone", ["US", ""]),
        ("tell us, Us", ["", "", ""]),
        ("Nato, NATO's, l'Otan", ["NATO", "NATO", "OTAN"]),
        ("two UAVs", ["", "UAV"]),
        ("UNESCO", [""]),
        ("США про ПРО", ["США", "", "ПРО"]),
        ("NATO TELLS US TO PAY", ["NATO", "", "", "", "PAY"]),
        ("Kyiv and Who, nato and kyiv", ["KYIV", "", "", "", "", ""]),
        ("NATO, US, EU", ["NATO", "US", "EU"]),
    ],
)
def test_short_names_in_capitals(text: str, names: list[str]) -> None:
    assert [word.name for word in words_in(text, ANY)] == names


def test_words_keep_what_was_printed() -> None:
    words = words_of("Drones over Łódź", "NATO's reply", "pl")
    assert [word.surface for word in words.title] == ["Drones", "over", "Łódź"]
    assert [word.surface for word in words.summary] == ["NATO", "reply"]
    assert words == Words(words_in("Drones over Łódź", "pl"), words_in("NATO's reply", "pl"))


@given(any_text)
def test_any_text_can_be_cut(text: str) -> None:
    assert all(word.folded and word.stem for word in words_in(clean(text), ANY))


@pytest.mark.parametrize(
    ("title", "reprint"),
    [
        ("Baltic cable cut, Finland says", "BALTIC CABLE CUT — Finland says"),
        ("«Калининград»: учения", "Калининград учения!"),
        ("U.S. aid", "US aid"),
    ],
)
def test_reprints_share_a_key(title: str, reprint: str) -> None:
    assert title_key(title) == title_key(reprint)


def test_keys_keep_word_order_and_are_never_empty_for_a_title() -> None:
    assert title_key("Russia warns NATO") != title_key("NATO warns Russia")
    assert title_key("🚨🚨") == "🚨🚨"


def test_the_memory_of_words_is_bounded() -> None:
    for number in range(0, text_module._MEMO_LIMIT + 1000, 500):
        words_in(" ".join(f"x{index}" for index in range(number, number + 500)), ANY)
        assert sum(map(len, text_module._memos(languages()).values())) <= text_module._MEMO_LIMIT
