"""What happens to a name more often than usual. The headlines are in our own words."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.lexicon_files import TranslationsFile, lexicon_of
from bot.core.stories.bursts import WINDOW, Bursts
from bot.core.stories.signature import Signature, signature_of
from tests.builders import NOW, item

LEXICON = lexicon_of(
    {"organisations": [["NATO", "НАТО"], ["Interpol"]]},
    TranslationsFile.model_validate(
        {"things": [["summit", "саммит*"], ["war"], ["budget"]], "usual": {"NATO": 200, "war": 200}}
    ),
)
SUMMIT = ("@nato", "~summit")


def read(title: str, summary: str = "") -> Signature:
    return signature_of(item(title, summary=summary, published=NOW), LEXICON)


def bursts_after(*titles: str, step: timedelta = timedelta(hours=1)) -> Bursts:
    bursts = Bursts(LEXICON.usual)
    for number, title in enumerate(titles):
        bursts.add(NOW + number * step, read(title))
    return bursts


def test_a_pair_that_comes_again_and_again_bursts() -> None:
    bursts = bursts_after(*["NATO summit opens"] * 5)
    assert bursts.of(read("Guests leave the NATO summit"))[SUMMIT] > 0


def test_the_first_reports_do_not() -> None:
    assert not bursts_after(*["NATO summit opens"] * 2).of(read("NATO summit goes on"))


def test_both_languages_count_together() -> None:
    assert SUMMIT in bursts_after(*["NATO summit opens", "Открылся саммит НАТО"] * 3).of(read("Саммит НАТО завершён"))


def test_more_reports_burst_more_up_to_a_limit() -> None:
    found = [bursts_after(*["NATO summit opens"] * count).of(read("NATO summit"))[SUMMIT] for count in (4, 5, 40, 80)]
    assert found[0] < found[1] < found[2] == found[3]


def test_what_is_always_said_together_does_not() -> None:
    assert not bursts_after(*["NATO speaks of war"] * 5).of(read("NATO and the war"))


def test_two_days_later_it_is_over() -> None:
    bursts = bursts_after(*["NATO summit opens"] * 9)
    bursts.add(NOW + WINDOW + timedelta(hours=10), read("A quiet day"))
    assert not bursts.of(read("NATO summit remembered"))


def test_what_was_common_before_is_usual() -> None:
    fresh = bursts_after(*["NATO summit opens"] * 6)
    used = bursts_after(*["NATO summit opens"] * 606, step=timedelta(hours=8))
    assert fresh.of(read("NATO summit"))
    assert not used.of(read("NATO summit"))


def test_only_titles_count_and_names_with_things() -> None:
    bursts = bursts_after(*["NATO and Interpol meet over summit budget"] * 6)
    assert not bursts.of(read("Guests leave", "The NATO summit is over."))
    assert not bursts.of(read("Interpol and NATO"))
    assert not bursts.of(read("Summit of budget"))


@given(st.lists(st.sampled_from(["NATO summit", "NATO war", "Interpol budget", "Nothing"]), max_size=30))
def test_reading_changes_nothing(titles: list[str]) -> None:
    bursts = bursts_after(*titles)
    once = [dict(bursts.of(read(title))) for title in titles]
    assert once == [dict(bursts.of(read(title))) for title in titles]
