import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.sentences import can_head, can_stand, dateline, is_opinion, sentences_in

TOLD = "Two patrol boats left Kestrel harbour before dawn on Sunday."


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ()),
        ("Boats left. Nobody saw them!", ("Boats left.", "Nobody saw them!")),
        ("Sen. Orel met Lt. Col. Brook on Nov. 4 in the U.S. embassy. They ate.", None),
        ("Завод им. Орлова закрыт с 2021 г. Директор уехал. Его ищут.", None),
        ("“We stay.” So said the envoy.", ("“We stay.”", "So said the envoy.")),
        ("It costs 2.5 crowns. Or more.", ("It costs 2.5 crowns.", "Or more.")),
    ],
)
def test_sentences_end_where_they_end(text: str, sentences: tuple[str, ...] | None) -> None:
    found = sentences_in(text)
    assert found == sentences if sentences is not None else len(found) == 2


@given(st.text(alphabet="Aa b.!?…”»\"'1Яя ", max_size=80))
def test_sentences_together_are_the_text(text: str) -> None:
    assert "".join("".join(sentences_in(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "VARN, December 4. /VOLGA/. The minister spoke.",
        "VARN, Kestrel (NW) — The minister spoke.",
        "ВАРН, 4 дек - Волга. Министр выступил.",
    ],
)
def test_a_dateline_is_no_part_of_what_is_told(text: str) -> None:
    assert text.startswith(dateline(text))
    assert dateline(text)


def test_most_texts_have_no_dateline() -> None:
    assert dateline("The minister spoke in Varn (again) — at length.") == ""


@pytest.mark.parametrize(
    "sentence",
    [
        TOLD,
        "“We shall answer,” the envoy of Volgia told a paper in Varn.",
        "Россия закрыла мост через Нарву после спора о границе.",
        "The U.S. envoy (an old hand) met his colleague in Varn on Monday.",
        "The Varn Front, also known as the Grey Boats, left Kestrel harbour.",
        "The council of Varn closed the harbour and also moved the boats.",
        "Россия закрыла мост, а также гавань у берегов Кестрела.",
    ],
)
def test_a_whole_sentence_can_stand(sentence: str) -> None:
    assert can_stand(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Boats left the harbour.",
        "and two patrol boats left Kestrel harbour before dawn.",
        "Two patrol boats left Kestrel harbour before dawn and then",
        "Two patrol boats left Kestrel harbour before dawn…",
        "Two patrol boats left Kestrel harbour before dawn...",
        "Will two patrol boats leave Kestrel harbour before dawn?",
        "Will boats leave, asked the mayor? Nobody at the harbour could say.",
        "He told the council that boats had left before dawn.",
        "But two patrol boats left Kestrel harbour before dawn.",
        "Он сообщил совету, что катера вышли до рассвета.",
        "Однако катера вышли из гавани ещё до рассвета.",
        "Here's what we know about the boats of Kestrel harbour.",
        "This is what to know about the boats of Kestrel harbour.",
        "Вот что известно о катерах, вышедших из гавани Кестрел.",
        "Read more about the patrol boats of Kestrel harbour.",
        "Our reporter saw the patrol boats of Kestrel leave before dawn.",
        "Members of the council also say that boats left before dawn.",
        "In a letter, named the Varn Promise, members also say: “We stand by the harbour”.",
        "Министр также заявил, что катера вышли из гавани Кестрел.",
        "Mayor Orel likes to talk of his boats, but lately he has been silent about them.",
        "Mayor Orel has been talking of his boats in the harbour lately.",
        "Мэр Орлов любит говорить о катерах, но сегодня он молчит.",
        "Mayor Orel loves his boats… and the harbour of Kestrel too.",
        "Mayor Orel loves his boats ... and the harbour of Kestrel too.",
        "The mayor said “the boats left before dawn on Sunday.",
        "The mayor (who saw the boats leave before dawn on Sunday.",
        "Reporting by Ann Orel and Ben Brook in Kestrel harbour.",
        "Boats " * 80 + "left.",
    ],
)
def test_fragments_questions_teasers_and_what_points_back_cannot(sentence: str) -> None:
    assert not can_stand(sentence)


def test_whom_a_quotation_means_by_we_is_told_beside_it() -> None:
    assert can_stand("“We shall answer,” the minister told parliament in Varn.")
    assert not can_stand("The minister told parliament that we shall answer in Varn.")


@pytest.mark.parametrize("title", ["Boats leave Kestrel harbour", "Катера вышли из гавани Кестрел"])
def test_a_title_that_tells_can_head(title: str) -> None:
    assert can_head(title)


@pytest.mark.parametrize(
    "title",
    [
        "Boats leave",
        "Will boats leave Kestrel harbour?",
        "Why boats leave Kestrel harbour",
        "Почему катера вышли из гавани",
        "Live: boats leave Kestrel harbour",
        "Kestrel harbour: what we know so far",
        "Катера вышли из гавани: что известно",
        "Boats leave Kestrel harbour after…",
        "boats leave Kestrel harbour",
        "Boats leave… and come back to Kestrel",
        "Opinion | Boats must leave Kestrel harbour",
        "Мнение | Катера должны покинуть гавань",
    ],
)
def test_a_title_that_asks_or_promises_cannot(title: str) -> None:
    assert not can_head(title)


@pytest.mark.parametrize(
    "title",
    [
        "Opinion: Boats must leave Kestrel",
        "OPINION - Boats must leave Kestrel",
        "Opinion | Boats must leave Kestrel",
        "[Opinion] Boats must leave Kestrel",
        "Guest column: Boats must leave Kestrel",
        "Analysis: Why boats must leave Kestrel",
        "Boats must leave Kestrel | Editorial",
        "Boats must leave Kestrel – opinion",
        "Boats must leave Kestrel (commentary)",
        "Мнение: катера должны покинуть Кестрел",
        "Мнение | Катера должны покинуть Кестрел",
        "Колонка — катера должны покинуть Кестрел",
        "Авторская колонка. Катера должны покинуть Кестрел",
        "Катера должны покинуть Кестрел — мнение",
    ],
)
def test_an_opinion_says_so_in_its_title(title: str) -> None:
    assert is_opinion(title)


@pytest.mark.parametrize(
    "title",
    [
        "Opinion poll: half of Varn wants its boats back",
        "Opinion in Varn turns against the boats",
        "Analysis of the wreck: boat burnt for three days",
        "Court gives its opinion on the boats of Varn",
        "Мнение жителей Варна о катерах изменилось",
        "Колонка катеров вышла из гавани Кестрел",
        "Boats leave Kestrel harbour",
    ],
)
def test_a_report_that_speaks_of_opinions_is_none(title: str) -> None:
    assert not is_opinion(title)


@given(st.text(max_size=200))
def test_what_can_stand_or_head_never_asks(text: str) -> None:
    assert not ((can_stand(text) or can_head(text)) and "?" in text)
