"""Sentences of articles: where each ends, and which of them can be read without the rest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.core.language.language import Language, language_of

_CAPITALS = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĢĪĮĶĹĻĽŁŃŅŇŐŘŚŞŠȘŢŤȚŪŮŰŲŹŻŽΑ-ΩА-ЯЁІЇЄҐ"

_TOWN = rf"[{_CAPITALS}][{_CAPITALS}'’ -]{{2,}}"
_NAMES = rf"[{_CAPITALS}][\w'’-]++(?: [{_CAPITALS}][\w'’-]++){{0,2}}"
_AGENCY = rf"\((?:[{_CAPITALS}][^()]{{1,30}}|[a-z]{{2,4}}(?:/[^()]{{1,20}})?)\)"

# Where a report was written says little of what it is about: “MOSCOW, December 4. /AGENCY/.”,
# “KYIV, Ukraine (AGENCY) —”, «КИЇВ, 4 грудня (Агенція).», “МОСКВА, 4 дек - Агентство.”,
# “Москва. 4 декабря. AGENCY.RU -”, “Budapest, május 4. (AGENCY) –”, “Praha 4. prosince (AGENCY) -”, “Berlin (agy) -”,
# “(Agency) -”, “(AGENCY) ”.
_DATELINE = re.compile(
    rf"{_TOWN}(?: /[^/]+/)?(?:, [^—–/()]{{1,30}}?)? ?(?:/[^/\s]+/(?!,)\.?|\([^()]{{2,30}}\) ?[—–-])"
    rf"|{_TOWN}, \d{{1,2}}\.? \w+\.?(?: [—–-]| \([^()]{{2,30}}\)\.)"
    r"|[А-ЯЁ][а-яё-]+\. \d{1,2} [а-яё]+\. \S+ [—–-]"
    rf"|(?:{_NAMES}(?:, [^()—–]{{1,40}}?| \d{{1,2}}\.? \w+)? )?{_AGENCY} ?[—–-](?= )"
    rf"|\([{_CAPITALS}]{{2,6}}\)(?= [{_CAPITALS}])"
)


def sentences_in(text: str, lang: str) -> tuple[str, ...]:
    """The sentences of a clean text, in its order; together they are the text."""
    return tuple([sentence for sentence in _signs(language_of(lang)).end.split(text) if sentence])


def dateline(text: str) -> str:
    """Where, when and for whom the report was written, if a text begins with that, else `""`."""
    found = _DATELINE.match(text)
    return found[0] if found else ""


def told(text: str, lang: str) -> str:
    """What a clean text tells: its sentences without its dateline, and without who took which picture."""
    signs, start = _signs(language_of(lang)), dateline(text)
    rest = signs.credit_in_brackets.sub("", text[len(start) :].lstrip(" .—–-") if start else text)
    return " ".join([sentence for sentence in sentences_in(rest, lang) if not signs.credit.match(sentence)])


SHORTEST = 30  # characters of a sentence that is shown alone
LONGEST = 300
FEWEST_WORDS = 6
FEWEST_TITLE_WORDS = 4

# What also begins a sentence: letters that come in one size, and pictures.
_OTHER_BEGINNINGS = "©\u0590-\u10ff\u2190-\u2bff\U0001f000-\U0001faff"
_BROKEN_OFF = re.compile(r"…|\.\.")
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"")
_BEGINS = re.compile(rf"[\"“«‘(]?[{_CAPITALS}\d$€£]")
_ENDS = re.compile(r"(?<!\.)[.!][\"”»’)]?$")
_QUESTION_MARKS = frozenset("?？؟;⁇⁈⁉")
_PAIRS = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"))


def can_stand(sentence: str, lang: str) -> bool:
    """Whether a sentence tells something whole to a reader who sees nothing else of its article.

    No fragment, question, teaser or view, nor one whose “he”, “this”, “but” or “also” points to a sentence before it.
    """
    signs = _signs(language_of(lang))
    return (
        SHORTEST <= len(sentence) <= LONGEST
        and len(sentence.split()) >= FEWEST_WORDS
        and bool(_BEGINS.match(sentence) and _ENDS.search(sentence))
        and _QUESTION_MARKS.isdisjoint(sentence)
        and not signs.teaser.search(sentence)
        and not _BROKEN_OFF.search(sentence)
        and not signs.opinion.match(sentence)
        and _is_balanced(sentence)
        and not signs.pointing_back.match(sentence)
        and not signs.adding.search(sentence)
        and not signs.speaking.search(_QUOTED.sub("", sentence))
    )


def is_whole(title: str) -> bool:
    """Whether a title is neither a fragment nor too long to be shown."""
    return (
        len(title) <= LONGEST
        and len(title.split()) >= FEWEST_TITLE_WORDS
        and bool(_BEGINS.match(title))
        and not _BROKEN_OFF.search(title)
        and _is_balanced(title)
    )


def _is_balanced(text: str) -> bool:
    """Whether every quotation and parenthesis that is opened is closed: a splitter cuts through long ones."""
    return text.count('"') % 2 == 0 and all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SentenceSigns:
    """What a language's words for sentences are looked for with."""

    end: re.Pattern[str]
    credit: re.Pattern[str]
    credit_in_brackets: re.Pattern[str]
    teaser: re.Pattern[str]
    opinion: re.Pattern[str]
    pointing_back: re.Pattern[str]
    adding: re.Pattern[str]
    speaking: re.Pattern[str]


