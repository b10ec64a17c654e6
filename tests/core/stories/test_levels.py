from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config_files import read_model
from bot.core.model import Item, Level, PublisherKind, Relevance
from bot.core.rules.aliases import NO_ALIASES
from bot.core.stories.events import EventsFile, EventTypes
from bot.core.stories.levels import Grade, LevelRules, LevelsFile, is_louder, level_of
from bot.errors import ConfigError
from bot.subject import config_folder, read_subject
from tests.builders import NOW, OUTLETS, item, story

TABLES: dict[str, Any] = {
    "rule": [
        {"id": "many", "level": "major", "says": "two report", "publishers": 2, "within": "12 hours"},
        {
            "id": "shots",
            "level": "breaking",
            "says": "shots are reported",
            "publishers": 2,
            "within": "3 hours",
            "events": ["shots"],
        },
        {
            "id": "sky",
            "level": "breaking",
            "says": "three groups report",
            "publishers": 3,
            "groups": 3,
            "within": "1 hour",
            "topics": ["airspace"],
            "official": True,
        },
        {
            "id": "war",
            "level": "major",
            "says": "both report",
            "publishers": 2,
            "within": "2 days",
            "relevance": "related",
            "both": True,
        },
    ],
}
TYPES: dict[str, Any] = {
    "exclusion": [
        {"id": "tale", "takes": "title", "words": {"en": ["legend"]}},
        {"id": "drill", "takes": "title", "news": True, "words": {"en": ["rehearsal"]}},
        {"id": "wish", "takes": "clause", "news": True, "words": {"en": ["wish"]}},
    ],
    "event": [
        {
            "id": "shots",
            "what": "boats fire or sink",
            "gravity": 3,
            "weight": -9,
            "words": {"en": ["boat (fires OR sinks)"]},
            "unless": {"en": ["barge"]},
        }
    ],
}


@pytest.fixture(scope="module")
def rules() -> LevelRules:
    events = EventTypes(EventsFile.model_validate(TYPES), NO_ALIASES)
    return LevelRules(LevelsFile.model_validate(TABLES).rule, events)


@pytest.fixture(scope="module")
def shipped() -> LevelRules:
    return read_subject(config_folder()).levels


def grade(rules: LevelRules, *items: Item, level: Level = Level.NORMAL) -> tuple[Level, str | None]:
    found = level_of(story(*items, level=level), rules, NOW)
    return found.level, found.rule.id if found.rule else None


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_two_publishers_in_time_make_a_story_major(rules: LevelRules) -> None:
    one, two = item(outlet="westmark", ago=hours(11)), item(outlet="volga", ago=hours(1))
    assert grade(rules, one) == (Level.NORMAL, None)
    assert grade(rules, one, two) == (Level.MAJOR, "many")


def test_what_was_reported_too_long_ago_does_not_count(rules: LevelRules) -> None:
    assert grade(rules, item(outlet="westmark", ago=hours(13)), item(outlet="meridian")) == (Level.NORMAL, None)


def test_what_is_reported_after_the_moment_asked_about_does_not_count(rules: LevelRules) -> None:
    later = [item(outlet=outlet, ago=hours(-1)) for outlet in ("westmark", "volga")]
    assert grade(rules, *later) == (Level.NORMAL, None)


def test_two_feeds_of_one_owner_count_once(rules: LevelRules) -> None:
    assert grade(rules, item("Boat sinks"), item("Boat sinks again")) == (Level.NORMAL, None)


def test_words_are_looked_for_in_titles_in_all_their_forms(rules: LevelRules) -> None:
    shots = item("Patrol boats fired on", outlet="westmark"), item("Boat sinks off Kestrel", outlet="meridian")
    assert grade(rules, *shots) == (Level.BREAKING, "shots")
    hidden = item("Trouble off Kestrel", summary="A boat sinks, we hear.", outlet="meridian")
    assert grade(rules, shots[0], hidden) == (Level.MAJOR, "many")


