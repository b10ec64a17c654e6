"""The grammar of rules, and what to say when a text breaks it."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from itertools import takewhile
from operator import methodcaller

from lark import Lark, ParseTree, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from bot.core.language.language import Languages, languages
from bot.core.rules.ast import normal
from bot.core.rules.operators import OPERATORS

_QUOTES = str.maketrans(dict.fromkeys("„“”«»‟", '"'))  # as phones type them
_SINGLE_QUOTES = re.compile(r"(?<!\w)['‘‚]([^'‘’\"]+)['’](?!\w)")  # but not the apostrophes of don't and allies'
DASHES = "-–—−"
# Characters that belong to no word: white space, what this language uses, and what other search boxes use.
_STOPS = r"\s\"()*:,;|\/<>=≥\[\]{}"
_WORD_ENDS = rf"(?![^{_STOPS}]|[:*])"


def _one_of(lists: Iterable[frozenset[str]]) -> str:
    return f"(?:{'|'.join(sorted(frozenset[str]().union(*lists))) or '(?!).'}){_WORD_ENDS}"


def grammar(found: Languages) -> str:
    """The grammar, with the words of these languages for what joins words."""
    rules = [language.rules for language in found.by_code.values()]
    either, both, negation = (
        _one_of(getattr(table, name) for table in rules) for name in ("either", "both", "negation")
    )
    return rf"""
start: either
?either: both (_OR both)*
?both: part (_AND? part)*
?part: NOT part -> negation
     | _OPEN either _CLOSE
     | FIELD (WORD | PREFIX | PHRASE) -> operator
     | (WORD | PREFIX | PHRASE) -> term

