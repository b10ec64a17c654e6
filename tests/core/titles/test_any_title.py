"""Any title can be read, and compared with any other: a feed's words may come in any order."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config_files import ConfigTable
from bot.core.language.language import languages
from bot.core.titles.corrections import is_retold, is_reversed
from bot.core.titles.reading import read_title

LANGS = ("en", "ru", "uk", "pl", "de", "fr", "ro", "hu", "bg", "cs", "sk", "et", "lv", "lt", "fi", "sv", "no", "da")


def texts_in(value: object) -> Iterator[str]:
    """Every word and phrase of a section of a language's file."""
    if isinstance(value, str):
        yield value.replace("*", "")
    elif isinstance(value, ConfigTable):
        for name in type(value).model_fields:
            yield from texts_in(getattr(value, name))
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from texts_in(each)


def titles_in(lang: str) -> st.SearchStrategy[str]:
    """Words that steer the reading of a title, names, numbers and marks, in any order."""
    language = languages().of(lang)
    steering = sorted({*texts_in(language.titles), *texts_in(language.corrections)} - {""})
    words = st.sampled_from(steering) | st.sampled_from(["Kestrel", "Кестрел", "NATO", "drone", "дрон", "12", "third"])
    marks = st.sampled_from([" ", " ", " ", ", ", ": ", " – ", "? ", "! ", ". ", " “", "” ", " «", "» ", " | ", "; "])
    return st.lists(st.tuples(words, marks), max_size=9).map(lambda pairs: "".join(map("".join, pairs)).strip())


@pytest.mark.parametrize("lang", LANGS)
@given(data=st.data())
def test_any_title_is_read_and_compared(lang: str, data: st.DataObject) -> None:
    before, after = data.draw(titles_in(lang)), data.draw(titles_in(lang))
    reading = read_title(before, lang)
    words = [word for clause in reading.clauses for word in clause.words]
    assert len(words) <= len(before)
    assert {word.surface for clause in reading.affirmed for word in clause.words} <= {word.surface for word in words}
    assert is_retold(before, before, lang=lang)
    is_retold(before, after, lang=lang)
    is_reversed(before, after, lang=lang)


def test_a_hedge_and_what_it_introduces_are_read_together() -> None:
    assert not read_title("Не исключено, что дрон упал у Кестрела", "ru").affirmed
