import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.briefing.centrality import stems_of
from bot.core.briefing.selection import MOST_QUOTES, Briefing, briefing
from bot.core.message.blocks import Message, Role, join_blocks, plain
from bot.core.message.splitting import units
from bot.core.model import Item, Level, Relevance, Side, Story, StoryId
from bot.core.sides import Group
from bot.core.wording.briefing import LIMIT, briefing_message, period_words
from tests.builders import NOW, OUTLETS, item, story

DAY = timedelta(days=1)
NATO_SIDE = {Side.NATO, Side.NATO_FLANK, Side.WEST}

PLACES = [
    *("Kestrel", "Varn", "Lomby", "Orsa", "Pell", "Quince", "Rook", "Sable"),
    *("Tern", "Umber", "Vance", "Wick", "Yarrow", "Zell", "Aldan", "Brook"),
]


def told(place: str, **fields: Any) -> Item:
    """A report of an event of its own."""
    summary = f"The {place}ers of {place}ford and {place}ton saw {place}ite."
    return item(f"{place}ers of {place}ford see {place}ite", summary=summary, **fields)


def brief(*stories: Story, before: tuple[Story, ...] = (), period: timedelta = DAY) -> Briefing:
    return briefing(stories, before=before, now=NOW, period=period)


def sections(found: Briefing) -> dict[str, list[str]]:
    return {section.title: [quote.text for quote in section.quotes] for section in found.sections}


def text(message: Message) -> str:
    return join_blocks(tuple((block.role, block.text) for block in message.blocks))


def test_a_briefing_has_four_sections_told_by_whom_they_name() -> None:
    found = brief(
        story(told("Kestrel", outlet="meridian"), id_=1, level=Level.BREAKING),
        story(told("Varn", outlet="northgate"), id_=2),
        story(told("Lomby", outlet="volga"), id_=3),
        story(told("Orsa", outlet="meridian", topics=("diplomacy",)), id_=4),
    )
    heard = {
        section.title: [quote.item.title.split("ers")[0] for quote in section.quotes] for section in found.sections
    }
    assert heard == {
        "Latest developments": ["Kestrel"],
        "NATO and the West": ["Varn"],
        "Russia's side": ["Lomby"],
        "Diplomacy and de-escalation": ["Orsa"],
    }


def test_louder_and_more_widely_told_stories_come_first() -> None:
    found = brief(
        story(told("Kestrel", outlet="meridian"), id_=1),
        story(*(told("Varn", outlet="meridian", publisher=name) for name in ("reef", "shoal", "atoll")), id_=2),
        story(told("Lomby", outlet="meridian"), id_=3, level=Level.MAJOR),
    )
    assert [quote.story.id for quote in found.sections[0].quotes] == [3, 2, 1]


def test_a_side_is_heard_in_its_own_words_even_of_a_story_that_all_tell() -> None:
    buoys = "Sailors of Kestrel report grey buoys"
    every = [
        item(buoys, summary="Sailors of Kestrel say grey buoys came from the east.", outlet="westmark"),
        item(buoys, summary="Moscow knows nothing of grey buoys near Kestrel.", outlet="volga"),
    ]
    every.extend(told(place, outlet="meridian") for place in PLACES[1:5])
    found = brief(
        story(*every[:2], id_=1),
        *(story(other, id_=n, level=Level.BREAKING) for n, other in enumerate(every[2:], 2)),
    )
    western, russian = sections(found)["NATO and the West"], sections(found)["Russia's side"]
    assert western == ["Sailors of Kestrel say grey buoys came from the east."]
    assert russian == []  # told once


ELSEWHERE = "Its news is under {}."


def without_number(entry: str) -> str:
    """What an entry of a list says."""
    return re.sub(r"^\d+\. ", "", entry)


def lines_of(*stories: Story) -> dict[str, list[str]]:
    """What each section of the message says, bylines and numbers left out."""
    told: dict[str, list[str]] = {}
    for block in briefing_message(brief(*stories), NOW).blocks[2:]:
        if block.role is Role.HEADING:
            told[block.text] = []
        elif told and block.role is not Role.BYLINE:
            told[[*told][-1]].append(without_number(block.text))
    return told


