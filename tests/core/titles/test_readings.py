"""A title and what is read in it, case by case: readings.tsv. Every event there is invented."""

import re
from pathlib import Path

import pytest

from bot.core.titles.reading import Stance, TitleReading, read_title

ANY = "*"
ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("readings.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def genre(reading: TitleReading) -> str:
    return "withdrawn" if reading.is_withdrawn else reading.genre


def stance(reading: TitleReading) -> str:
    return "question" if reading.stance is Stance.ASKED else reading.stance


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_title_is_read_as_people_read_it(row: list[str]) -> None:
    lang, title, sort, main, speaker, party, clauses = row
    reading = read_title(title, lang)
    names = [words(each.name) for each in reading.speakers]
    assert sort in {ANY, genre(reading)}
    assert main in {ANY, stance(reading)}
    assert speaker == ANY or (words(speaker) in names if speaker else not names)
    assert party in {ANY, reading.party or ""}
    assert clauses in {ANY, " ".join([clause.stance for clause in reading.clauses])}
