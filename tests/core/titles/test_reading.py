"""What titles do with an event. Every event here is invented; the wording is our own."""

import pytest

from bot.core.language.text import fold
from bot.core.titles.reading import Party, TitleReading, read_title


def read(title: str) -> TitleReading:
    return read_title(title, "en" if fold(title).isascii() else "ru")


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Kestrel shoots down drones, Moscow denies involvement", ["Kestrel shoots down drones"]),
        ("Кестрел сбил дроны, в Москве это отрицают", ["Кестрел сбил дроны"]),
        ("Drones hit Kestrel - no casualties", ["Drones hit Kestrel", "no casualties"]),
        ("Moscow denies attack after drones hit Kestrel", []),
        ("Drones never crossed into Kestrel, Moscow says", []),
        ("Kestrel didn't shoot down drones", []),
        ("Claims of drones over Kestrel debunked", []),
        ("Дроны над Кестрелом не летали, заявили в Москве", []),
        ("Не менее пяти дронов над Кестрелом", ["Не менее пяти дронов над Кестрелом"]),
        ("Kestrel knots and denim", ["Kestrel knots and denim"]),
        ("Monument to pilot who shot down drone", ["Monument to pilot"]),
        ("Kestrel tightens rules under which drones are shot down", ["Kestrel tightens rules"]),
        ("Кестрел утвердил правила, по которым сбивают дроны", ["Кестрел утвердил правила"]),
        ("", []),
    ],
)
def test_what_a_title_affirms(title: str, left: list[str]) -> None:
    assert [" ".join([word.surface for word in clause.words]) for clause in read(title).affirmed] == left


@pytest.mark.parametrize(
    ("title", "asks"),
    [
        ("Is Kestrel next?", True),
        ("Why Kestrel shut its port", True),
        ("After the raid: how Kestrel held", True),
        ("What we know about the raid on Kestrel", True),
        ("Live: raid on Kestrel", True),
        ("Raid on Kestrel: live updates", True),
        ("Opinion | Kestrel should talk", True),
        ("Weekly round-up: Kestrel, cables, talks", True),
        ("Кто стоит за взрывом в Кестреле", True),
        ("Что известно о взрыве в Кестреле", True),
        ("Главное за день: Кестрел, кабели", True),
        ("Мнение: Кестрелу пора говорить", True),
        ("Raid on Kestrel takes ten lives", False),
        ("Kestrel holds live-fire drill", False),
        ("Kestrel shuts its port", False),
        ("Как сообщили в порту, кабель цел", False),
        ("Кестрел закрыл порт", False),
    ],
)
def test_questions_opinions_and_round_ups(title: str, asks: bool) -> None:
    assert read(title).is_news is not asks
    assert not (asks and read(title).reports)


@pytest.mark.parametrize(
    ("title", "party"),
    [
        ("Russia says its jet shot down a drone", Party.RUSSIA),
        ("Russian defence ministry claims drone shot down", Party.RUSSIA),
        ("Drone shot down, says Kremlin", Party.RUSSIA),
        ("Drone shot down, Moscow says", Party.RUSSIA),
        ("Drone shot down: Moscow", Party.RUSSIA),
        ("According to Russian state media, drone shot down", Party.RUSSIA),
        ("Peskov: drone shot down", Party.RUSSIA),
        ("Дрон сбит, сообщили в Минобороны", Party.RUSSIA),
        ("Дрон сбит, заявил Песков", Party.RUSSIA),
        ("По данным Минобороны РФ, дрон сбит", Party.RUSSIA),
        ("Минобороны Польши сообщило о сбитом дроне", Party.NATO),
        ("Дрон сбит, сообщили в Минобороны Польши", Party.NATO),
        ("Poland's army says drone shot down", Party.NATO),
        ("Polish Prime Minister Donald Tusk said a drone was shot down", Party.NATO),
        ("Drone downed over Lublin, NATO says", Party.NATO),
        ("Ukraine says drone flew on to Poland", Party.UKRAINE),
        ("Зеленский заявил, что дрон ушёл в Польшу", Party.UKRAINE),
        ("Poland shoots down drones", None),
        ("Poland shoots down drones, Tusk says army stays on alert", None),
        ("Russian drone shot down, witnesses say", None),
        ("Polish media report a drone in Lublin", None),
        ("Russian opposition outlet reports blast", None),
        ("Poland says drone downed, Russia says it was not", None),
        ("Поляки слышали взрыв, сообщают очевидцы", None),
        ("Reports tell us of drones", None),
    ],
)
def test_whose_word_a_title_passes_on(title: str, party: Party | None) -> None:
    assert read(title).party is party


@pytest.mark.parametrize(
    ("title", "is_of_many"),
    [
        ("Raid on Kestrel", False),
        ("Why Kestrel shut its port", False),
        ("Is Kestrel next?", False),
        ("What we know about the raid on Kestrel", True),
        ("Raid on Kestrel: live updates", True),
        ("Opinion | Kestrel should talk", True),
        ("Kestrel war briefing: port shut, talks in Varn", True),
    ],
)
def test_a_question_is_of_one_event_and_what_promises_an_overview_is_not(title: str, is_of_many: bool) -> None:
    assert read(title).is_of_many is is_of_many