def test_a_side_that_alone_spoke_is_heard_and_no_section_says_that_it_was_silent() -> None:
    truce = item("Envoy of Volgia discusses truce with Lomby", outlet="volga", topics=("diplomacy",))
    elsewhere = ELSEWHERE.format("Russia's side")
    assert lines_of(story(truce)) == {
        "Latest developments": [elsewhere],
        "NATO and the West": ["Nothing new in the last 24 hours."],
        "Russia's side": [truce.title],
        "Diplomacy and de-escalation": [elsewhere],
    }


def test_of_few_stories_each_side_gets_its_own_before_the_latest_developments() -> None:
    loud = story(told("Kestrel", outlet="volga"), id_=1, level=Level.BREAKING)
    talks = story(told("Varn", outlet="volga", topics=("diplomacy",)), id_=2, level=Level.BREAKING)
    western = story(told("Lomby", outlet="westmark"), id_=3)
    assert lines_of(loud, talks, western) == {
        "Latest developments": ["Its news is under NATO and the West, Russia's side and Diplomacy and de-escalation."],
        "NATO and the West": [western.items[0].summary],
        "Russia's side": [loud.items[0].summary],
        "Diplomacy and de-escalation": [talks.items[0].summary],
    }


def test_whoever_has_the_least_to_choose_from_chooses_first() -> None:
    shared = story(told("Kestrel", outlet="volga"), told("Kestrel", outlet="westmark"), id_=1, level=Level.BREAKING)
    western = story(told("Varn", outlet="westmark"), id_=2)
    found = brief(shared, western)
    assert [[quote.story.id for quote in section.quotes] for section in found.sections] == [[], [2], [1], []]


def test_of_many_stories_the_loudest_is_among_the_latest_developments() -> None:
    loud = story(*(told("Kestrel", outlet=outlet) for outlet in OUTLETS), id_=1, level=Level.BREAKING)
    others = [
        story(told(place, outlet=("volga", "westmark", "meridian")[n % 3]), id_=n)
        for n, place in enumerate(PLACES[1:], 2)
    ]
    assert brief(loud, *others).sections[0].quotes[0].story == loud


def test_news_that_no_sentence_can_tell_is_not_called_nothing() -> None:
    asked = story(item("Will boats return to Kestrel?", summary="Nobody knows.", outlet="volga"))
    assert lines_of(asked)["Russia's side"] == [
        "There was news in the last 24 hours, but no sentence that says it on its own."
    ]
    assert lines_of(asked)["NATO and the West"] == ["Nothing new in the last 24 hours."]


def test_a_story_that_a_section_cannot_tell_stands_where_another_tells_it() -> None:
    asked = item("Will boats return to Kestrel?", summary="Nobody knows.", outlet="volga")
    reported = item("Boats leave Kestrel harbour at dawn", outlet="meridian")
    assert lines_of(story(asked, reported))["Russia's side"] == [ELSEWHERE.format("Latest developments")]


def test_the_same_news_in_another_story_stands_where_that_is_told() -> None:
    told_by = {
        "meridian": "Two boats leave Kestrel harbour at dawn",
        "volga": "At dawn two boats leave Kestrel harbour",
    }
    found = lines_of(*(story(item(title, outlet=outlet), id_=n) for n, (outlet, title) in enumerate(told_by.items())))
    assert found["Russia's side"] == [told_by["volga"]]
    assert found["Latest developments"] == [ELSEWHERE.format("Russia's side")]


def test_another_side_never_speaks_in_a_sides_section() -> None:
    mixed = [
        item("Will boats return to Kestrel?", summary="Nobody knows.", outlet="volga"),
        item("Boats leave Kestrel harbour", outlet="meridian"),
    ]
    others = [story(told(place, outlet="meridian"), id_=n, level=Level.MAJOR) for n, place in enumerate(PLACES[:8], 2)]
    assert sections(brief(story(*mixed, id_=1), *others))["Russia's side"] == []