def test_a_rule_may_ask_for_topics_groups_and_somebody_official(rules: LevelRules) -> None:
    sky: dict[str, Any] = {"topics": ("airspace",)}
    told = [item(outlet=outlet, **sky) for outlet in ("westmark", "volga", "meridian")]
    palace = item(outlet="volga", publisher_kind=PublisherKind.RUSSIAN_OFFICIAL, **sky)
    assert grade(rules, *told) == (Level.MAJOR, "many")
    assert grade(rules, told[0], palace, told[2]) == (Level.BREAKING, "sky")
    assert grade(rules, told[0], palace, item(outlet="flankpost", **sky)) == (Level.MAJOR, "many")


def test_the_wider_circle_rises_only_by_rules_that_name_it(rules: LevelRules) -> None:
    wider: dict[str, Any] = {"relevance": Relevance.RELATED}
    sinking = item("Boat sinks", outlet="westmark", **wider), item("Boat sinks", outlet="ostrov", **wider)
    assert grade(rules, *sinking) == (Level.NORMAL, None)
    both = item(outlet="westmark", **wider), item(outlet="volga", **wider)
    assert grade(rules, *both) == (Level.MAJOR, "war")


def test_observers_make_no_story_louder_however_many_tell_it(rules: LevelRules, shipped: LevelRules) -> None:
    titles = ("Boat sinks", "Polish navy sinks Russian boat", "Kremlin says NATO jets shot down Russian drone")
    posts = [
        item(
            titles[n % 3],
            outlet=tuple(OUTLETS)[n % len(OUTLETS)],
            publisher=f"account {n}",
            publisher_kind=PublisherKind.OBSERVER,
            topics=("airspace", "nuclear"),
        )
        for n in range(24)
    ]
    lone = item("Boat sinks", outlet="meridian", topics=("airspace",))
    for taken in (rules, shipped):
        assert grade(taken, *posts) == (Level.NORMAL, None)
        assert grade(taken, *posts, lone) == grade(taken, lone)
    assert grade(rules, *posts, lone, item("Boat sinks", outlet="westmark")) == (Level.BREAKING, "shots")


def test_observers_lend_others_no_group_and_nothing_official(rules: LevelRules) -> None:
    sky: dict[str, Any] = {"topics": ("airspace",)}
    seen, quoted = (
        item(title, outlet="meridian", publisher_kind=PublisherKind.OBSERVER, **sky)
        for title in ("Drone seen over Kestrel", "Kremlin says it saw a drone")
    )
    palace = item(outlet="volga", publisher_kind=PublisherKind.RUSSIAN_OFFICIAL, **sky)
    west = [item(outlet=outlet, **sky) for outlet in ("westmark", "flankpost")]
    assert grade(rules, *west, palace, seen) == (Level.MAJOR, "many"), "two groups"
    told = [item(outlet=outlet, **sky) for outlet in ("westmark", "volga", "meridian")]
    assert grade(rules, *told, quoted) == (Level.MAJOR, "many"), "nobody official"


PARTIES = {
    "Russian state media": ("volga", PublisherKind.RUSSIAN_STATE_MEDIA),
    "governments of NATO": ("northgate", PublisherKind.WESTERN_GOVERNMENT),
    "Ukraine": ("dnipro", PublisherKind.UKRAINIAN),
}


@pytest.mark.parametrize("party", PARTIES)
def test_one_party_alone_never_makes_a_story_breaking(rules: LevelRules, shipped: LevelRules, party: str) -> None:
    outlet, kind = PARTIES[party]
    titles = ("Boat sinks", "Polish navy sinks Russian boat", "Poland shoots down Russian jet")
    told = [
        item(titles[n % 3], outlet=outlet, publisher=f"voice {n}", publisher_kind=kind, topics=("airspace", "nuclear"))
        for n in range(12)
    ]
    for taken in (rules, shipped):
        assert grade(taken, *told)[0] is Level.MAJOR
    another = item(titles[0], outlet="meridian"), item(titles[1], outlet="meridian", publisher="atoll")
    assert grade(rules, *told, *another)[0] is Level.BREAKING


