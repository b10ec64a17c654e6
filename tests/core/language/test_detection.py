"""Languages of short texts: by letters and small words, and never without need another than the source's."""

import pytest

from bot.core.language.detection import language_in


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Катера вийшли з гавані Кестрел до світанку", "uk"),
        ("Катера вышли из гавани Кестрел до рассвета", "ru"),
        ("The boats left the harbour of Kestrel before dawn", "en"),
        ("Die Boote haben den Hafen von Kestrel vor der Dämmerung verlassen", "de"),
        ("Łodzie opuściły port w Kestrel przed świtem", "pl"),
        ("Båtarna lämnade hamnen i Kestrel före gryningen och är på väg till Varn", "sv"),
    ],
)
def test_a_source_that_mixes_languages_has_texts_in_each(text: str, lang: str) -> None:
    assert language_in(text, "ru", mixes=True) == lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Полша свали руски дронове", "bg"),
        ("Poola tulistas alla Vene droonid", "et"),
        ("Venäjän hävittäjät loukkasivat Viron ilmatilaa", "fi"),
        ("Polija notriec dronus", "lv"),
        ("Un drone s'écrase en Pologne", "fr"),
        ("Slovensko zatvorí hranicu", "sk"),
    ],
)
def test_what_a_language_calls_countries_and_drones_tells_short_titles(text: str, lang: str) -> None:
    assert language_in(text, "en", mixes=True) == lang


@pytest.mark.parametrize("text", ["Президент Орлов в Киеве", "Orel", "2,5 %", "", "🚨🚨", "Катера Орлова"])
def test_what_does_not_tell_is_in_the_language_of_its_source(text: str) -> None:
    assert language_in(text, "ru", mixes=True) == ("en" if text == "Orel" else "ru")


def test_a_source_that_keeps_to_one_language_is_believed_longer() -> None:
    assert language_in("Катера вийшли з гавані", "en", mixes=False) == "uk"
    assert language_in("Die Boote im Hafen", "en", mixes=False) == "en"
    assert language_in("Die Boote im Hafen", "en", mixes=True) == "de"
    assert language_in("Die Boote sind nicht in dem Hafen", "en", mixes=False) == "de"


def test_a_name_with_letters_of_its_own_changes_no_language() -> None:
    assert language_in("Sébastien Orel’s boats leave the harbour for good", "en", mixes=True) == "en"


def test_a_language_without_a_file_is_left_as_it_is() -> None:
    assert language_in("Катерите излязоха от пристанището", "xx", mixes=True) == "xx"