@cache
def _signs(language: Language) -> _SentenceSigns:
    words = language.sentences
    labels = [phrase[1:-1].split() for phrase in language.titles.genre.opinions if phrase[0] + phrase[-1] == "^$"]
    view = _one_of("[ -]".join(map(re.escape, label)) for label in labels)
    # Periods that end no sentence: "U.S.", "J. Orel", "Gen. Orel", "Nov. 4", «им. Орлова», «Ген. Орлов».
    shorts = sorted({form for short in words.abbreviations for form in (short, short[0].upper() + short[1:])})
    shortened = "".join([rf"(?<!\b{short}\.)" for short in (f"[{_CAPITALS}]", *shorts)])
    # "Am 4. November", "4. 12. 2026".
    dates = _one_of([*sorted(name for month in language.time.months for name in month), r"\d{1,2}\.", r"20\d\d"])
    shortened += rf"(?:(?<!\b\d\.)(?<!\b\d\d\.)|(?!\s+(?i:{dates})(?!\w)))"
    return _SentenceSigns(
        # What is quickly seen to fail comes first: this is tried at every character.
        end=re.compile(
            rf"(?:(?<=[.!?…])|(?<=[.!?…][\"”»’])){shortened}\s+(?=[\"“«‘(]?[{_CAPITALS}{_OTHER_BEGINNINGS}\d])"
        ),
        credit=_compiled(rf"[(\[]?{_one_of(words.credits)}"),
        credit_in_brackets=_compiled(
            rf"\s*(?:\({_one_of(words.credits)}[^()]*\)|\[{_one_of(words.credits)}[^\[\]]*\])"
        ),
        teaser=_compiled(rf"\b{_one_of(words.teasers)}"),
        opinion=_compiled(rf"[\[(]?{view}(?:[\])]|\s*[:|]|\s+[–—-]|\.)\s|.*\s(?:[|–—-]\s*|[\[(]){view}[\])]?$"),
        pointing_back=_compiled(rf"[\"“«‘(]*{_one_of(words.pointing_back)}\b"),
        adding=_compiled(rf"\b{_one_of(words.adding)}\b"),
        speaking=re.compile(rf"\b{_one_of(words.speaking)}\b"),
    )


def _one_of(expressions: Iterable[str]) -> str:
    return f"(?:{'|'.join(expressions) or '(?!)'})"


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)