@given(
    st.lists(st.tuples(st.sampled_from(sorted(OUTLETS)), st.integers(-5, 30)), min_size=1, max_size=8),
    st.sampled_from(Level),
)
def test_a_level_never_falls(rules: LevelRules, told: list[tuple[str, int]], level: Level) -> None:
    reports = [item("Boat sinks", outlet=outlet, ago=hours(ago)) for outlet, ago in told]
    found = level_of(story(*reports, level=level), rules, NOW)
    assert not is_louder(level, found.level)
    assert (found.rule is None) is (found.level is level)


def test_a_loud_story_stays_as_it_is(rules: LevelRules) -> None:
    assert level_of(story(level=Level.BREAKING), rules, NOW) == Grade(level=Level.BREAKING, rule=None)


SHOTS = "Poland shoots down Russian drones over Lublin"
SHOTS_TOO = "Polish pilots shot down Russian drones, army on alert"
AGENCY, PAPER, TRADER, STATE, EXILE = "westmark", "flankpost", "meridian", "volga", "ostrov"


def as_told(*told: tuple[str, str], **fields: Any) -> list[Item]:
    """Reports by outlet and title, minutes ago."""
    kinds = {STATE: PublisherKind.RUSSIAN_STATE_MEDIA, "volga-ru": PublisherKind.RUSSIAN_STATE_MEDIA}
    return [
        item(title, outlet=outlet, publisher_kind=kinds.get(outlet, PublisherKind.OTHER), **fields)
        for outlet, title in told
    ]


def test_what_an_exclusion_takes_out_tells_no_event(rules: LevelRules) -> None:
    agency, trader = "Boat fires on harbour", "Boat sinks off Kestrel"
    assert grade(rules, *as_told((AGENCY, agency), (TRADER, trader)))[1] == "shots"
    for excluded in (
        f"{trader}, rehearsal shows",
        "Some wish that boat sinks",
        "Boat never sinks, owner says",
        f"Did it happen? {trader}",
        "Barge off Kestrel rams boat and sinks",
    ):
        assert grade(rules, *as_told((AGENCY, agency), (TRADER, excluded))) != (Level.BREAKING, "shots"), excluded
    assert grade(rules, *as_told((AGENCY, agency), (TRADER, f"{trader}, a wish says")))[1] == "shots"
    assert grade(rules, *as_told((AGENCY, agency), (TRADER, f"{trader} as barge waits")))[1] == "shots"


def test_what_is_news_all_the_same_is_counted_by_rules_that_ask_only_how_many(rules: LevelRules) -> None:
    for title in ("Boat in rehearsal", "Boats wish to sail", "Boat does not sail"):
        assert grade(rules, *as_told((AGENCY, title), (TRADER, title))) == (Level.MAJOR, "many"), title
    for title in ("Legend of a boat", "Boat: what we know", "Why a boat sank", "Boat sank in 1942"):
        assert grade(rules, *as_told((AGENCY, title), (TRADER, title))) == (Level.NORMAL, None), title


