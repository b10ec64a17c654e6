"""What is understood of titles in languages that a chat doesn't read, by the tables as they ship."""

import pytest

from bot.config_files import read_model
from bot.core.message.blocks import text_of
from bot.core.stories.events import EventsFile
from bot.core.wording.readership import Readership
from bot.core.wording.title_facts import LONGEST, TitleFacts
from bot.subject import config_folder
from tests.builders import item
from tests.fakes import real_subject


@pytest.fixture(scope="module")
def facts() -> TitleFacts:
    subject = real_subject()
    return TitleFacts(subject.events, subject.aliases)


@pytest.mark.parametrize(
    ("lang", "title", "understood"),
    [
        ("ro", "Dronă rusească lovește un bloc din Galați, doi răniți", "drone strike · Galați · 2 injured"),
        ("uk", "Російський дрон влучив у будинок у Галаці, двоє поранених", "drone strike · Galați · 2 injured"),
        ("pl", "Rosyjski dron uderzył w blok w Gałaczu, dwie osoby ranne", "drone strike · Galați · 2 injured"),
        ("ru", "Беспилотник атаковал танкер у Новороссийска: двое погибших", "drone strike · Novorossiysk · 2 dead"),
        ("ru", "Эстония выслала двух дипломатов", "expulsion of diplomats · Estonia · 2 diplomats"),
        ("en", "At least 12 dead as missile hits Tulcea", "missile strike · Tulcea · at least 12 dead"),
        ("en", "NATO exercise begins in Latvia with 3,000 troops", "exercise · Latvia · 3,000 troops"),
        ("en", "Moscow denies its drones hit Galati", "drone strike, denied · Galați"),
        ("ru", "Россия якобы сбила 3 дрона над Курском", "drone shot down, not certain · Kursk · 3 drones"),
        ("en", "Why did drones hit Galati?", "Galați"),
        ("en", "Choir wins prize", ""),
    ],
)
def test_a_title_is_understood_by_the_tables(facts: TitleFacts, lang: str, title: str, understood: str) -> None:
    assert facts.of(item(title, lang=lang)) == understood


@pytest.mark.parametrize(
    ("lang", "title", "number"),
    [
        ("ro", "Doi oameni au fost răniți la Galați", "2 injured"),
        ("ru", "Сбиты 112 украинских беспилотников", "112 drones"),
        ("en", "Drones hit Tulcea: one dead, 5 injured", "1 dead · 5 injured"),
    ],
)
def test_numbers_are_told_with_what_they_count(facts: TitleFacts, lang: str, title: str, number: str) -> None:
    assert facts.of(item(title, lang=lang)).endswith(f" · {number}")


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("pl", "19-letni żołnierz zabity w Narwie"),
        ("ru", "В Курске 12 500 военных"),  # which of its words is a number depends on the language
        ("ro", "Exercițiu la Constanța cu 3.000 de militari"),
        ("en", "F 35 jets over Tulcea"),
        ("en", "Third drone in 24 hours over Tulcea"),
        ("en", "In 2026 drones over Tulcea"),
        ("en", "Nobody killed: 2 dead drones denied over Tulcea"),
        ("ro", "După 4 ani răniți la Galați"),
        ("en", "Drones hit Tulcea, 5 percent injured"),
    ],
)
def test_a_number_that_may_count_something_else_is_left_out(facts: TitleFacts, lang: str, title: str) -> None:
    assert not any(map(str.isdigit, facts.of(item(title, lang=lang))))


def test_what_is_understood_is_short(facts: TitleFacts) -> None:
    cities = "Novorossiysk, Kaliningrad, Sevastopol, Belgorod"
    said = facts.of(item(f"Drones hit {cities}: at least 12 dead, at least 34 injured, 5 tankers, 12 ships"))
    assert said.startswith("drone strike · Novorossiysk")
    assert len(said) <= LONGEST


def test_only_titles_that_a_chat_does_not_read_have_a_line(facts: TitleFacts) -> None:
    english = Readership(langs=("en",), facts=facts.of)
    (block,) = english.facts_blocks(item("Doi răniți la Galați", lang="ro"))
    assert text_of(block.runs) == "ro · Galați · 2 injured (my reading)"
    assert not any(run.italic for run in block.runs), "that is how words of the article look"
    assert not list(english.facts_blocks(item("Two injured in Galati")))
    assert not list(english.facts_blocks(item("Corul a câștigat", lang="ro")))
    assert not list(Readership(facts=facts.of).facts_blocks(item("Doi răniți la Galați", lang="ro")))


def test_every_event_type_is_called_something_short_and_by_things_that_there_are() -> None:
    table = read_model(config_folder() / "subject" / "events.toml", EventsFile)
    assert all(event.short for event in table.event)
    things = [thing for event in table.event for thing in event.short_with]
    assert [thing for thing in things if real_subject().lexicon.term_of(thing) is None] == []