def test_a_side_speaks_first_of_what_it_alone_tells() -> None:
    outlets = ("volga", "meridian", "dnipro", "ostrov")
    shared = story(*(told("Kestrel", outlet=outlet) for outlet in outlets), id_=1)
    own = story(*(told("Varn", outlet="volga", publisher=name) for name in ("palace", "river", "bridge")), id_=2)
    others = [
        story(told(place, outlet="meridian"), id_=n, level=Level.BREAKING) for n, place in enumerate(PLACES[2:], 3)
    ]
    found = brief(shared, own, *others)
    assert [quote.story.id for quote in found.sections[2].quotes] == [2, 1]


def test_talks_are_left_to_their_own_section_while_there_is_other_news() -> None:
    talks = story(told("Kestrel", outlet="volga", topics=("diplomacy",)), id_=1, level=Level.MAJOR)
    others = [story(told(place, outlet="volga"), id_=n, level=Level.MAJOR) for n, place in enumerate(PLACES[1:4], 2)]
    found = sections(brief(talks, *others))
    assert len(found["Diplomacy and de-escalation"]) == 1
    assert "Kestrel" in found["Diplomacy and de-escalation"][0]


def test_english_is_preferred_and_else_the_original_is_given() -> None:
    russian = item("Моряки нашли буи на берегу", summary="Моряки нашли серые буи на берегу Варна.", outlet="volga-ru")
    english = item("Sailors find buoys on beach", summary="Sailors found grey buoys on the beach.", outlet="volga")
    assert sections(brief(story(russian, english)))["Russia's side"] == [english.summary]
    assert sections(brief(story(russian)))["Russia's side"] == [russian.title]


@pytest.mark.parametrize(
    ("title", "summary", "taken"),
    [
        ("Boats leave Kestrel harbour", "Two patrol boats left Kestrel harbour on Sunday.", "summary"),
        ("Boats leave Kestrel harbour", "Will they ever come back to Kestrel harbour, boats and all?", "title"),
        ("Boats leave Kestrel harbour", "Here's what we know about the boats of Kestrel harbour.", "title"),
        ("Boats leave Kestrel harbour", "Two patrol boats left Kestrel harbour before dawn and the mayor…", "title"),
        ("Boats leave Kestrel harbour", "The gathering comes as winter draws near in the north.", "title"),
        ("Why boats leave Kestrel harbour", "Two patrol boats left Kestrel harbour on Sunday.", "summary"),
        ("Why boats leave Kestrel harbour", "The gathering comes as winter draws near in the north.", None),
        ("Why boats leave Kestrel harbour", "What does it mean?", None),
    ],
)
def test_a_whole_sentence_that_tells_the_title_else_the_title_else_nothing(
    title: str, summary: str, taken: str | None
) -> None:
    found = sections(brief(story(item(title, summary=summary, outlet="meridian"))))["Latest developments"]
    assert found == ([{"title": title, "summary": summary}[taken]] if taken else [])


def test_what_is_off_the_subject_is_not_quoted_though_its_story_is_on_it() -> None:
    off = item("Boats leave Kestrel", summary="Boats left Kestrel for a regatta of bakers.", relevance=Relevance.NONE)
    related = item("Boats leave Kestrel", summary="Boats left Kestrel for the front.", relevance=Relevance.RELATED)
    assert sections(brief(story(off, off, related, relevance=Relevance.CORE)))["NATO and the West"] == [related.summary]
    assert all(not told for told in sections(brief(story(off, relevance=Relevance.CORE))).values())


def test_reports_of_the_subject_itself_speak_before_those_that_touch_it() -> None:
    text = "Boats left Kestrel for another war."
    touching = item("Boats leave Kestrel", summary=text, outlet="volga", relevance=Relevance.RELATED)
    core = item("Катера ушли из Кестрела", summary="Hm.", outlet="volga-ru")
    found = lines_of(story(touching, core, relevance=Relevance.CORE))
    assert found["Russia's side"] == [core.title]