@pytest.mark.parametrize(
    ("titles", "level", "rule"),
    [
        ([SHOTS, "Польша сбила российские беспилотники"], Level.BREAKING, "clash_on_both_sides"),
        ([SHOTS], Level.NORMAL, None),
        (["Estonia asks for Article 4 consultations"] * 3, Level.BREAKING, "article"),
        ([SHOTS, "Russian drones shot down near Chelm in Poland", SHOTS_TOO], Level.BREAKING, "clash_on_both_sides"),
        (["Kyiv wants guarantees in the style of Article 5"] * 3, Level.NORMAL, None),
        (["Senator says NATO should shoot down Russian jets"] * 4, Level.MAJOR, "both_sides"),
        (["Ceasefire signed in Varn, both capitals say"] * 5, Level.BREAKING, "truce"),
        (["Envoys hope for a ceasefire before winter"] * 3, Level.NORMAL, None),
    ],
)
def test_the_shipped_rules(shipped: LevelRules, titles: list[str], level: Level, rule: str | None) -> None:
    sides = ["westmark", "volga", "meridian", "ostrov", "flankpost"]
    told = [item(title, outlet=outlet) for title, outlet in zip(titles, sides, strict=False)]
    assert grade(shipped, *told) == (level, rule)


NO_EVENTS = [
    ("Ten years on: how Turkey shot down Russian jet", "Anniversary: Turkey shot down Russian jet ten years ago today"),
    ("Four years ago Estonia downed a Russian drone", "В годовщину: как Эстония сбила российский дрон"),
    (
        "Poland did not shoot down Russian drone, army says denying reports that it was downed",
        "Warsaw denies Russian drone downed over Poland, calls reports fake",
    ),
    ("Finnish army: Russian drone was never shot down", "Финляндия опровергла, что сбила российский беспилотник"),
    (
        "Romania passes law allowing Russian drones to be shot down",
        "Romanian law lets army see Russian drones shot down",
    ),
    (
        "Сейм Литвы разрешил, чтобы российские дроны были сбиты",
        "Lithuania to allow Russian drones to be downed by army",
    ),
    ("Book tells how Finland sank Russian submarine in 1942", "Finnish divers find Russian submarine sank in 1942"),
    ("Фильм о том, как норвежцы потопили российский корабль", "Film on how Norwegian crew sank Russian cruiser"),
    (
        "Poland says Ukraine shot down Russian missile near its border",
        "Russian missile shot down near Polish border by Ukraine, Poland says",
    ),
    ("Украина сбила российскую ракету у границы с Румынией", "Kyiv downs Russian missile close to Romania"),
    ("Polish army downed mock Russian drones in drill", "Польша на учениях сбила условные дроны России"),
    ("Next Russian jet over Estonia will be shot down", "Следующий российский самолёт над Эстонией будет сбит"),
    ("Monument to Turkish pilot who shot down Russian jet", "Пять лет со дня, когда Турция сбила российский самолёт"),
    ("Cost of the downed Russian drones worries Poland", "Польша изучает обломки сбитых российских дронов"),
    ("Russia shoots down US-made missiles near Rostov", "Россия сбила ракеты американского производства"),
    ("Moldova shoots down Russian drone, Romania watches", "Молдавия сбила российский дрон у границы Румынии"),
    ("What we know about Russian drones shot down over Poland", "Что известно о сбитых Польшей дронах России"),
]


@pytest.mark.parametrize("titles", NO_EVENTS)
@pytest.mark.parametrize("others", [(AGENCY, STATE), (AGENCY, PAPER), (STATE, TRADER)])
def test_what_is_no_event_of_now_is_not_breaking(
    shipped: LevelRules, titles: tuple[str, str], others: tuple[str, str]
) -> None:
    ministry = item(titles[0], outlet="northgate", publisher_kind=PublisherKind.WESTERN_GOVERNMENT)
    told = as_told(*zip(others, titles, strict=True), (EXILE, titles[1]), ("dnipro", titles[0]))
    assert grade(shipped, ministry, *told)[0] is not Level.BREAKING


EVENTS = [
    (SHOTS, SHOTS_TOO),
    (
        "Poland shoots down Russian drones, Moscow denies they were its own",
        "Польша сбила российские дроны, в Москве отрицают",
    ),
    (
        "Polish jets shoot down drones as Russia strikes Ukraine",
        "Russian drones shot down over Poland amid attack on Ukraine",
    ),
    ("Turkish jets shot down Russian bomber, Ankara could call NATO talks", "Турция сбила российский бомбардировщик"),
    ("Finnish navy sank Russian ship, first such clash since 1944", "Финляндия потопила российское судно"),
]


