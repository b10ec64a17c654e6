"""Sentences of articles: where each ends, and which of them can stand alone without the rest."""

import re

# Periods that end no sentence: "U.S.", "J. Orel", "Gen. Orel", "Nov. 4", «им. Орлова».
_SHORTENED = (
    "[A-ZА-ЯЁ]",
    *("Mr", "Ms", "Mrs", "Dr", "Prof", "Gen", "Lt", "Col", "Capt", "Maj", "Sgt", "Cmdr", "Adm", "St", "Sen", "Rep"),
    *("Gov", "Rev", "Hon", "vs", "No", "Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec"),
    *("г", "им", "ул", "тыс", "млн", "млрд", "руб"),
)
_ABBREVIATED = "".join(rf"(?<!\b{short}\.)" for short in _SHORTENED)
# What is quickly seen to fail stands first: this is tried at every character.
_END = re.compile(rf"(?:(?<=[.!?…])|(?<=[.!?…][\"”»’])){_ABBREVIATED}\s+(?=[\"“«‘(]?[A-ZА-ЯЁ\d])")

# Where a report was written says little of what it is about: “MOSCOW, December 4. /AGENCY/.”,
# “KYIV, Ukraine (AGENCY) —”, “МОСКВА, 4 дек - Агентство.”, “Москва. 4 декабря. AGENCY.RU -”.
_DATELINE = re.compile(
    r"[A-ZА-ЯЁ][A-ZА-ЯЁ'’ -]{2,}(?: /[^/]+/)?(?:, [^—–/()]{1,30}?)? ?(?:/[^/\s]+/(?!,)\.?|\([^()]{2,30}\) ?[—–-])"
    r"|[A-ZА-ЯЁ][A-ZА-ЯЁ'’ -]{2,}, \d{1,2} \w+ [—–-]"
    r"|[А-ЯЁ][а-яё-]+\. \d{1,2} [а-яё]+\. \S+ [—–-]"
)


def sentences_in(text: str) -> tuple[str, ...]:
    """The sentences of a clean text, in its order; together they are the text."""
    return tuple([sentence for sentence in _END.split(text) if sentence])


def dateline(text: str) -> str:
    """Where, when and for whom the report was written, if a text begins with that, else `""`."""
    found = _DATELINE.match(text)
    return found[0] if found else ""


SHORTEST = 30  # characters of a sentence that stands alone
LONGEST = 300
FEWEST_WORDS = 6
FEWEST_TITLE_WORDS = 4