def test_what_happened_is_among_the_latest_before_it_is_denied() -> None:
    denied = item("No boats left Kestrel harbour", summary="Hm.", outlet="volga")
    told = item("Катера ушли из Кестрела", summary="Hm.", outlet="ostrov")
    others = [story(item(f"Bakers of {place} sell bread", outlet="volga"), id_=n) for n, place in enumerate(PLACES, 2)]
    found = brief(story(denied, told, id_=1, level=Level.BREAKING), *others)
    assert found.sections[0].quotes[0].text == told.title


@pytest.mark.parametrize(
    ("title", "lang"),
    [("Opinion: Boats must leave Kestrel", "en"), ("Мнение | Катера должны уйти из Кестрела", "ru")],
)
def test_an_opinion_is_no_development(title: str, lang: str) -> None:
    summary = "Boats must leave Kestrel harbour before the winter comes."
    views = item(title, summary=summary, outlet="volga", lang=lang)
    assert lines_of(story(views))["Russia's side"] == [
        "There was news in the last 24 hours, but no sentence that says it on its own."
    ]
    report = item("Boats leave Kestrel harbour at dawn", outlet="volga")
    assert lines_of(story(views, report))["Russia's side"] == [report.title]


def test_a_sentence_about_something_else_than_its_story_is_not_quoted() -> None:
    reports = [item(f"Boats leave {n} piers of Kestrel", outlet="meridian", publisher=f"paper {n}") for n in range(3)]
    stray = item("Bakers of Lomby sell bread", summary="The bakers of Lomby sold their bread in Pell.", outlet="volga")
    assert lines_of(story(*reports, stray))["Russia's side"] == [ELSEWHERE.format("Latest developments")]
    near = item("Катера ушли", summary="Курьер сообщил, что все катера ушли из Кестрела.", outlet="volga-ru")
    assert lines_of(story(*reports, stray, near))["Russia's side"] == [near.summary]


def asked(word: str, *stories: Story) -> list[str]:
    """What a briefing quotes that was asked for a word."""
    found = briefing(
        stories,
        before=(),
        now=NOW,
        period=DAY,
        reports=lambda story: [each for each in story.items if word in f"{each.title} {each.summary}".lower()],
        named=lambda _: stems_of(word, "en"),
    )
    return [quote.text for section in found.sections for quote in section.quotes]


def test_a_briefing_for_a_rule_quotes_only_reports_that_fit_it() -> None:
    other = item("Boats leave Kestrel harbour", summary="Boats left Kestrel harbour on Sunday morning.")
    fitting = item("Boats are gone from Kestrel harbour", summary="But Orel is silent.")
    assert asked("orel", story(other, other, fitting)) == [fitting.title]


def test_a_sentence_with_the_words_of_the_rule_goes_before_better_ones() -> None:
    summary = "Two boats left Kestrel harbour on Sunday. Mayor Orel saw boats of Kestrel leave."
    assert asked("orel", story(item("Boats leave Kestrel harbour", summary=summary))) == [
        "Mayor Orel saw boats of Kestrel leave."
    ]
    russian = item("Орел видит катера в гавани", summary="", outlet="volga-ru")
    english = item("Boats leave Kestrel harbour", summary="But Orel (орел) is silent.", outlet="volga")
    assert asked("орел", story(english, russian)) == [russian.title]


def test_stories_whose_quotes_have_the_words_of_the_rule_go_before_others() -> None:
    loud = [
        story(
            item(f"{place}ers see {place}ford at dawn", summary="But Orel says nothing."), id_=n, level=Level.BREAKING
        )
        for n, place in enumerate(PLACES[:12])
    ]
    quiet = [
        story(item(f"{place}ers of {place}ford in {place}ton meet Orel"), id_=n)
        for n, place in enumerate(PLACES[12:], 20)
    ]
    quoted = asked("orel", *loud, *quiet)
    assert sum("Orel" in text for text in quoted) == 4
    assert len(quoted) == 8


