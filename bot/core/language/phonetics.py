"""Names by their sound: how English and Russian papers print one name, and how they spell it among themselves."""

import re
from functools import lru_cache

_LATIN = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцыэ", "abvgdezzijklmnoprstufhsye", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
)

# Spellings of one sound, longest first; what remains of a vowel is dropped, for no two alphabets agree on them.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^u(?=[aeio])", "v"),  # Уиткофф, Уитакер
        (r"shch|sch|tch|tsch|zh|sh|ch|dzh|j(?=[aeiou])", "X"),
        (r"ph", "f"),
        (r"kh", "h"),
        (r"gh|ck|q|g", "k"),
        (r"ts|tz|cz|c(?=[eiy])|z", "s"),
        (r"x", "ks"),
        (r"c", "k"),
        (r"w$", ""),  # Fordow, Фордо
        (r"w", "v"),
        (r"th", "t"),
        (r"h", ""),  # Хегсет, Гегсет and Hegseth
    )
)
_VOWELS = re.compile(r"[aeiouyj]+")
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=30_000)
def sound_of(folded: str) -> str:
    """The consonants of a folded name as heard; a leading vowel leaves a mark. Not for telling names apart alone."""
    text = folded.translate(_LATIN)
    for pattern, sound in _SOUNDS:
        text = pattern.sub(sound, text)
    leading = "A" if _VOWELS.match(text) else ""
    return leading + _DOUBLE.sub(r"\1", _VOWELS.sub("", text))
