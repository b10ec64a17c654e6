"""A language is added by its file alone: a made-up one, dropped into a folder, is read like those that ship."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from bot.core.language.amounts import amount_at, ordinal
from bot.core.language.detection import language_in
from bot.core.language.language import language_folder, read_languages, using
from bot.core.language.lexicon import NO_LEXICON
from bot.core.language.sentences import can_stand, sentences_in
from bot.core.language.text import words_in
from bot.core.message.durations import Also, to_duration
from bot.core.model import RuleId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.signature import signature_of
from bot.core.titles.clauses import Stance
from bot.core.titles.corrections import is_reversed
from bot.core.titles.reading import read_title
from bot.errors import ConfigError
from bot.sources.parsing.dates import written_date
from tests.builders import item

LOMBIAN = """
name = "Lombian"

[words]
letters = "ẽ"
endings = "ok okat en"
compounding = true
small = "za or ut pe die"
elided = "ul"
possessive = "us"
empty = "mondra"

[numbers]
at_least = ["mi kev"]
rising = "nova"
rising_to = "gi"
glued_ordinals = "zu"
ones_before_tens = "kaj"
one_before_tens = "un"

[numbers.cardinals]
3 = "trom"
20 = "dvanta"
4 = "kvar"

[numbers.ordinals]
7 = "septu"

[numbers.multipliers]
1000 = "tusa"

[[numbers.vague]]
words = "dvantoj"
low = 20
high = 99

[time]
months = [
  "januk", "februk", "markuk", "apruk", "majuk", "junuk", "juluk", "aguk", "septuk", "oktuk", "novuk", "decuk",
]
overnight = "noktu"
leading = "dum"
filling = "la"
joining = "kaj"
ago = "antau"

[time.units]
hour = "hor horok"
week = "semok semo"

[time.back]
hierau = "P2D"

[time.zones]
lmt = 5

[sentences]
abbreviations = "Sinj"
teasers = ["legu plu"]
pointing_back = ["li"]

[titles.stance]
negation = "nem"
denials = "refutas"