@pytest.mark.parametrize("titles", EVENTS)
def test_events_are_breaking_once_both_sides_or_somebody_official_or_three_tell_them(
    shipped: LevelRules, titles: tuple[str, str]
) -> None:
    one, two = titles
    palace = item("On the situation", outlet="volga", publisher_kind=PublisherKind.RUSSIAN_OFFICIAL)
    assert grade(shipped, *as_told((AGENCY, one), (STATE, two)))[1] == "clash_on_both_sides"
    assert grade(shipped, *as_told((AGENCY, one), (TRADER, two)))[0] is not Level.BREAKING
    assert grade(shipped, palace, *as_told((AGENCY, one), (TRADER, two)))[1] == "clash_confirmed"
    assert grade(shipped, *as_told((AGENCY, one), (TRADER, two), (EXILE, two)))[1] == "clash"


HIT = "drone hits block of flats in Galati, four hurt"


@pytest.mark.parametrize("said", [f"Romania: {HIT}", "Румыния: российский дрон попал в жилой дом в Галаце"])
def test_a_country_that_a_title_begins_with_is_nobody_official(shipped: LevelRules, said: str) -> None:
    titles = said, f"Russian {HIT}"
    told = as_told(*zip((AGENCY, TRADER), titles, strict=True))
    assert grade(shipped, *told)[0] is not Level.BREAKING
    ministry = item(f"Romanian army: Russian {HIT}", outlet=AGENCY)
    assert grade(shipped, *told[1:], ministry) == (Level.BREAKING, "hit_confirmed")


CLAIMED = "NATO drone shot down over Kaliningrad by Russian air defence"


@pytest.mark.parametrize(
    "echo",
    [
        (EXILE, "Дрон НАТО сбит над Калининградом, утверждает Минобороны РФ"),
        (EXILE, "Российская ПВО сбила дрон НАТО — Минобороны"),
        (EXILE, "Минобороны РФ заявило о сбитом российской ПВО дроне НАТО"),
        (AGENCY, "Russia claims it shot down NATO drone over Black Sea, no evidence"),
        (AGENCY, "Russian air defence shot down NATO drone, Kremlin says"),
        (AGENCY, "NATO drone downed by Russia, according to Moscow"),
        (TRADER, "Russian defence ministry: NATO drone shot down"),
    ],
)
def test_who_quotes_a_party_is_no_second_voice(shipped: LevelRules, echo: tuple[str, str]) -> None:
    echoes = [item(echo[1], outlet=echo[0], publisher=f"{echo[0]} {n}") for n in range(4)]
    claimed = as_told((STATE, CLAIMED), ("volga-ru", "ПВО России сбила дрон НАТО"))
    assert grade(shipped, *claimed, *echoes)[0] is not Level.BREAKING
    seen = as_told((TRADER if echo[0] != TRADER else AGENCY, "Russian air defence shot down NATO drone, footage shows"))
    assert grade(shipped, *claimed, *echoes, *seen)[0] is Level.BREAKING


@pytest.mark.parametrize(
    ("outlet", "kind", "own", "echo"),
    [
        ("northgate", PublisherKind.WESTERN_GOVERNMENT, SHOTS, "Poland says it shot down Russian drones"),
        ("dnipro", PublisherKind.UKRAINIAN, SHOTS, "Zelensky says Poland shot down Russian drones"),
        ("northgate", PublisherKind.NATO_OFFICIAL, SHOTS, "Польша сбила дроны России, заявили в Варшаве"),
    ],
)
def test_natos_and_ukraines_word_is_one_voice_too(
    shipped: LevelRules, outlet: str, kind: PublisherKind, own: str, echo: str
) -> None:
    party = item(own, outlet=outlet, publisher_kind=kind)
    echoes = as_told((AGENCY, echo), (PAPER, echo), (STATE, echo), (TRADER, echo))
    assert grade(shipped, party, *echoes)[0] is not Level.BREAKING
    assert grade(shipped, party, *echoes, *as_told((EXILE, SHOTS)))[0] is (
        Level.BREAKING if kind is not PublisherKind.UKRAINIAN else Level.MAJOR
    )