# What promises news instead of telling it, and what belongs to the page rather than to the article.
_TEASERS = (
    r"what (?:we|you|is|to) (?:\w+ )?(?:know|expect|watch|happen)|what happens next|here(?:['’]s| is| are)\b",
    r"all you need|everything you|need to know|find out|full story|as it happened|explained$|explainer|takeaways",
    r"in pictures|live updates?|live blog|follow live|live:|watch(?: live)?:|podcast|listen to",
    r"read (?:more|on|full)|continue reading|click|subscribe|sign up|newsletter|appeared first on|this article",
    r"factbox|timeline:|reporting by|editing by|getty|photo(?:graph)?:|advertisement|copyright",
    r"вот что|что известно|что нужно знать|что будет дальше|главное к|подробнее|подробности|в нашем материале",
    r"читайте|подпишитесь|подписывайтесь|смотрите|рассказываем|разбираем(?:ся)?|объясняем|онлайн$",
    r"news (?:-|–|—|digest|bulletin|briefing|round-?up)|week in review|briefing:|morning briefing|evening briefing",
    r"фото:|видео:|трансляция",
    # What muses on somebody's ways.
    r"likes to|loves to|lately|любит",
)
_TEASER = re.compile(rf"\b(?:{'|'.join(_TEASERS)})", re.IGNORECASE)
_BROKEN_OFF = re.compile(r"…|\.\.")
# How outlets mark what is somebody's view: before the title or after it.
_VIEW = (
    r"(?:opinion|op-ed|editorial|commentary|comment|analysis|viewpoint|perspective|(?:guest )?(?:column|essay)|"
    r"мнение|(?:авторская )?колонка|комментарий|аналитика)"
)
_OPINION = re.compile(
    rf"[\[(]?{_VIEW}(?:[\])]|\s*[:|]|\s+[–—-]|\.)\s|.*\s(?:[|–—-]\s*|[\[(]){_VIEW}[\])]?$", re.IGNORECASE
)
# A title that asks without a question mark.
_ASKS = re.compile(r"(?:why|how|what|who|where|which|почему|как|что|зачем|кто|где|куда|чем)\b", re.IGNORECASE)
# What points back to a sentence that the reader does not see.
_POINTS_BACK = re.compile(
    r"[\"“«‘(]*(?:he|she|it|they|his|her|its|their|this|that|these|those|such|but|and|or|so|yet|however|meanwhile|"
    r"also|then|there|instead|moreover|still|thus|both|another|earlier|later|"
    r"он|она|оно|они|его|ее|её|их|это|этот|эта|эти|этого|такой|такие|но|а|и|при этом|однако|также|кроме того|"
    r"тем временем|ранее|позже|по его|по ее|по её|по их)\b",
    re.IGNORECASE,
)
# What adds to a sentence that the reader does not see.
_ADDS = re.compile(
    r"\balso (?:says?|said|saying|tells?|told|adds?|added|notes?|noted|warn(?:s|ed)|stress(?:es|ed)|claim(?:s|ed))\b|"
    r"\bтакже (?:заяв|сообщ|сказа|говор|добав|отме[тч]|подч[её]рк|предупре|утвержд)\w*",
    re.IGNORECASE,
)
_WE = re.compile(r"\b(?:I|[Ww]e|[Oo]ur|us|[Mm]y|[Yy]ou|[Yy]our|[Мм]ы|нас|нам|[Нн]аш\w*|[Яя]|[Вв]ы|вам)\b")
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"")
_BEGINS = re.compile(r"[\"“«‘(]?[A-ZА-ЯЁІЇЄҐÀ-Þ\d$€£]")
_ENDS = re.compile(r"(?<!\.)[.!][\"”»’)]?$")
_QUESTION_MARKS = frozenset("?？؟;⁇⁈⁉")
_PAIRS = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"))


def can_stand(sentence: str) -> bool:
    """Whether a sentence tells something whole to a reader who sees nothing else of its article.

    No fragment, question, teaser or view, nor one whose “he”, “this”, “but” or “also” points to a sentence before it.
    """
    return (
        SHORTEST <= len(sentence) <= LONGEST
        and len(sentence.split()) >= FEWEST_WORDS
        and bool(_BEGINS.match(sentence) and _ENDS.search(sentence))
        and _is_told(sentence)
        and not _POINTS_BACK.match(sentence)
        and not _ADDS.search(sentence)
        and not _WE.search(_QUOTED.sub("", sentence))
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


def can_head(title: str) -> bool:
    """Whether a title tells what happened, rather than asking or promising it."""
    return (
        len(title) <= LONGEST
        and len(title.split()) >= FEWEST_TITLE_WORDS
        and bool(_BEGINS.match(title))
        and _is_told(title)
        and not _ASKS.match(title)
    )


def is_opinion(title: str) -> bool:
    """Whether a title says that what follows is a view of its author."""
    return _OPINION.match(title) is not None


def _is_told(text: str) -> bool:
    return (
        _QUESTION_MARKS.isdisjoint(text)
        and not _TEASER.search(text)
        and not _BROKEN_OFF.search(text)
        and not is_opinion(text)
        and _is_balanced(text)
    )


def _is_balanced(text: str) -> bool:
    """Whether every quotation and parenthesis that is opened is closed: a splitter cuts through long ones."""
    return text.count('"') % 2 == 0 and all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS)
