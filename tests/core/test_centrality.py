from hypothesis import given
from hypothesis import strategies as st

from bot.core.centrality import Centrality, Sentence, sentences_of

REPORTS = (
    ("Boats leave Kestrel harbour", "Two patrol boats left Kestrel harbour before dawn. Bakers were not amused."),
    ("Kestrel's boats put to sea", "Rain fell on the town. Patrol boats left the harbour of Kestrel early on Sunday."),
    ("Mayor silent on boats", "The mayor had porridge. Kestrel harbour lost two boats."),
)
TEXTS = [text for _, text in REPORTS]


def test_what_several_reports_tell_is_most_central() -> None:
    first = Centrality(REPORTS).most_central(sentences_of(TEXTS), 1)
    assert [sentence.text for sentence in first] == ["Two patrol boats left Kestrel harbour before dawn."]


def test_what_all_tell_outweighs_more_that_only_some_tell() -> None:
    some, every = Sentence(0, 0, "Harbour bridge market."), Sentence(1, 0, "Boats leave of.")
    reports = [("Boats leave", "harbour bridge market"), ("Boats leave", "harbour bridge market"), ("Boats leave", "")]
    assert Centrality(reports).most_central([some, every], 1) == (every,)


def test_a_second_sentence_says_something_else_if_it_can() -> None:
    reports = [("Boats leave", "Boats left Kestrel. The mayor resigned."), ("Boats leave", "Boats left Kestrel.")]
    chosen = Centrality(reports).most_central(sentences_of([text for _, text in reports]), 2)
    assert [sentence.text for sentence in chosen] == ["Boats left Kestrel.", "The mayor resigned."]


def test_of_two_alike_the_earlier_in_its_report_is_taken() -> None:
    one, other = Sentence(0, 1, "Boats left Kestrel early."), Sentence(1, 0, "Boats left Kestrel early.")
    assert Centrality([("", one.text)]).most_central([one, other], 1) == (other,)


def test_sentences_know_their_report_and_their_place_without_dateline() -> None:
    texts = ["VARN, December 4. /VOLGA/. Boats left. Nobody saw.", "", "Rain fell."]
    assert sentences_of(texts) == (
        Sentence(0, 0, "Boats left."),
        Sentence(0, 1, "Nobody saw."),
        Sentence(2, 0, "Rain fell."),
    )


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), max_size=5), st.integers(0, 4))
def test_only_sentences_of_the_reports_are_chosen_each_once(reports: list[tuple[str, str]], count: int) -> None:
    told = sentences_of([text for _, text in reports])
    chosen = Centrality(reports).most_central(told, count)
    assert bool(chosen) == bool(count and told)
    assert len({sentence.text for sentence in chosen}) == len(chosen) <= count
    assert all(sentence in told for sentence in chosen)
    assert all(sentence.text in reports[sentence.report][1] for sentence in chosen)
