"""Which items report one event. Every outlet and event is invented; the headlines are in our own words."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.model import Item, StoryId
from bot.core.stories.frequencies import Frequencies
from bot.core.stories.grouping import LONGEST, QUIET, SIGNALS, Grouper, Label, NewStory
from tests.bench.grouping_evaluation import shipped_lexicon
from tests.bench.train_relevance import invented_items
from tests.builders import NOW, item

LEXICON = shipped_lexicon()
START = NOW - timedelta(days=3)
NIGHT = "overnight"


def told(hours: float, outlet: str, title: str, summary: str = "") -> Item:
    return item(title, summary=summary, outlet=outlet, published=START + timedelta(hours=hours))


def stream_behind() -> Grouper:
    """A grouper that has read a few hundred headlines of other events, weeks ago."""
    grouper = Grouper(LEXICON)
    for number, labelled in enumerate(invented_items(), 1_000):
        grouper.add(labelled.item, StoryId(number))
    return grouper


@pytest.fixture(scope="module")
def _experienced() -> Grouper:
    return stream_behind()


class Reader:
    """Reads items one at a time, each accepted before the next, and numbers the stories that they begin."""

    def __init__(self, grouper: Grouper) -> None:
        self.grouper = grouper
        self.begun = 0

    def story_of(self, read: Item) -> Label:
        draft = self.grouper.draft()
        label = draft.assign(read)
        if not isinstance(label, NewStory):
            self.grouper.accept(draft, {})
            return label
        self.begun += 1
        self.grouper.accept(draft, {label: StoryId(self.begun)})
        return StoryId(self.begun)


@pytest.fixture
def reader() -> Reader:
    return Reader(stream_behind())


ONE_STORY = {
    "two outlets, other words": (
        told(
            0,
            "northgate",
            "Explosion rocks oil depot near Pskov",
            "Firefighters battle a blaze at a fuel depot near Pskov.",
        ),
        told(
            2,
            "westmark",
            "Fire at Pskov fuel depot after blast",
            "A blast set fuel tanks on fire near the city of Pskov.",
        ),
    ),
    "a denial belongs to what it denies": (
        told(
            0,
            "flankpost",
            "Estonia says Russian helicopter violated its airspace",
            "The helicopter crossed near Vaindloo island, Estonia says.",
        ),
        told(
            3,
            "volga",
            "Moscow denies helicopter violated Estonian airspace",
            "Russia says its helicopter did not cross into Estonian airspace near Vaindloo.",
        ),
    ),
    "serial updates of one publisher": (
        told(
            0,
            "volga",
            "Talks in Istanbul continue for over two hours",
            "Russian and Ukrainian negotiators are meeting in Istanbul.",
        ),
        told(
            1,
            "volga",
            "Talks in Istanbul continue for over three hours",
            "Russian and Ukrainian negotiators are still meeting in Istanbul.",
        ),
        told(
            2,
            "volga",
            "Talks in Istanbul over, delegations leave",
            "Russian and Ukrainian negotiators left after talks in Istanbul.",
        ),
    ),
    "a toll that rises": (
        told(0, "dnipro", "Missile strike on Sumy market kills 4", "A Russian missile hit a market in Sumy."),
        told(
            4,
            "northgate",
            "Death toll from Sumy market strike rises to 11",
            "Rescuers found more dead after a missile hit a market in Sumy.",
        ),
    ),
    "an explainer about one event": (
        told(
            0,
            "northgate",
            "Cable between Finland and Estonia cut",
            "A power cable under the Gulf of Finland was cut on Tuesday.",
        ),
        told(
            5,
            "westmark",
            "What we know about the cut cable between Finland and Estonia",
            "Finland suspects a tanker of cutting the power cable.",
        ),
    ),
    "two languages, names and things": (
        told(
            0,
            "northgate",
            "Estonia expels two Russian diplomats over sabotage",
            "Tallinn declared two diplomats of the Russian embassy unwanted.",
        ),
        told(
            1,
            "volga-ru",
            "Эстония высылает двух российских дипломатов",
            "Таллин объявил о высылке двух сотрудников посольства России из-за диверсии.",
        ),
    ),
    "two languages, a name that no table has": (
        told(
            0,
            "westmark",
            "Danish minister Frederik Holmgaard visits Odesa",
            "Holmgaard met the mayor of Odesa and promised aid.",
        ),
        told(
            2,
            "ostrov",
            "Датский министр Фредерик Холмгор прибыл с визитом в Одессу",
            "Холмгор встретился с мэром Одессы и пообещал помощь.",
        ),
    ),
    "two languages, numbers": (
        told(
            0,
            "volga-ru",
            "ПВО сбила 137 украинских беспилотников за ночь",
            "Беспилотники перехвачены над Брянской и Курской областями.",
        ),
        told(
            3,
            "westmark",
            "Russia says it shot down 137 Ukrainian drones overnight",
            "The drones were intercepted over Bryansk and Kursk regions.",
        ),
    ),
}

TWO_STORIES = {
    "two nights": (
        told(
            4,
            "dnipro",
            "Russian drones strike Odesa port overnight",
            "Drones hit the port of Odesa, two people are injured.",
        ),
        told(
            28,
            "dnipro",
            "Russian drones strike Odesa port overnight",
            "Drones hit the port of Odesa, five people are injured.",
        ),
    ),
    "two nights, in Russian": (
        told(4, "volga-ru", "Над Белгородом ночью сбили 12 беспилотников", "Об этом сообщил губернатор."),
        told(29, "volga-ru", "Над Белгородом ночью сбили 30 беспилотников", "Об этом сообщил губернатор."),
    ),
    "the 12th and the 13th package": (
        told(0, "northgate", "EU adopts 12th sanctions package against Russia", "The 12th package bans diamonds."),
        told(
            20,
            "westmark",
            "EU starts work on 13th sanctions package against Russia",
            "The 13th package may name banks.",
        ),
    ),
    "packages, in two languages": (
        told(0, "northgate", "EU adopts twelfth package of sanctions against Russia", "The package bans diamonds."),
        told(20, "volga-ru", "Евросоюз готовит 13-й пакет санкций против России", "В пакет войдут банки."),
    ),
    "two cities": (
        told(0, "dnipro", "Russian drones hit Kharkiv, three injured", "An apartment block was damaged."),
        told(2, "dnipro", "Russian drones hit Odesa, grain silo burns", "A silo in the harbour is on fire."),
    ),
    "two countries that share a third": (
        told(0, "northgate", "Germany expels three Russian diplomats over espionage"),
        told(2, "westmark", "Czech Republic expels three Russian diplomats over espionage"),
    ),
    "two airspaces": (
        told(0, "northgate", "Estonia says Russian jet violated its airspace"),
        told(2, "westmark", "Finland says Russian jet violated its airspace"),
    ),
    "two airspaces, in two languages": (
        told(0, "northgate", "Russian drone breaches Moldovan airspace, Chisinau says"),
        told(2, "volga-ru", "Российский беспилотник нарушил воздушное пространство Литвы"),
    ),
    "two airports, of a capital and of a town": (
        told(0, "northgate", "Copenhagen airport closed for four hours after drones seen"),
        told(2, "westmark", "Munich airport closed overnight after drones seen"),
    ),
    "two fires, in two countries": (
        told(0, "northgate", "Drone debris sparks fire in Romanian port", "A warehouse burnt on the Danube."),
        told(2, "volga-ru", "В Саратове из-за падения обломков дрона загорелось предприятие"),
    ),
    "two arrests": (
        told(0, "northgate", "Poland arrests two men on suspicion of spying for Russia"),
        told(2, "westmark", "Lithuania arrests two men on suspicion of spying for Russia"),
    ),
    "two partners of one caller": (
        told(0, "northgate", "Putin and Trump speak by phone for two hours"),
        told(2, "westmark", "Putin and Erdogan speak by phone for two hours"),
    ),
    "two actors, one deed": (
        told(0, "flankpost", "Latvia closes border crossing with Belarus", "Riga cites smuggling balloons."),
        told(3, "flankpost", "Finland closes border crossing with Russia", "Helsinki cites asylum seekers."),
    ),
    "two statements of one man": (
        told(
            0,
            "volga",
            "Peskov comments on plan for Arctic exercise",
            "The Kremlin spokesman called the drills provocative.",
        ),
        told(
            1,
            "volga",
            "Peskov says visit of envoy is not yet agreed",
            "Moscow waits for an answer about the trip.",
        ),
    ),
    "nothing but a subject in common": (
        told(0, "northgate", "NATO opens logistics hub in Romania", "The hub will serve the eastern flank."),
        told(1, "meridian", "NATO chief praises Spain for its spending plan", "Madrid will buy more frigates."),
    ),
    "a review of many events": (
        told(0, "northgate", "Estonia closes airspace after drone crash", "A drone crashed near Tartu."),
        told(
            1,
            "westmark",
            "Weekly review: Estonia closes airspace after drone crash, and more",
            "A drone crashed near Tartu.",
        ),
    ),
}


SUMMIT = (
    "Leaders with large retinues and larger worries arrive for NATO summit",
    "Royal kitchen shows the menu of the NATO summit dinner",
    "Germany brings a promise of howitzers and cash to NATO summit",
    "Cyclists and pensioners march through town against NATO summit",
    "Who sits beside whom: seating chart of the NATO summit leaked",
    "Spain goes its own way on targets at NATO summit",
    "Ukraine hardly mentioned in final paper of NATO summit",
    "Канцлер остался доволен итогами саммита НАТО",
)


def test_reports_of_a_summit_become_one_story_once_everybody_speaks_of_it(reader: Reader) -> None:
    stories = [reader.story_of(told(hour, f"outlet{hour}", title)) for hour, title in enumerate(SUMMIT)]
    assert len(set(stories[-3:])) == 1


def test_what_bursts_does_not_overrule_what_keeps_two_events_apart(reader: Reader) -> None:
    for hour in range(8):
        reader.story_of(told(hour, f"outlet{hour}", f"Estonia hit by drone attack, report {hour * 7 + 20} says"))
    nights = [
        reader.story_of(told(hour, "flankpost", "Overnight drone attack on Estonia", "Houses burn."))
        for hour in (9, 33)
    ]
    assert nights[0] != nights[1]


def test_countries_that_come_to_one_summit_stay_in_its_story(reader: Reader) -> None:
    for hour, title in enumerate(SUMMIT):
        reader.story_of(told(hour, f"outlet{hour}", title))
    germany = reader.story_of(told(9, "flankpost", "Germany and its howitzers at the NATO summit"))
    assert reader.story_of(told(10, "westmark", "Spain and its howitzers at the NATO summit")) == germany


WATCH = {
    18: "БпЛА на сході Кестрельщини ➡️ курсом на Вейл.",
    19.5: "Група БпЛА із Марського району ➡️ у напрямку Лорна",
    23: "Ударні БпЛА на півночі Дрейкова курсом на захід.",
    27.5: "Швидкісна ціль на Вейл!",
}


def warned(hours: float, title: str, outlet: str = "flankpost") -> Item:
    return item(title, outlet=outlet, lang="uk", published=START.replace(hour=0) + timedelta(hours=hours))


def test_warnings_of_one_channel_in_one_night_are_one_story(reader: Reader) -> None:
    assert len({reader.story_of(warned(hours, title)) for hours, title in WATCH.items()}) == 1


def test_warnings_of_the_next_night_and_of_another_channel_are_other_stories(reader: Reader) -> None:
    story = reader.story_of(warned(18, WATCH[18]))
    assert reader.story_of(warned(18 + 24, WATCH[18])) != story
    assert reader.story_of(warned(19, WATCH[18], outlet="northgate")) != story


def test_the_news_of_what_was_warned_of_is_a_story_of_its_own(reader: Reader) -> None:
    story = reader.story_of(warned(18, WATCH[18]))
    hit = item("БпЛА влучив у склад на сході Кестрельщини", lang="uk", published=START.replace(hour=19))
    assert reader.story_of(hit) != story


def test_warnings_of_one_poll_are_one_story_that_goes_on_in_the_next() -> None:
    grouper = Grouper(LEXICON)
    draft = grouper.draft()
    labels = [draft.assign(warned(hours, WATCH[hours])) for hours in (18, 19.5)]
    assert labels == [NewStory(1), NewStory(1)]
    grouper.accept(draft, {NewStory(1): StoryId(0)})
    assert grouper.draft().assign(warned(23, WATCH[23])) == StoryId(0)


def test_words_of_another_language_do_not_count_against_a_report(reader: Reader) -> None:
    story = reader.story_of(told(0, "northgate", "Russian drone hits grain depot near Izmail"))
    words = (f"b{a}l{b}v{c}k" for a in "aeiou" for b in "aeiou" for c in "aeiou")  # that no English report has
    hungarian = "Orosz drón csapódott egy izmaili gabonaraktárba"
    published = START + timedelta(hours=1)
    assert reader.story_of(item(hungarian, summary=" ".join(words), lang="hu", published=published)) == story


def test_one_event_in_five_languages_is_one_story(reader: Reader) -> None:
    titles = {
        "en": "Bulgaria halts weapons deliveries to Ukraine",
        "cs": "Bulharsko zastavilo dodávky zbraní Ukrajině",
        "lv": "Bulgārija pārtrauc ieroču piegādes Ukrainai",
        "sk": "Bulharsko zastavilo dodávky zbraní Ukrajine",
        "ro": "Bulgaria oprește livrările de arme către Ucraina",
    }
    hours = [START + timedelta(hours=hour) for hour in range(len(titles))]
    items = [item(title, lang=lang, published=hour) for (lang, title), hour in zip(titles.items(), hours, strict=True)]
    assert len({reader.story_of(each) for each in items}) == 1


def test_words_of_the_other_alphabet_do_not_count_against_a_report(reader: Reader) -> None:
    story = reader.story_of(told(0, "northgate", "Russian drone hits grain depot near Izmail"))
    words = (f"б{a}л{b}в{c}к" for a in "аеиоуыя" for b in "аеиоуыя" for c in "аеиоуыя")  # that no English report has
    assert reader.story_of(told(1, "volga-ru", "Под Измаилом горит зерновой склад", " ".join(words))) == story


@pytest.mark.parametrize("items", ONE_STORY.values(), ids=ONE_STORY)
def test_reports_of_one_event_are_one_story(items: tuple[Item, ...], reader: Reader) -> None:
    assert len({reader.story_of(each) for each in items}) == 1


@pytest.mark.parametrize("items", TWO_STORIES.values(), ids=TWO_STORIES)
def test_reports_of_two_events_are_two_stories(items: tuple[Item, ...], reader: Reader) -> None:
    assert len({reader.story_of(each) for each in items}) == len(items)


def test_a_rare_term_of_both_titles_tells_more_than_several_common_ones() -> None:
    grouper = Grouper(LEXICON, dict.fromkeys(SIGNALS, 0.0) | {"title": 1.0, "bias": -0.7})
    for number in range(300):
        grouper.add(told(number / 10, "northgate", "Russia attacks Ukraine with drones"), StoryId(800))
    reader = Reader(grouper)
    grouper.add(told(31, "northgate", "Zorvia harbour burns after Russia attacks"), StoryId(900))
    assert reader.story_of(told(32, "westmark", "Zorvia closes schools")) == StoryId(900)
    assert reader.story_of(told(32, "westmark", "Russia attacks Ukraine in court")) not in {StoryId(800), StoryId(900)}


def test_items_of_one_poll_join_each_other_before_any_is_stored() -> None:
    first, second, other = *ONE_STORY["two outlets, other words"], TWO_STORIES["two actors, one deed"][0]
    draft = stream_behind().draft()
    assert [draft.assign(each) for each in (first, other, second)] == [NewStory(1), NewStory(2), NewStory(1)]


def test_a_draft_that_is_not_accepted_changes_nothing(reader: Reader) -> None:
    first, second = ONE_STORY["two outlets, other words"]
    given_up = reader.grouper.draft()
    given_up.assign(first)
    assert reader.grouper.draft().assign(second) == NewStory(1)


def test_a_draft_does_not_touch_a_stored_story(reader: Reader) -> None:
    first, second, third = ONE_STORY["serial updates of one publisher"]
    story = reader.story_of(first)
    before = reader.grouper.draft()
    assert [before.assign(second), before.assign(third)] == [story, story]
    assert reader.grouper.draft().assign(second) == story


def test_a_reprint_goes_where_it_is_told() -> None:
    first, other = TWO_STORIES["two cities"]
    draft = stream_behind().draft()
    label = draft.assign(first)
    assert draft.assign(other, label) == label


def test_a_rebuilt_grouper_goes_on_as_the_old_one(reader: Reader) -> None:
    items = [each for pair in ONE_STORY.values() for each in pair[:-1]]
    stored = [(each, reader.story_of(each)) for each in items]
    rebuilt = stream_behind()
    for each, story in stored:
        assert not isinstance(story, NewStory)
        rebuilt.add(each, story)
    late = [pair[-1] for pair in ONE_STORY.values()]
    assert [rebuilt.draft().assign(each) for each in late] == [reader.grouper.draft().assign(each) for each in late]


def test_a_story_ends_when_nothing_comes_for_long(reader: Reader) -> None:
    first, _ = ONE_STORY["two outlets, other words"]
    story = reader.story_of(first)
    again = told((QUIET + timedelta(hours=1)) / timedelta(hours=1), "westmark", first.title, first.summary)
    assert reader.story_of(again) != story


def test_a_story_does_not_run_for_ever(reader: Reader) -> None:
    hours = range(0, int(LONGEST / timedelta(hours=1)) + 30, 20)
    items = [
        told(hour, "northgate", "Rescue of the submarine Kestrel goes on", "The Kestrel lies on the bottom off Narvik.")
        for hour in hours
    ]
    stories = [reader.story_of(each) for each in items]
    assert stories[0] == stories[1] != stories[-1]


def test_an_explainer_lends_a_story_no_words(reader: Reader) -> None:
    event, explainer = ONE_STORY["an explainer about one event"]
    wide = told(6, "westmark", explainer.title, "Also: storms close the Oslo airport, and ferries to Gotland wait.")
    storm = told(7, "flankpost", "Storms close Oslo airport, ferries to Gotland wait")
    assert reader.story_of(event) == reader.story_of(wide) != reader.story_of(storm)


def test_the_name_of_the_outlet_says_nothing(reader: Reader) -> None:
    bulletins = (
        told(0, "northgate", "Northgate Wire News - 3 June 2026 (17:00)", "A ferry sinks off Gotland."),
        told(9, "northgate", "Northgate Wire News - 4 June 2026 (10:00)", "Ministers sign a grain treaty in Ankara."),
    )
    assert len({reader.story_of(each) for each in bulletins}) == 2


def test_late_items_join_a_story_that_began_after_them(reader: Reader) -> None:
    first, second = ONE_STORY["two outlets, other words"]
    assert reader.story_of(second) == reader.story_of(first)


def test_the_very_first_items_are_not_taken_for_one_event() -> None:
    reader = Reader(Grouper(LEXICON))
    items = [pair[0] for pair in ONE_STORY.values()][:6]
    assert len({reader.story_of(each) for each in items}) == len(items)


def test_an_item_without_words_begins_a_story(reader: Reader) -> None:
    items = told(0, "northgate", "—"), told(1, "northgate", "…")
    assert len({reader.story_of(each) for each in items}) == 2


ALL = [each for pairs in (ONE_STORY, TWO_STORIES) for items in pairs.values() for each in items]


@settings(max_examples=15, deadline=None)
@given(st.permutations(ALL), st.lists(st.integers(0, 20), min_size=len(ALL), max_size=len(ALL)))
def test_one_pass_gives_the_same_twice_and_every_item_a_story(items: list[Item], hours: list[int]) -> None:
    runs = [Reader(Grouper(LEXICON)), Reader(Grouper(LEXICON))]
    stories = [[run.story_of(each) for each in items] for run in runs]
    assert stories[0] == stories[1]
    assert set(stories[0]) == set(range(1, runs[0].begun + 1))
    assert all(later <= max(stories[0][:place]) + 1 for place, later in enumerate(stories[0]) if place)  # type: ignore[operator,type-var]


def test_ids_are_kept_between_polls(reader: Reader) -> None:
    for items in ONE_STORY.values():
        labels = [reader.story_of(each) for each in items]
        assert all(one == other for one, other in pairwise(labels))
    assert reader.begun <= len(ONE_STORY)


def test_what_is_common_in_few_texts_of_a_language_tells_little() -> None:
    frequencies = Frequencies()
    for number in range(1_000):
        frequencies.add([f"en:word{number}"])
    for number in range(40):
        frequencies.add(["ro:sa", f"ro:cuvant{number}"])
    assert frequencies.worth("ro:sa") < frequencies.worth("ro:cuvant1") / 2
    assert frequencies.worth("ro:unsaid") == pytest.approx(frequencies.worth("en:unsaid"))


def test_however_many_words_come_only_so_many_are_remembered_the_common_ones_for_good() -> None:
    frequencies = Frequencies()
    for number in range(5_000):
        frequencies.add(["harbour", *(f"word{number}x{place}" for place in range(30))])
    assert len(frequencies) <= 60_000
    assert frequencies.worth("harbour") < 1
    assert frequencies.worth("word1x1") > 5