_OR.3: /{either}/i
_AND.3: /{both}/i
NOT.3: /{negation}|[\{DASHES}]+(?=[^\s\{DASHES}])/i
_OPEN: "("
_CLOSE: ")"
FIELD.2: /[^\W\d]\w*(?::|\s*(?:>=|≥)\s*)/
PHRASE: /"[^"]*"/
PREFIX.1: /[^{_STOPS}!\{DASHES}][^{_STOPS}]*\*(?=[\s()"]|$)/
WORD: /[^{_STOPS}!\{DASHES}](?:[^{_STOPS}]|(?<=\d)[,:](?=\d))*/
%ignore /\s+/
"""


def straight(text: str) -> str:
    """A text of the same length whose quotation marks are all of the one kind that the grammar knows."""
    return _SINGLE_QUOTES.sub(r'"\1"', text.translate(_QUOTES))


def parser() -> Lark:
    """The LALR parser: it does not recurse, so that nesting cannot exhaust the stack."""
    return _parser(languages())


@cache
def _parser(found: Languages) -> Lark:
    return Lark(grammar(found), parser="lalr", lexer="basic", maybe_placeholders=False)


def name_in(field: str) -> str:
    """The name in a field with its sign (`Source:`), as it was typed."""
    return field.rstrip(":>=≥ \t")


def key_of(field: str) -> str:
    """The key of a field with its sign."""
    return name_in(field).lower()


class Unreadable(Exception):
    """What is wrong at a place of a text; `repairs` are texts that may have been meant, likeliest first."""

    def __init__(self, message: str, position: int, repairs: Iterable[str] = ()) -> None:
        self.message = message
        self.position = position
        self.repairs = tuple(map(normal, repairs))
        super().__init__(message)


_CHOICE = "A space means that all words must be there; write OR between words if either is enough."
_ROUND = "Groups go in round parentheses."
_DASH = "A dash on its own means nothing: write it right before the word to leave out."
_BRACKETS = str.maketrans("[]{}", "()()")


def _instead(pattern: str, *replacements: str) -> tuple[Callable[[str], str], ...]:
    return tuple(partial(re.sub, pattern, replacement) for replacement in replacements)


# Characters that cannot stand where they were found: what to say, and ways to mend the text from there on.
_STRAYS: dict[str, tuple[str, tuple[Callable[[str], str], ...]]] = {
    "*": ("The * goes at the end of a word (exercis*) and means any ending.", _instead(r"^\*", "", " ")),
    '"': ("This quotation mark is never closed.", (*_instead("$", '"'), *_instead('^"', ""))),
    ":": ("A colon goes between a field and its value, as in source:tass.", _instead("^:", "", " ")),
    "!": ("To leave a word out, write a minus before it.", _instead("!+", "-")),
    **dict.fromkeys(",;/|", (_CHOICE, _instead(r"\s*[,;/|]+\s*", " OR ", " "))),
    **dict.fromkeys(
        "<>=≥", ("Of these signs only >= means anything, as in sources>=2.", _instead(r"\s*[<>=≥]+", ">=", " "))
    ),
    **dict.fromkeys("[]{}", (_ROUND, (methodcaller("translate", _BRACKETS),))),
    **dict.fromkeys(DASHES, (_DASH, (*_instead(rf"^[\{DASHES}]+\s*", "-"), *_instead(rf"^[\{DASHES}]+\s*$", "")))),
}

_START, _END, _ANY = "", "$END", "any"
_TWO_SIDES = "{token} needs a word on both sides."
_WORD_MISSING = "A word is missing after {previous}."
_NEVER_OPENED = "This parenthesis was never opened."
# What to say when one token cannot follow another.
_MISFITS = {
    ("_OR", _ANY): _WORD_MISSING,
    ("_AND", _ANY): _WORD_MISSING,
    ("NOT", _ANY): _WORD_MISSING,
    ("FIELD", _ANY): "{previous} takes one word, or a phrase in quotes.",
    ("FIELD", _END): "{previous} needs a value.",
    ("FIELD", "NOT"): "The minus goes before the field.",
    ("FIELD", "_OPEN"): "{previous} takes one value; write {previous} before each value.",
    ("_OPEN", _ANY): "These parentheses are empty.",
    ("_OPEN", "_OR"): _TWO_SIDES,
    ("_OPEN", "_AND"): _TWO_SIDES,
    ("_OPEN", _END): "This parenthesis is never closed.",
    (_START, _ANY): _TWO_SIDES,
    (_START, "_CLOSE"): _NEVER_OPENED,
    (_ANY, "_CLOSE"): _NEVER_OPENED,
    (_ANY, _END): "This parenthesis is never closed.",
}


def tree_of(text: str) -> ParseTree:
    """The tree of a text that the grammar knows; raises Unreadable."""
    try:
        return parser().parse(text)
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        message, mends = _STRAYS[text[position]]
        repairs = [text[:position] + mend(text[position:]) for mend in mends]
        raise Unreadable(message, position, repairs) from None
    except UnexpectedToken as error:
        raise _misfit(text, error.token) from None


def _misfit(text: str, token: Token) -> Unreadable:
    end = len(text) if token.type == _END else token.start_pos or 0
    before = list(takewhile(lambda each: (each.start_pos or 0) < end, _lexed(text)))
    previous = before[-1] if before else Token(_START, "", 0, end_pos=0)
    message = (
        _MISFITS.get((previous.type, token.type)) or _MISFITS.get((previous.type, _ANY)) or _MISFITS[(_ANY, token.type)]
    )
    unclosed = _unclosed(before)
    position = unclosed[-1] if message == _MISFITS[(_ANY, _END)] else end
    repairs = _repairs(text, previous, token, ")" * len(unclosed))
    return Unreadable(message.format(previous=previous, token=token), position, repairs)


def _unclosed(tokens: list[Token]) -> list[int]:
    """Where the parentheses stand that are still open after these tokens."""
    opened: list[int] = []
    for token in tokens:
        if token.type == "_OPEN":
            opened.append(token.start_pos or 0)
        elif token.type == "_CLOSE":
            opened.pop()
    return opened


def _repairs(text: str, previous: Token, token: Token, closing: str) -> Iterator[str]:
    """Spread a field over its group, move a minus, close what is open, leave out one token or both."""
    head, rest = text[: previous.start_pos], text[token.end_pos :]
    if token.type == _END:
        if previous.type == "FIELD" and key_of(previous) not in OPERATORS:
            yield head + name_in(previous) + closing
        yield text + closing
        yield head + closing
        yield head + closing[1:]
        return
    if (previous.type, token.type) == ("FIELD", "_OPEN"):
        yield head + _spread(previous, text[token.start_pos :])
    if (previous.type, token.type) == ("FIELD", "NOT"):
        yield f"{head}-{previous}{rest}"
        return  # without its minus the rule would mean the opposite
    yield text[: token.start_pos] + rest
    yield head + text[token.start_pos :]
    yield head + rest


def _spread(field: Token, group: str) -> str:
    """`(a OR b) c` with the field before each word of the group: `(source:a OR source:b) c`."""
    inside = takewhile(lambda each: each.type != "_CLOSE", _lexed(group))
    words = [token for token in inside if token.type in {"WORD", "PREFIX", "PHRASE"}]
    for word in reversed(words):
        group = group[: word.start_pos] + field + group[word.start_pos :]
    return group


def _lexed(text: str) -> Iterator[Token]:
    """The tokens of a text up to the first stray character."""
    with suppress(UnexpectedCharacters):
        yield from parser().lex(text)
