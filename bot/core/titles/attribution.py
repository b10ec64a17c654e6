"""What a title does with an event: tells it, denies it, passes on what a party says of it, or asks and sums up.

The words are those that English and Russian editors write, whatever the news. What is a matter of the subject (laws,
drills, anniversaries ...) stands in config/subject/levels.toml.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.core.language.text import words_in
from bot.core.model import Side

# Titles read are remembered: a story's reports are weighed anew with each one that joins it.
_REMEMBERED = 4_000

# What begins a clause that is not what the title is about: whom it tells of, or how, or on which terms.
_BEFORE = ("under", "by", "in", "for", "to", "of", "по", "под", "из", "в", "при", "о", "с")
_NOT_AFTER = "".join(rf"(?<!\b{word})" for word in _BEFORE)
_BACKGROUND = (
    rf"(?:(?:{'|'.join(_BEFORE)}) )?(?:who|whom|whose|which|how|when|where|whether|котор\w+|когда|чтобы|"
    r"как(?! (?:сообщ|заяв|утвержд|переда|стало|пиш)))\b"
)
# Where one statement of a title ends and another begins. A colon is none: what it stands after is a label.
_BORDER = re.compile(
    r"[,;]\s|\.\s|\s[-–—|]+\s|"
    rf"{_NOT_AFTER}\s(?={_BACKGROUND})|"
    r"\s(?=(?:as|while|after|but|despite|although|though|amid|during|before|following|"
    r"но|а|однако|хотя|пока|после|во время|на фоне)\s)",
    re.IGNORECASE,
)

# Titles that ask, argue, or tell of many things at once.
_QUESTION_WORDS = (
    r"why|how|what|who|where|when|which|whether|почему|зачем|что|кто|где|куда|когда|чем|сколько|"
    r"как(?! (?:сообщ|заяв|утвержд|переда|стало|пиш))"
)
_ASKS_OR_SUMS_UP = re.compile(
    rf"\?|(?:^|[:|–—] )[\"“«‘(]?(?:{_QUESTION_WORDS})\b|"
    r"\blive\b(?![- ](?:fire|firing|ammunition|rounds?|shells?|grenades?))|\bupdates\b|\blatest(?:$|:| on\b| news\b)|"
    r"as it happened|what (?:we|to|you|is|is known)\b.{0,12}\bknow|need to know|\bhere['’]s\b|takeaways|"
    r"\bexplain(?:ed|er)\b|\b(?:morning|evening|daily|weekly|news|world) (?:brief|briefing|digest|update)\b|"
    r"^briefing\b|\bin (?:brief|pictures|photos|maps|charts|numbers)\b|\btimeline\b|\binterview\b|podcast|\bquiz\b|"
    r"newsletter|round-?up\b|week in review|top stories|stories of the day|press review|\bat a glance\b|\brecap\b|"
    r"\b\w+ things (?:to|we|you)\b|\blessons?\b|\bopinion\b|\bop-ed\b|\beditorial\b|\banalysis\b|\bcommentary\b|"
    r"\b(?:comment|column|viewpoint|essay|view):|"
    r"что (?:мы |уже |нам |сейчас |нужно |надо |важно )*(?:известно|знаем|знать)|\bхроника\b|\bонлайн\b|"
    r"\bглавное (?:за|к|на|о)\b|\bитоги\b|дайджест|\bобзор\b|подкаст|интервью|\bмнение\b|\bколонка\b|\bаналитика\b|"
    r"\bразбор\b|объясняем|рассказываем|\bтрансляция\b|прямой эфир|\bкоротко\b",
    re.IGNORECASE,
)

_IS_BACKGROUND = re.compile(_BACKGROUND, re.IGNORECASE)
# What denies, doubts or takes back. Nobody hurt and nothing damaged denies no event.
_DENIES = re.compile(
    r"\bden(?:y|ies|ied|ying|ials?)\b|\b(?:not|never|none|neither|nor)\b|n['’]t\b|"
    r"\bno\b(?! (?:one|casualt|injur|damage|victim|death|longer|fewer|less))|\bnothing\b|"
    r"\b(?:false(?:ly)?|fake[sd]?|hoax|untrue|bogus|baseless|groundless|unfounded|fabricat\w+|deepfakes?|myths?|"
    r"rumou?rs?|(?:mis|dis)information|debunk\w*|refut\w+|rebut\w*|reject\w*|dismiss\w*|disput\w+|contradict\w+|"
    r"retract\w*|nonsense|absurd|alleged(?:ly)?|purported(?:ly)?|unconfirmed|unverified|fact[- ]?check\w*|"
    r"rul(?:e|es|ed|ing) out|"
    r"walks? back|so-called|without (?:evidence|proof))\b|"
    r"\bне\b(?! (?:менее|только|пострада|сообща))|\b(?:ни|нет|якобы)\b|\b(?:опроверг|опроверж|опроверга|отрица|отверг|"
    r"фейк|ложь|ложн|недостоверн|вымыс|вымышлен|выдум|слухи|слухам|неподтвержд|неправд|дезинформаци|чушь|абсурд)\w*",
    re.IGNORECASE,
)

_SAYING = re.compile(
    r"says?|said|(?:claim|insist|assert|report|confirm|admit)(?:s|ed)?|(?:alleg|announc|declar|accus|blam)e[sd]?|stated|"
    r"boasts|maintains|"
    r"заяв(?:ил|ля[ею])\w*|утвержда\w+|сообщ(?:ил|а[ею])\w*|объяв(?:ил|ля[ею])\w*|подтверд(?:ил|жда)\w*|"
    r"обвин(?:ил|я[ею])\w*|рассказал\w*|признал\w*|отчитал\w*|отрапортовал\w*|уверяет|уверяют"
)
_ACCORDING = re.compile(
    r"\baccording to\s+(.+)|\bпо (?:словам|данным|версии|утверждению|информации|заявлению|сообщению)\s+(.+)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?: [-–—]|:) ([^-–—:]+)$")  # “...: Russian army”, «... — Минобороны»

# Who speaks for a party, as folded words.
_SPEAKERS: tuple[tuple[Side, re.Pattern[str]], ...] = (
    (
        Side.RUSSIA,
        re.compile(
            r"russia|russians?|moscow|kremlin|putin|peskov|lavrov|zakharova|medvedev|shoigu|belousov|patrushev|fsb|tass|"
            r"росси\w+|рф|москв\w+|кремл\w+|путин\w*|песков\w*|лавров\w*|захаров\w+|медведев\w*|белоусов\w*|фсб|тасс"
        ),
    ),
    (
        Side.UKRAINE,
        re.compile(
            r"ukrain\w+|kyiv|kiev|zelensk\w+|sybiha|syrsky\w*|украин\w+|киев\w*|зеленск\w+|сибиг\w+|сырск\w+|всу|сбу"
        ),
    ),
    (
        Side.NATO,
        re.compile(
            r"nato|rutte|pentagon|washington|trump|us|usa|america|americans?|britain|british|uk|london|france|french|"
            r"paris|macron|german|germans|germany|berlin|merz|poland|polish|warsaw|tusk|sikorski|estonian?|estonians|"
            r"tallinn|latvian?|riga|lithuanian?|vilnius|finland|finnish|helsinki|stubb|sweden|swedish|stockholm|norway|"
            r"norwegian|oslo|denmark|danish|copenhagen|romanian?|bucharest|turkey|turkiye|turkish|ankara|erdogan|dutch|"
            r"netherlands|belgian|belgium|canada|canadian|czech|prague|italy|italian|rome|spain|spanish|bulgarian?|"
            r"sofia|hungary|hungarian|budapest|slovak|slovakia|greece|greek|"
            r"нато|рютте|пентагон\w*|сша|вашингтон\w*|трамп\w*|американск\w+|британ\w+|великобритани\w+|лондон\w*|"
            r"франци\w+|французск\w+|париж\w*|макрон\w*|герман\w+|немецк\w+|берлин\w*|мерц\w*|польш\w+|польск\w+|варшав\w+|"
            r"туск\w*|сикорск\w+|эстон\w+|таллин\w*|латви\w+|рига|риге|риги|литв\w+|литовск\w+|вильнюс\w*|финлянд\w+|"
            r"финск\w+|хельсинки|стубб\w*|швеци\w+|шведск\w+|стокгольм\w*|норвег\w+|норвежск\w+|осло|дани[яию]|датск\w+|"
            r"копенгаген\w*|румын\w+|бухарест\w*|турци\w+|турецк\w+|анкар\w+|эрдоган\w*|нидерланд\w+|чехи\w+|чешск\w+"
        ),
    ),
)
# In Russian these alone are Russia's.
_OFFICES_AT_HOME = re.compile(r"минобороны|минобороне|мид|миде|генштаб\w*")
# Between a party's name and what it says: a ministry, a title, a name. Not a word that begins something else, nor one
# for those who speak for themselves.
_NOT_BETWEEN = re.compile(
    r"in|on|at|over|near|to|from|by|with|into|against|down|shot|downed|downs|sank|sunk|fire|drones?|jets?|missiles?|"
    r"experts?|analysts?|press|newspapers?|dail(?:y|ies)|papers?|outlets?|opposition|activists?|historians?|authors?|"
    r"residents?|witness(?:es)?|polls?|surveys?|stud(?:y|ies)|refugees?|citizens?|scholars?|bloggers?|"
    r"над|из|от|сбил\w*|сбит\w*|эксперт\w*|аналитик\w*|сми|газет\w+|издани\w+|историк\w*|оппози\w+|жител\w+|очевид\w+|"
    r"правозащит\w+|блогер\w*|агентств\w+"
)
_MEDIA, _STATE = "media", "state"  # Russian state media speak for the state, other media for themselves
_OFFICE = re.compile(
    r"the|s|of|defen[cs]e|foreign|interior|prime|army|military|navy|air|armed|forces?|ministry|minister|mod|president|pm|"
    r"government|officials?|general|staff|chief|spokes\w+|council|embassy|ambassador|envoy|"
    r"в|минобороны|мид|миде|генштаб\w*|президент\w*|премьер\w*|министр\w*|министерств\w+|обороны|армия|армии|военные|"
    r"правительств\w+|посольств\w+"
)
_REACH = 6  # words


@lru_cache(_REMEMBERED)
def clauses_in(title: str) -> tuple[str, ...]:
    """The statements that a title is put together from, in its order."""
    return tuple([clause for part in _BORDER.split(title) if (clause := part.strip())])


@lru_cache(_REMEMBERED)
def asks_or_sums_up(title: str) -> bool:
    """Whether a title is of a question, an opinion, a round-up or a live blog, rather than of one event."""
    return _ASKS_OR_SUMS_UP.search(title) is not None


@lru_cache(_REMEMBERED)
def affirmed(title: str) -> tuple[str, ...]:
    """The clauses of a title that say what happened and deny nothing; none if its first denies: then all of it does."""
    clauses = clauses_in(title)
    if not clauses or _DENIES.search(clauses[0]):
        return ()
    return tuple([clause for clause in clauses if not _DENIES.search(clause) and not _IS_BACKGROUND.match(clause)])


@lru_cache(_REMEMBERED)
def reports(title: str) -> bool:
    """Whether a title reports an event, rather than denying it, asking or summing up."""
    return bool(affirmed(title)) and not asks_or_sums_up(title)


@lru_cache(_REMEMBERED)
def quoted_party(title: str) -> Side | None:
    """Whose word a title passes on: Russia's, Ukraine's, or that of NATO or a government of its members.

    None if it tells what happened in its own name, or both sides' words.
    """
    sides = set(_quoted(title))
    return sides.pop() if len(sides) == 1 else None


def _quoted(title: str) -> Iterator[Side]:
    for found in _ACCORDING.finditer(title):
        yield from _one(_after(_folded(clauses_in(found[1] or found[2])[0])))
    label, _, rest = title.partition(": ")
    if rest and len(words := _folded(label)) <= _REACH and (speaker := _before(words)):
        yield speaker
        title = rest
    if (tail := _TAIL.search(title)) and all(_OFFICE.fullmatch(word) or _party(word) for word in _folded(tail[1])):
        yield from _one(_before(_folded(tail[1])))
    is_statement = True
    for clause in clauses_in(title):
        speaker = _speaker(_folded(clause), follows=not is_statement)
        is_statement = speaker is not None
        yield from _one(speaker)


def _one(side: Side | None) -> Iterator[Side]:
    if side is not None:
        yield side


def _folded(text: str) -> list[str]:
    return [word.folded for word in words_in(text) if word.name or word.folded != "us"]


def _speaker(words: list[str], *, follows: bool) -> Side | None:
    """Whose word a clause brings. One that `follows` speaks of what stood before it only if it adds nothing itself."""
    place = next((place for place, word in enumerate(words) if _says(word)), None)
    if place is None:
        return None
    before, after = words[:place], words[place + 1 :]
    if before and (side := _before(before[-_REACH:])):
        return side if not follows or len(after) <= 1 else None
    is_inverted = not before or before == ["как"]
    return _after(after) if is_inverted else None


def _says(word: str) -> bool:
    return _SAYING.fullmatch(word) is not None


def _before(words: list[str]) -> Side | None:
    """Who is named last, up to a word that tells that somebody else speaks."""
    for place, word in reversed(list(enumerate(words))):
        if side := _party(word):
            return side
        if _NOT_BETWEEN.fullmatch(word) or (word == _MEDIA and words[max(0, place - 1)] != _STATE):
            return None
    return Side.RUSSIA if any(_OFFICES_AT_HOME.fullmatch(word) for word in words) else None


def _after(words: list[str]) -> Side | None:
    """Who is named first, if it is the speaker: “says Poland's army”, «заявили в Минобороны Польши»."""
    for word in words[:_REACH]:
        if side := _party(word):
            return side
        if _NOT_BETWEEN.fullmatch(word) or word == _MEDIA:
            break
    return Side.RUSSIA if any(_OFFICES_AT_HOME.fullmatch(word) for word in words[:2]) else None


def _party(word: str) -> Side | None:
    return next((side for side, names in _SPEAKERS if names.fullmatch(word)), None)
