from hypothesis import given
from hypothesis import strategies as st

from bot.core.briefing.centrality import Centrality, Sentence, SourceText, central_names, names_in, sentences_of
from bot.core.language.language import ANY

REPORTS = (
    SourceText(
        "Boats leave Kestrel harbour",
        "Two patrol boats left Kestrel harbour before dawn. Bakers were not amused.",
        "en",
    ),
    SourceText(
        "Kestrel's boats put to sea",
        "Rain fell on the town. Patrol boats left the harbour of Kestrel early on Sunday.",
        "en",
    ),
    SourceText("Mayor silent on boats", "The mayor had porridge. Kestrel harbour lost two boats.", "en"),
)


def test_what_several_reports_tell_is_most_central() -> None:
    first = Centrality(REPORTS).most_central(sentences_of(REPORTS), 1)
    assert [sentence.text for sentence in first] == ["Two patrol boats left Kestrel harbour before dawn."]


def test_what_all_tell_outweighs_more_that_only_some_tell() -> None:
    some, every = Sentence(0, 0, "Harbour bridge market.", "en"), Sentence(1, 0, "Boats leave of.", "en")
    reports = [
        SourceText("Boats leave", "harbour bridge market", "en"),
        SourceText("Boats leave", "harbour bridge market", "en"),
        SourceText("Boats leave", "", "en"),
    ]
    assert Centrality(reports).most_central([some, every], 1) == (every,)


def test_a_second_sentence_says_something_else_if_it_can() -> None:
    reports = [
        SourceText("Boats leave", "Boats left Kestrel. The mayor resigned.", "en"),
        SourceText("Boats leave", "Boats left Kestrel.", "en"),
    ]
    chosen = Centrality(reports).most_central(sentences_of(reports), 2)
    assert [sentence.text for sentence in chosen] == ["Boats left Kestrel.", "The mayor resigned."]


def test_of_two_alike_the_earlier_in_its_report_is_taken() -> None:
    one, other = Sentence(0, 1, "Boats left Kestrel early.", "en"), Sentence(1, 0, "Boats left Kestrel early.", "en")
    assert Centrality([SourceText("", one.text, "en")]).most_central([one, other], 1) == (other,)


def test_sentences_know_their_report_and_their_place_without_dateline() -> None:
    texts = ["VARN, December 4. /VOLGA/. Boats left. Nobody saw.", "", "Rain fell."]
    assert sentences_of([SourceText("", text, "en") for text in texts]) == (
        Sentence(0, 0, "Boats left.", "en"),
        Sentence(0, 1, "Nobody saw.", "en"),
        Sentence(2, 0, "Rain fell.", "en"),
    )


def names(*texts: str) -> list[frozenset[str]]:
    return [names_in(text, ANY) for text in texts]


def test_a_name_is_one_in_both_alphabets_and_in_all_its_cases() -> None:
    english, russian = names("The boats of Putilov left Kestrel.", "Катера Путилова вышли из Кестрела.")
    assert len(english & russian) == 2


def test_what_begins_a_sentence_is_no_name_and_in_a_title_of_capitals_nothing_is() -> None:
    assert names("Boats left early. Nobody saw them.", "Boats Leave The Harbour Early") == [frozenset(), frozenset()]


def test_days_and_months_are_no_names() -> None:
    assert names("The boats left on Sunday, in March.", "Early in March, on Sunday") == [frozenset(), frozenset()]


def test_the_names_of_an_event_are_those_that_half_of_its_reports_have_and_two_at_least() -> None:
    reports = [
        SourceText("Orel Sends His Boats To Sea", "The boats of mayor Orel left Varn.", "en"),
        SourceText("Boats of mayor Orel leave", "Early on Sunday the boats of Orel left.", "en"),
        SourceText("Mayor is silent", "The cousin of Brook has a bakery in Pell.", "en"),
        SourceText("Bread is dear", "A loaf in Lomby costs more.", "en"),
    ]
    assert central_names(reports) == names_in("The mayor Orel.", "en")


def test_what_only_one_of_two_reports_names_is_not_central() -> None:
    assert (
        central_names(
            [SourceText("Boats leave", "The boats left Varn.", "en"), SourceText("Mayor Orel is silent", "", "en")]
        )
        == frozenset()
    )


def test_of_one_report_the_names_of_the_title_are_central() -> None:
    report = SourceText("Orel's Boats Leave Varn", "In the rain of Varn the boats of mayor Orel left for Pell.", "en")
    assert central_names([report]) == names_in("The boats: Varn, Orel.", "en")


def test_reports_without_names_have_no_central_ones() -> None:
    assert (
        central_names([SourceText("Boats leave", "The boats left.", "en"), SourceText("Rain", "It rained.", "en")])
        == frozenset()
    )
    assert central_names([]) == frozenset()


@given(
    st.lists(st.builds(SourceText, st.text(max_size=40), st.text(max_size=80), st.just("en")), max_size=5),
    st.integers(0, 4),
)
def test_only_sentences_of_the_reports_are_chosen_each_once(reports: list[SourceText], count: int) -> None:
    told = sentences_of(reports)
    chosen = Centrality(reports).most_central(told, count)
    assert bool(chosen) == bool(count and told)
    assert len({sentence.text for sentence in chosen}) == len(chosen) <= count
    assert all(sentence in told for sentence in chosen)
    assert all(sentence.text in reports[sentence.report].text for sentence in chosen)
