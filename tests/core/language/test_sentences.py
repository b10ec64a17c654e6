from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.sentences import can_stand, dateline, sentences_in, told

TOLD = "Two patrol boats left Kestrel harbour before dawn on Sunday."


def lang_of(text: str) -> str:
    return "ru" if any("а" <= letter <= "я" for letter in text.lower()) else "en"


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
    found = sentences_in(text, lang_of(text))
    assert found == sentences if sentences is not None else len(found) == 2


@given(st.text(alphabet="Aa b.!?…”»\"'1Яя ", max_size=80))
def test_sentences_together_are_the_text(text: str) -> None:
    assert "".join("".join(sentences_in(text, lang_of(text))).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "VARN, December 4. /VOLGA/. The minister spoke.",
        "VARN, Kestrel (NW) — The minister spoke.",
        "ВАРН, 4 дек - Волга. Министр выступил.",
        "Varn (VW) – The minister spoke.",
        "Kestrel, 2026. május 4., hétfő (VÁR) - A miniszter",
        "(Volga) - The minister spoke.",
        "Varn (agy) - Der Minister sprach.",
        "Varn 4. prosince (VÁR) - Ministr mluvil.",
        "ВІЛЬЧІ, 4 грудня (Агенція). Міністр виступив.",
        "VÂRNEȘTI, 4 dec - Ministrul a vorbit.",
        "(VTB) Ministeren snakket.",
    ],
)
def test_a_dateline_is_no_part_of_what_is_told(text: str) -> None:
    assert text.startswith(dateline(text))
    assert dateline(text)


def test_most_texts_have_no_dateline() -> None:
    assert dateline("The minister spoke in Varn (again) — at length.") == ""
    assert dateline("The minister spoke in Varn (VW) — at length.") == ""


def test_a_dateline_is_looked_for_in_no_time() -> None:
    start = process_time()
    assert not any(map(dateline, ("A" * 3000, "Aa " * 1000, "A'A-" * 700)))
    assert process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("VARN (VW) — Boats left. Photo: Ann Orel/Volga. They came back.", "Boats left. They came back."),
        ("Boats left (Photo by Ann Orel/Volga) at dawn.", "Boats left at dawn."),
        ("Фото: Волга. Катера ушли. © Волга", "Катера ушли."),
        ("Photographers saw boats. A photo shows them.", "Photographers saw boats. A photo shows them."),
    ],
)
def test_what_is_told_has_no_dateline_and_no_credits(text: str, rest: str) -> None:
    assert told(text, lang_of(text)) == rest


@pytest.mark.parametrize(
    ("lang", "text", "rest"),
    [
        ("de", "Boote liefen aus. Foto: Orel/Volga", "Boote liefen aus."),
        ("cs", "Lodě vypluly. Zdroj: Volga", "Lodě vypluly."),
        ("pl", "Fot. Jan Orel/Volga. Łodzie wypłynęły.", "Łodzie wypłynęły."),
        ("hu", "A hajók elindultak. Fotó: Orel/Volga", "A hajók elindultak."),
        ("lt", "Laivai išplaukė. Jono Orlo / Volga nuotr.", "Laivai išplaukė."),
        ("fi", "Veneet lähtivät. Kuva: Orel / Volga", "Veneet lähtivät."),
        ("fr", "Les bateaux partent. Crédit photo : Orel", "Les bateaux partent."),
        ("bg", "Снимка: Волга. Корабите тръгнаха.", "Корабите тръгнаха."),
        ("uk", "Катери вийшли. Фото: Волга", "Катери вийшли."),
    ],
)
def test_credits_are_known_in_all_languages(lang: str, text: str, rest: str) -> None:
    assert told(text, lang) == rest


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Am 4. November sagte der Minister das. Es kostet mehr als 25 Kronen."),
        ("cs", "Sešli se 4. 11. 2026 ve Varně. Pak odešli."),
        ("uk", "Ген. Орлов сказав це. Потім він пішов."),
        ("de", "Es kostet mehr als 25. Der Minister ging."),
    ],
)
def test_dates_and_ranks_end_no_sentence(lang: str, text: str) -> None:
    assert len(sentences_in(text, lang)) == 2


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
    assert can_stand(sentence, lang_of(sentence))


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
    assert not can_stand(sentence, lang_of(sentence))


def test_whom_a_quotation_means_by_we_is_told_beside_it() -> None:
    assert can_stand("“We shall answer,” the minister told parliament in Varn.", "en")
    assert not can_stand("The minister told parliament that we shall answer in Varn.", "en")


@given(st.text(max_size=200))
def test_what_can_stand_never_asks(text: str) -> None:
    assert not (can_stand(text, lang_of(text)) and "?" in text)