[corrections]
opposites = [["atakas", "indulgas"]]
"""


@pytest.fixture(autouse=True)
def lombian(tmp_path: Path) -> Iterator[None]:
    folder = Path(copytree(language_folder(), tmp_path / "languages"))
    (folder / "lo.toml").write_text(LOMBIAN, encoding="utf-8")
    with using(read_languages(folder)):
        yield


def test_its_words_are_one_in_any_inflection() -> None:
    assert [word.stem for word in words_in("barkok barkokat bark", "lo")] == ["bark"] * 3
    assert [word.stem for word in words_in("barkok barkokat", "en")] != ["bark"] * 2


def test_a_rule_finds_a_word_as_the_language_of_the_report_has_it() -> None:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule("barkokat"))
    assert list(index.matches(item("Barkok mondra Kestrel", lang="lo"))) == [1]
    assert not list(index.matches(item("Bark mondra Kestrel", lang="en")))


@pytest.mark.parametrize(
    ("rule", "word", "is_found"),
    [
        ("havenok", "Havenlimota", True),  # begins with it
        ("havenok", "Varnhavenokat", True),  # ends with it
        ("limo", "Havenlimo", False),  # under five letters
        ("daten", "Soldatenok", False),  # under six to end a compound
        ("havenlimo", "Havenok", False),
    ],
)
def test_a_compound_says_what_its_parts_say(rule: str, word: str, is_found: bool) -> None:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule(rule))
    report = item(f"{word} mondra", lang="lo")
    assert bool(list(index.matches(report))) == is_found
    assert not is_found or index.explain(RuleId(1), report).words == (word,)
    assert not list(index.matches(item(f"{word} mondra", lang="en")))


def test_its_small_words_are_no_words_of_rules_in_other_languages() -> None:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule("pilots die"))
    index.add(RuleId(2), parse_rule("die"))
    assert set(index.matches(item("Two pilots die in Kestrel"))) == {1, 2}
    assert not set(index.matches(item("Die pilots za Kestrel", lang="lo")))


def test_its_lengths_of_time_are_read() -> None:
    assert to_duration("trom horok kaj kvar semok") == timedelta(hours=3, weeks=4)
    assert to_duration("dum la semo") == timedelta(weeks=1)
    assert to_duration("hierau", Also.BACK) == timedelta(days=2)


def test_its_numbers_are_read() -> None:
    amounts = [amount_at(words_in(text, "lo"), place) for text, place in (("mi kev trom tusa", 2), ("dvantoj", 0))]
    assert [(found.low, found.high) for found, _ in filter(None, amounts)] == [(3000, float("inf")), (20, 99)]
    twenty_four = amount_at(words_in("dvanta kvar", "lo"), 0)
    assert twenty_four is not None
    assert twenty_four[0].said == 24
    joined = [amount_at(words_in(text, "lo"), 0) for text in ("tromkajdvanta", "unkajdvanta", "tromkajdvanta trom")]
    assert [(amount.said, length) for amount, length in filter(None, joined)] == [(23, 1), (21, 1), (23, 1)]
    assert [ordinal(word, None) for word in words_in("septu 9zu bark", "lo")] == [7, 9, 0]


def test_its_dates_are_read() -> None:
    assert str(written_date("4zu decuk 2026 10:00 LMT")) == "2026-12-04 05:00:00+00:00"


def test_what_an_apostrophe_joins_to_its_words_is_cut_off() -> None:
    assert [word.folded for word in words_in("Ul'Kestrel Varn'us ut'Varn", "lo")] == ["kestrel", "varn", "utvarn"]


def test_its_sentences_end_where_they_end_and_stand_where_they_can() -> None:
    assert sentences_in("Sinj. Orel foris. Li dormas.", "lo") == ("Sinj. Orel foris.", "Li dormas.")
    told = "Du barkok foris el haveno de Kestrel noktu."
    assert can_stand(told, "lo")
    assert not can_stand(f"Li diris ke {told}", "lo")
    assert not can_stand(f"Legu plu: {told}", "lo")


def test_its_words_tell_that_a_text_is_in_it() -> None:
    assert language_in("Barkok za haveno pe Kestrel ut Varn ẽ", "en", mixes=True) == "lo"


def test_its_nights_and_empty_words_tell_events_apart() -> None:
    signature = signature_of(item("Barkok mondra noktu Kestrel", lang="lo"), NO_LEXICON)
    assert signature.nights
    assert {"lo:bark", "lo:barkok"} & signature.terms.keys()
    assert "lo:mondra" not in signature.terms


def test_its_denials_and_corrections_are_read() -> None:
    assert read_title("Varn nem atakas Kestrel", "lo").stance is Stance.DENIED
    assert read_title("Varn atakas Kestrel", "lo").stance is Stance.ASSERTED
    assert is_reversed("Varn atakas Kestrel", "Varn nem atakas Kestrel", lang="lo")
    assert is_reversed("Varn atakas Kestrel", "Varn indulgas Kestrel", lang="lo")
    assert not is_reversed("Varn atakas Kestrel", "Varn atakas Kestrel noktu", lang="lo")


def test_every_fault_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "lo.toml").write_text(
        'name = "Lombian"\n\n[words]\nsnowball = "lombian"\nflavour = 1\n\n[time]\nmonths = ["januk"]\n\n'
        '[sentences]\nteasers = ["(legu"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as raised:
        read_languages(tmp_path)
    told = [str(fault).removeprefix(f"{tmp_path}/") for fault in raised.value.faults]
    assert [text.split(":")[0] for text in told] == [
        "lo.toml, line 4, [words], snowball",
        "lo.toml, line 5, [words], flavour",
        "lo.toml, line 8, [time], months",
        "lo.toml, line 11, [sentences], teasers 1",
    ]
    assert "should be twelve months, not 1" in told[2]