def test_round_ups_questions_and_opinions_lift_nothing(shipped: LevelRules) -> None:
    airspace: dict[str, Any] = {"topics": ("airspace",)}
    reported = "Russian drones enter airspace of Poland"
    told = as_told((AGENCY, reported), (STATE, reported), (TRADER, reported), **airspace)
    asides = as_told(
        (PAPER, "What we know about Russian drones over Poland and Romania"),
        (EXILE, "Live: Russian drones, Poland, Romania and NATO jets - latest"),
        ("dnipro", "Is NATO planning to attack Russia from Latvia?"),
        ("northgate", "Opinion: Poland must close its airspace"),
        **airspace,
    )
    assert grade(shipped, *told, *asides)[0] is Level.MAJOR
    assert grade(shipped, *asides) == (Level.NORMAL, None)
    more = as_told((PAPER, reported), (EXILE, "Российские дроны вошли в небо Польши"), **airspace)
    assert grade(shipped, *told, *asides, *more) == (Level.BREAKING, "airspace")


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Poland reopens airspace near Belarus border", Level.MAJOR),
        ("NATO jets escort Russian patrol plane in international airspace", Level.MAJOR),
        ("Самолёты НАТО сопроводили российский борт в международном воздушном пространстве", Level.MAJOR),
        ("Russian jet violates airspace of Estonia", Level.BREAKING),
        ("Российский самолёт нарушил воздушное пространство Эстонии", Level.BREAKING),
    ],
)
def test_only_an_intrusion_into_airspace_is_breaking(shipped: LevelRules, title: str, level: Level) -> None:
    ministry = item(title, outlet="northgate", publisher_kind=PublisherKind.WESTERN_GOVERNMENT, topics=("airspace",))
    others = as_told((AGENCY, title), (PAPER, title), (TRADER, title), topics=("airspace",))
    assert grade(shipped, ministry, *others)[0] is level


def test_each_shipped_rule_says_itself_in_words(shipped: LevelRules) -> None:
    assert all(rule.says.startswith("at least ") and not rule.says.endswith(".") for rule in shipped.rules)


FAULTY = """
[[rule]]
id = "dim"
level = "normal"
publishers = 0
within = "soon"
colour = "red"

[[rule]]
id = "odd"
level = "major"
says = "something odd is reported"
publishers = 2
within = "3 hours"
groups = 7
topics = ["skies"]
events = ["flood", "shots"]

[[rule]]
id = "odd"
level = "major"
says = "again"
publishers = 2
within = "3 hours"
"""


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "levels.toml"
    file.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_model(file, LevelsFile, topics=["airspace"], events=["shots"])
    assert [str(fault).removeprefix(f"{file}, ") for fault in caught.value.faults] == [
        "line 2, [[rule]] dim: says is missing",
        "line 4, [[rule]] dim, level: should be breaking or major; what no rule lifts is normal",
        "line 5, [[rule]] dim, publishers: should be 1 or more",
        'line 6, [[rule]] dim, within: should be a length of time, such as "3 hours"',
        "line 7, [[rule]] dim, colour: isn't known here; the keys are id, level, says, relevance, topics, events, "
        "publishers, within, groups, official, both",
        "line 15, [[rule]] odd, groups: should be 6 or less",
        "line 16, [[rule]] odd, topics 1: “skies” is none of those that exist: airspace",
        "line 17, [[rule]] odd, events 1: “flood” is none of those that exist: shots",
        'line 20, [[rule]] odd, id: "odd" is used twice; give each rule its own',
    ]
