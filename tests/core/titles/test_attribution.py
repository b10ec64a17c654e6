"""What titles do with an event. Every event here is invented; the wording is our own."""

import pytest

from bot.core.model import Side
from bot.core.titles.attribution import affirmed, asks_or_sums_up, quoted_party, reports


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
    assert list(affirmed(title)) == left


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
    assert asks_or_sums_up(title) is asks
    assert not (asks and reports(title))


@pytest.mark.parametrize(
    ("title", "party"),
    [
        ("Russia says its jet shot down a drone", Side.RUSSIA),
        ("Russian defence ministry claims drone shot down", Side.RUSSIA),
        ("Drone shot down, says Kremlin", Side.RUSSIA),
        ("Drone shot down, Moscow says", Side.RUSSIA),
        ("Drone shot down: Moscow", Side.RUSSIA),
        ("According to Russian state media, drone shot down", Side.RUSSIA),
        ("Peskov: drone shot down", Side.RUSSIA),
        ("Дрон сбит, сообщили в Минобороны", Side.RUSSIA),
        ("Дрон сбит, заявил Песков", Side.RUSSIA),
        ("По данным Минобороны РФ, дрон сбит", Side.RUSSIA),
        ("Минобороны Польши сообщило о сбитом дроне", Side.NATO),
        ("Дрон сбит, сообщили в Минобороны Польши", Side.NATO),
        ("Poland's army says drone shot down", Side.NATO),
        ("Polish Prime Minister Donald Tusk said a drone was shot down", Side.NATO),
        ("Drone downed over Lublin, NATO says", Side.NATO),
        ("Ukraine says drone flew on to Poland", Side.UKRAINE),
        ("Зеленский заявил, что дрон ушёл в Польшу", Side.UKRAINE),
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
def test_whose_word_a_title_passes_on(title: str, party: Side | None) -> None:
    assert quoted_party(title) is party