def test_one_event_in_two_stories_is_told_once() -> None:
    found = brief(
        story(item("Two boats leave Kestrel harbour at dawn", outlet="meridian"), id_=1),
        story(item("At dawn two boats leave harbour of Kestrel", outlet="ostrov"), id_=2),
    )
    assert sum(map(len, sections(found).values())) == 1


def test_a_story_is_told_by_its_newest_reports() -> None:
    old = item("Boats leave Kestrel harbour", outlet="meridian", ago=timedelta(days=2))
    new = item("Boats return to Kestrel harbour", outlet="meridian", ago=timedelta(hours=2))
    assert sections(brief(story(old, new)))["Latest developments"] == [new.title]


def test_what_was_reported_before_the_period_is_not_quoted() -> None:
    old = item("Boats leave Kestrel harbour", outlet="volga", ago=timedelta(days=2))
    views = item("Opinion: Boats must leave Kestrel", outlet="volga", ago=timedelta(hours=2))
    assert sections(brief(story(old, views)))["Russia's side"] == []


def test_no_section_eats_up_what_belongs_to_another() -> None:
    loud = [story(told(place, outlet="volga"), id_=n, level=Level.MAJOR) for n, place in enumerate(PLACES[:12])]
    quiet = [story(told(place, outlet="northgate"), id_=n) for n, place in enumerate(PLACES[12:], 20)]
    lengths = {title: len(quotes) for title, quotes in sections(brief(*loud, *quiet)).items()}
    assert lengths == {
        "Latest developments": 4,
        "NATO and the West": 4,
        "Russia's side": 4,
        "Diplomacy and de-escalation": 0,
    }


def test_the_message_says_what_changed_in_numbers() -> None:
    now = [
        story(told("Kestrel", outlet="westmark"), id_=1, level=Level.BREAKING),
        story(told("Varn", outlet="volga"), told("Varn", outlet="westmark"), id_=2),
    ]
    before = tuple(story(told(place, outlet="volga"), id_=n) for n, place in enumerate(PLACES[2:5], 3))
    lines = plain(briefing_message(brief(*now, before=before), NOW)).split("\n")
    assert lines[:4] == [
        "Briefing",
        "",
        "2 stories in the last 24 hours (−1 on the previous 24 hours), 1 breaking (+1).",
        "Told by: West 2 (+2) · Russia 1 (−2)",
    ]


def test_a_first_briefing_compares_with_nothing() -> None:
    found = plain(briefing_message(brief(story(told("Kestrel", outlet="volga"))), NOW))
    assert "1 story in the last 24 hours, 0 breaking; no data for the previous 24 hours.\nTold by: Russia 1\n" in found


def test_each_sentence_is_followed_by_publisher_side_age_and_link() -> None:
    reported = told("Kestrel", outlet="meridian", ago=timedelta(hours=3))
    message = briefing_message(brief(story(reported, level=Level.BREAKING)), NOW)
    place = next(n for n, block in enumerate(message.blocks) if block.role is Role.ITEM)
    assert message.blocks[place].text == f"1. {reported.summary}"
    byline = message.blocks[place + 1]
    assert byline.text == "Meridian Observer · neutral · 3 h ago · breaking"
    assert byline.runs[0].url == reported.url


def test_a_section_without_news_says_so() -> None:
    found = plain(briefing_message(brief(period=timedelta(hours=6)), NOW))
    assert found.count("Nothing new in the last 6 hours.") == 4
    assert "0 stories in the last 6 hours" in found


def test_a_day_is_24_hours_and_a_week_7_days() -> None:
    assert (period_words(DAY), period_words(7 * DAY)) == ("24 hours", "7 days")


def test_stories_are_counted_once_a_group() -> None:
    found = brief(story(told("Kestrel", outlet="westmark"), told("Kestrel", outlet="flankpost")))
    assert found.tally.groups[Group.WEST] == 1


