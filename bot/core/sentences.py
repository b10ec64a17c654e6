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
_END = re.compile(rf"{_ABBREVIATED}(?:(?<=[.!?…])|(?<=[.!?…][\"”»’]))\s+(?=[\"“«‘(]?[A-ZА-ЯЁ\d])")

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
