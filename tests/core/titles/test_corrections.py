"""What is a correction in substance, and what only other words for the same."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.lexicon import Lexicon
from bot.core.language.text import fold
from bot.core.titles.corrections import is_retold, is_reversed
from tests.bench.grouping_evaluation import shipped_lexicon

SUBSTANCE = (
    ("Estonian navy boards Russian tanker", "Russian navy boards Estonian tanker"),
    ("Polish jets escort Russian bomber", "German jets escort Russian bomber"),
    ("Латвия закрыла границу с Россией", "Литва закрыла границу с Россией"),
    ("Россия обстреляла учения НАТО", "НАТО обстреляло учения России"),
    ("Drone found in a field near Riga", "Drone found in a field near Vilnius"),
    ("Cable cut off Gotland", "Cable cut off Bornholm"),
    ("Four sailors missing after blast on tanker", "Fourteen sailors missing after blast on tanker"),
    ("Alliance to move 300 troops to Norway", "Alliance to move 3,000 troops to Norway"),
    ("Шесть военных погибли при взрыве на складе", "Девять военных погибли при взрыве на складе"),
    ("Bloc pledges 2 billion euros for Kyiv", "Bloc pledges 2 million euros for Kyiv"),
    ("Finland confirms airspace breach", "Finland denies airspace breach"),
    ("Hungary backs the new sanctions", "Hungary rejects the new sanctions"),
    ("Minister says talks have failed", "Minister says talks have not failed"),
    ("Moscow fired at the patrol boat", "Moscow may have fired at the patrol boat"),
    ("Посол подтвердил встречу в Осло", "Посол опроверг встречу в Осло"),
    ("Самолёт нарушил границу Эстонии", "Самолёт не нарушал границу Эстонии"),
    ("Sweden sinks unknown submarine", "Sweden tracks unknown submarine"),
    ("Kremlin welcomes the proposal", "Kremlin dismisses the proposal"),
    ("Talks begin in Geneva", "Talks collapse in Geneva"),
    ("Кремль принял предложение Вашингтона", "Кремль отверг предложение Вашингтона"),
    (
        "Russia says it shot down Estonian drone over the Baltic Sea",
        "Russia denies it shot down Estonian drone over the Baltic Sea",
    ),
    ("Jet enters airspace over Estonia", "Jet enters airspace over Latvia"),
    ("Norway will send frigates to the strait", "Norway won't send frigates to the strait"),
    ("Russian missile hits Polish barn", "Ukrainian missile hits Polish barn"),
    ("Ministers sign arms deal in Oslo", "Ministers fail to sign arms deal in Oslo"),
    ("Kremlin rules out a truce at sea", "Kremlin accepts a truce at sea"),
    ("Blast rocks depot, killing three", "Blast rocks depot, killing thirty"),
    ("Three killed in depot blast", "Two killed in depot blast"),
    ("Россия атаковала польский порт", "Украина атаковала польский порт"),
    ("Москва подтвердила переговоры в Осло", "Москва опровергает переговоры в Осло"),
    ("Drones never entered Lithuania, says army", "Drones may have strayed into Lithuania, says army"),
    ("Russia attacks Ukrainian harbour", "Russian harbour attacked by Ukraine"),
    ("Blast kills three, injures four", "Blast kills four, injures three"),
    ("Drone over Riga was Russian", "Was drone over Riga Russian?"),
    ("Дрон упал в Латвии", "Предположительно, дрон упал в Латвии"),
    ("Норвегия отправит фрегаты в пролив", "Норвегия не отправит фрегаты в пролив"),
    ("Десятки дронов сбиты над Одессой", "Сотни дронов сбиты над Одессой"),
    ("Storm tore cable off Gotland", "Russian ship tore cable off Gotland"),
    ("Рютте прибыл в Вильнюс", "Столтенберг прибыл в Вильнюс"),
    ("Rutte Calls For Calm After Clash", "Stubb Calls For Calm After Clash"),
    ("Canada to supply ice-breakers to Norway", "Canada considers supplying ice-breakers to Norway"),
    ("Germany to send tanks to Lithuania", "Germany to send tents to Lithuania"),
    ("US to send tanks to Lithuania", "UK to send tanks to Lithuania"),
)
SAME = (
    ("Estonian navy bords Russian tanker", "Estonian navy boards Russian tanker"),
    ("NATO jets intercept bomber over Baltic", "Over Baltic, NATO jets intercept bomber"),
    ("Finland closes border crossing", "Finland closes border crossing after night of talks with the guards"),
    ("Blast at depot: what is known", "Blast at depot — what is known"),
    ("LIVE: Talks in Geneva enter second day", "Talks in Geneva enter second day"),
    ("Cable cut off Gotland", "Cable cut off Gotland | The Harbour Post"),
    ("Cable cut off Gotland - Harbour Post", "Cable cut off Gotland"),
    ("Minister says that the talks will go on", "Minister says talks will go on"),
    ("NATO’s chief arrives in Riga", "NATO's chief arrives in Riga"),
    ("NATO chief arrives in Riga", "Nato chief arrives in Riga"),
    ("Alliance moves 3000 troops to Norway", "Alliance moves 3,000 troops to Norway"),
    ("Alliance moves three thousand troops to Norway", "Alliance moves 3,000 troops to Norway"),
    ("Four sailors missing", "4 sailors missing"),
    ("Латвия закрыла границу с Россией", "Латвия закрыла границу с Россией - Портовый вестник"),
    ("Самолет нарушил границу Эстонии", "Самолёт нарушил границу Эстонии"),
    ("Шесть военных погибли при взрыве на складе", "При взрыве на складе погибли шесть военных"),
    ("В Осло началась встреча послов", "Встреча послов началась в Осло"),
    ("Sweden tracks unknown submarine", "Sweden is tracking an unknown submarine"),
    ("Swedish navy tracks unknown submarine", "Sweden's navy tracks unknown submarine"),
    ("Sweden’s navy tracks unknown submarine off Gotland", "Unknown submarine tracked by Sweden's navy off Gotland"),
    ("Death toll in depot blast rises to 12", "Death toll in depot blast rises to 15"),
    ("At least 12 held after border clash", "At least 15 held after border clash"),
    ("Dozens of drones shot down over Odesa", "47 drones shot down over Odesa"),
    ("War in Ukraine, day 1,203: what is known", "War in Ukraine, day 1,204: what is known"),
    ("Talks in Geneva go on (updated 14:05)", "Talks in Geneva go on (updated 16:40)"),
    ("Russian missile hits barn in Poland", "Barn in Poland hit by Russian missile"),
    ("Russia and Ukraine swap prisoners", "Ukraine and Russia swap prisoners"),
    ("Россия атаковала Украину дронами", "Дронами Россия атаковала Украину"),
    ("Украину атаковала Россия", "Россия атаковала Украину"),
    ("Москва подтвердила переговоры в Осло", "Москва подтверждает переговоры в Осло"),
    ("Дания закрывает проливы", "Дания закрыла проливы для танкеров после аварии"),
    ("Three killed in depot blast", "Three people killed in depot blast, Kyiv denies role"),
    ("Blast at depot near Tver", "Blast at depot near Tver, no one hurt"),
    ("Moscow jails two for spying", "Russia jails two for spying"),
    ("Troops to stay in Latvia through winter", "Troops will stay in Latvia until winter"),
    ("ALLIANCE JETS SCRAMBLED OVER THE BALTIC", "Alliance jets scrambled over the Baltic"),
    ("Lukashenko meets envoy in Minsk", "Lukashenka met the envoy in Minsk"),
    ("Drone “may be Russian”, says Tallinn", "Tallinn says drone may be Russian"),
    ("Срочно: взрыв на складе под Тверью", "Взрыв на складе под Тверью"),
    ("Norway's Solberg urges calm", "Solberg urges calm"),
    ("Allies cozy up to Orsa after Varn snub", "Allies shift gaze to Orsa after Varn snub"),
    ("Tanker leaves Varn under guard after week of quarrels over papers and fees", "Tanker leaves Varn under guard"),
    ("One harbour, many questions: 44 boats leave Varn", "44 boats leave Varn"),
    ("Fog over Narva live: jets spotted", "Fog over Narva briefing: jets seen"),
    ("Fire at depot near Tver put out", "Firefighters extinguish depot blaze near Tver"),
)
# What only the longer title tells is no correction one way; it is the other way round where a country or the number
# goes that the title was about.
ONE_WAY = (
    ("Russian missile hits barn", "Missile hits barn"),
    ("Three sailors missing after blast", "Sailors missing after blast"),
    ("At least 15 held after border clash", "At least 12 held after border clash"),
)
WORDS = ("Russia", "denies", "three", "ships", "won't", "never", "12", "drones", "over", "Рига", "не", "сбила", "two")


@cache
def lexicon() -> Lexicon:
    return shipped_lexicon()


def lang_of(title: str) -> str:
    return "en" if fold(title).isascii() else "ru"


def retold(before: str, after: str) -> bool:
    return is_retold(before, after, lang=lang_of(before), lexicon=lexicon())


def turned(before: str, after: str) -> bool:
    return is_reversed(before, after, lang=lang_of(before), lexicon=lexicon())


@pytest.mark.parametrize(("before", "after"), SUBSTANCE)
def test_what_changes_who_what_where_how_many_or_whether_is_a_correction(before: str, after: str) -> None:
    assert not retold(before, after)
    assert not retold(after, before), "so is taking it back"


@pytest.mark.parametrize(("before", "after"), SAME)
def test_the_same_in_other_words_or_more_is_none(before: str, after: str) -> None:
    assert retold(before, after)


@pytest.mark.parametrize(("before", "after"), ONE_WAY)
def test_a_country_or_number_that_goes_is_a_correction_and_one_that_comes_is_not(before: str, after: str) -> None:
    assert not retold(before, after)
    assert retold(after, before)


@given(
    words=st.lists(st.sampled_from(WORDS)),
    gaps=st.sampled_from([" ", "  ", ", ", " — "]),
)
def test_a_title_that_is_the_same_but_for_case_and_punctuation_tells_the_same(words: list[str], gaps: str) -> None:
    assert retold(" ".join(words), gaps.join(words).upper())


REVERSALS = (
    ("Baltic cable cut by Russian ship", "Baltic cable NOT cut by Russian ship"),
    ("Drones entered Lithuania, says army", "Drones never entered Lithuania, says army"),
    ("Самолёт нарушил границу Эстонии", "Самолёт не нарушал границу Эстонии"),
    ("Finland confirms airspace breach", "Finland denies airspace breach"),
    ("Kremlin accepts the proposal", "Kremlin rejects the proposal"),
    ("Missile hits Polish barn", "Missile intercepted over Polish barn"),
    ("Blast at depot, two dead", "Blast at depot, two unharmed"),
    ("Cable cut off Gotland", "Cable off Gotland: report of a cut was false"),
    ("Cable cut off Gotland", "This article has been withdrawn"),
    ("Кабель перерезан у Готланда", "Статья удалена"),
    # Nobody came to harm after all.
    ("Two killed in Tallinn blast", "Nobody killed in Tallinn blast"),
    ("Two killed in Tallinn blast", "No deaths in Tallinn blast"),
    ("Three killed in Riga harbour explosion", "No one killed in Riga harbour explosion, port says"),
    ("Five injured as drone hits Lublin depot", "Nobody injured as drone hits Lublin depot"),
    ("Seven dead after missile hits Odesa flat block", "Zero dead after missile hits Odesa flat block"),
    ("Drone crashes in Estonia, two wounded", "Drone crashes in Estonia, none wounded"),
    ("Drone hits tanker off Crimea, 3 killed", "Drone hits tanker off Crimea, 0 killed"),
    ("Sailors killed in Baltic blast", "Baltic blast: no casualties"),
    ("Взрыв в Таллине: двое погибших", "Взрыв в Таллине: погибших нет"),
    ("Атака беспилотников на Псков: трое раненых", "Атака беспилотников на Псков: пострадавших нет"),
    ("Двое пострадали при взрыве в Твери", "При взрыве в Твери никто не пострадал"),
    # What was told is said not to be true.
    ("NATO invokes Article 5", "Claim that NATO invoked Article 5 is wrong"),
    ("NATO invokes Article 5", "Reports that NATO invoked Article 5 are untrue"),
    ("НАТО применила пятую статью", "Сообщение о применении пятой статьи НАТО — фейк"),
    ("Germany confirms sabotage of rail line", "Germany retracts claim of sabotage of rail line"),
    ("Missile alert in Warsaw", "Missile alert in Warsaw was false alarm"),
    ("Взрыв на военном складе в Брянске", "Взрыва на военном складе в Брянске не было"),
    ("Sabotage found in cable cut", "No sign of sabotage in cable cut"),
    # It was somebody else's.
    ("Russia fires missile at Poland", "Update: missile that fell in Poland was Ukrainian"),
    ("Russian submarine sighted off Norway", "Update: submarine sighted off Norway was British"),
    ("Российская ракета упала в Польше", "Ракета в Польше была украинской"),
    ("Russian drone crosses into Estonia", "Estonia: drone was Ukrainian, not Russian"),
)
# Corrections that take nothing back: what followed, somebody else, another number, a doubt.
NO_REVERSALS = (
    ("Talks begin in Geneva", "Talks end in Geneva"),
    ("Rutte arrives in Riga", "Rutte leaves Riga"),
    ("Polish jets escort Russian bomber", "German jets escort Russian bomber"),
    ("Four sailors missing after blast", "Fourteen sailors missing after blast"),
    ("Moscow may have fired at the patrol boat", "Moscow fired at the patrol boat"),
    ("Cable cut off Gotland", "Cable cut off Gotland | The Harbour Post"),
    ("Drone over Riga", "Drone over Riga, no one hurt"),
    # Something else is denied, ended, or said not to be true.
    ("Estonia scrambles jets", "Estonia scrambles jets after 'fake' call sign"),
    ("Drone shot down over Poland", "Drone shot down over Poland, false alarm in Lithuania"),
    ("Blast at Tallinn port", "Blast at Tallinn port after fake bomb threat in Helsinki"),
    ("Nato chief: Allies ready", "Nato chief: Allies not afraid"),
    ("Allies ready for Russia", "Allies show no fear of Russia"),
    ("Drone hits Kyiv depot", "Drone hits Kyiv depot, Moscow refutes involvement"),
    ("Взрыв в Таллине", "После взрыва в Таллине погибших нет"),
    ("Two killed in Kharkiv strike", "Four killed in Kharkiv strike, none missing"),
    ("Two injured in Riga blast", "Two injured in Riga blast, no deaths"),
    ("Poland shuts border; drones seen", "Poland shuts border; no more drones seen"),
    ("Putin warns West", "Putin: West is wrong"),
    ("Norway arrests Russian sailor", "Norway arrests Russian sailor with false passport"),
    # What is not ruled out, or not false, is not denied.
    ("Sabotage not ruled out in cable cut", "Sabotage suspected in cable cut"),
    ("Missile alert in Warsaw", "Missile alert in Warsaw not false, army says"),
    # It says whose something else was, or whose it was at all.
    ("Russian tanker seized by Finland", "Captain of tanker seized by Finland is Georgian"),
    ("Drone over Riga", "Drone over Riga was Russian"),
    ("CORRECTED: Drone falls in Latvia", "Drone falls in Latvia"),
)


@pytest.mark.parametrize(("before", "after"), REVERSALS)
def test_what_is_denied_withdrawn_or_contradicted_is_taken_back(before: str, after: str) -> None:
    assert turned(before, after)
    assert not retold(before, after)


@pytest.mark.parametrize(("before", "after"), NO_REVERSALS)
def test_other_corrections_take_nothing_back(before: str, after: str) -> None:
    assert not turned(before, after)


@pytest.mark.parametrize(("before", "after"), SAME)
def test_the_same_in_other_words_takes_nothing_back(before: str, after: str) -> None:
    assert not turned(before, after)