LETTERS = st.text(alphabet='aбé?…"“” .🚀\n', min_size=0, max_size=30)
SENTENCES = st.builds(
    lambda place, filling: f"Sailors of {place} found {filling} buoys on the beach of {place} on Sunday.",
    st.sampled_from(PLACES),
    st.one_of(st.just("grey"), LETTERS, st.just("🚀" * 200), st.just("very " * 40)),
)
ITEMS = st.builds(
    lambda title, summary, outlet, hours, name: item(
        title,
        summary=summary,
        outlet=outlet,
        ago=timedelta(hours=hours),
        **({"source_name": name} if name else {}),
    ),
    SENTENCES,
    st.one_of(SENTENCES, LETTERS, st.just("Why? Here's what we know.")),
    st.sampled_from(sorted(OUTLETS)),
    st.integers(0, 40),
    st.one_of(st.none(), st.just("Ж" * 200)),
)
STORIES = st.lists(
    st.tuples(st.lists(ITEMS, min_size=1, max_size=3), st.sampled_from(Level), st.booleans()), max_size=25
).map(
    lambda rows: tuple(
        Story(
            id=StoryId(number),
            items=tuple(items),
            relevance=items[0].relevance,
            topics=("diplomacy",) if talks else (),
            level=level,
        )
        for number, (items, level, talks) in enumerate(rows)
    )
)


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_whatever_the_stories_a_briefing_fits_asks_nothing_and_repeats_nothing(stories: tuple[Story, ...]) -> None:
    found = brief(*stories, before=stories[:3])
    message = briefing_message(found, NOW)
    assert units(text(message)) <= LIMIT
    said = [without_number(block.text) for block in message.blocks if block.role is Role.ITEM]
    assert not any(re.search(r"\?(?=[\s\"”]|$)", sentence) for sentence in said)  # within a word it asks nothing
    assert len(set(said)) == len(said)
    quotes = [quote for section in found.sections for quote in section.quotes]
    assert len({quote.story.id for quote in quotes}) == len(quotes)
    assert all(quote.text == quote.item.title or quote.text in quote.item.summary for quote in quotes)
    by_title = {section.title: section.quotes for section in found.sections}
    assert {quote.item.side for quote in by_title["NATO and the West"]} <= NATO_SIDE
    assert {quote.item.side for quote in by_title["Russia's side"]} <= {Side.RUSSIA}
    assert all(len(section.quotes) <= MOST_QUOTES for section in found.sections)


@pytest.mark.parametrize(("name", "mark"), [("Northgate Wire", "grey"), ("Ж" * 300, "🚀")])
def test_a_full_briefing_leaves_out_the_least_but_two_of_each(name: str, mark: str) -> None:
    stories = []
    for number in range(32):
        words = " ".join(f"{letter}{number}{mark}" for letter in "Kvlopqrstu")
        body = f"{words} {'of the and to for with by ' * 8}".strip()
        outlet = ("meridian", "northgate", "volga", "meridian")[number % 4]
        fields: dict[str, Any] = {"topics": ("diplomacy",)} if number % 4 == 3 else {}
        stories.append(story(item(words, summary=f"{body}.", outlet=outlet, source_name=name, **fields), id_=number))
    full = brief(*stories)
    assert [len(section.quotes) for section in full.sections] == [4, 4, 4, 4]
    message = briefing_message(full, NOW)
    assert LIMIT - 500 < units(text(message)) <= LIMIT
    shown = quotes_shown(message)
    assert len(shown) == 4
    assert all(2 <= count <= 4 for count in shown.values())


def quotes_shown(message: Message) -> dict[str, int]:
    heading, shown = "", dict[str, int]()
    for block in message.blocks:
        if block.role is Role.HEADING:
            heading = block.text
        elif block.role is Role.ITEM:
            shown[heading] = shown.get(heading, 0) + 1
    return shown


def test_a_sentence_of_more_utf_16_units_than_a_quote_may_have_is_not_taken() -> None:
    rockets = item("Boats leave Kestrel harbour", summary=f"Boats leave Kestrel harbour today {'🚀' * 200}.")
    assert sections(brief(story(rockets)))["NATO and the West"] == [rockets.title]
