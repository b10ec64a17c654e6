"""Why a rule holds for an item: for each of its terms, the words of the text that it was found by."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bot.core.language.language import ANY
from bot.core.language.patterns import Pattern, WordForm, exact, inflected
from bot.core.language.text import Word, fold, words_in
from bot.core.model import Item, RuleId, StoryCoverage
from bot.core.rules.aliases import Aliases, Name, name_of, names_in
from bot.core.rules.ast import AllOf, AnyOf, Filter, InTitle, Keyword, Node, Not, Phrase, Prefix, Text
from bot.core.rules.compounds import Compound, other_spellings, with_compounds
from bot.core.rules.index import RuleIndex
from bot.core.rules.operators import OPERATORS
from bot.core.rules.rule import Rule

_ONLY = RuleId(0)


class How(Enum):
    """How words of a text are what a term asks for."""

    SAME = "the very words"
    FORM = "another form of the word"
    NAME = "another name of the same"
    MEANING = "a word of another language for the same"
    BEGINNING = "a word that begins so"
    FIELD = "no words, but a field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A term that holds: `asked` is the term for people to read, `found` the words of the text (none for a field).

    `beneath` tells that they are not in the title.
    """

    how: How
    asked: str
    found: str = ""
    beneath: bool = False


def reasons_for(rule: Rule, item: Item, coverage: StoryCoverage, aliases: Aliases) -> tuple[Reason, ...]:
    """Why a rule holds for an item of a story that stands so, term by term; nothing if it does not hold.

    Of alternatives only those that hold are told. What the rule leaves out is no reason.
    """
    reader = _Reader(item, coverage, aliases)
    return tuple(dict.fromkeys(reader.reasons(rule.root))) if reader.holds(rule.root) else ()


@dataclass(frozen=True, slots=True)
class _Reader:
    item: Item
    coverage: StoryCoverage
    aliases: Aliases

    def holds(self, node: Node) -> bool:
        index = RuleIndex(self.aliases)
        index.add(_ONLY, Rule(node))
        return _ONLY in index.matches(self.item, self.coverage)

    def reasons(self, node: Node) -> Iterator[Reason]:
        match node:
            case Not():
                return
            case AnyOf(nodes):
                for child in nodes:
                    if self.holds(child):
                        yield from self.reasons(child)
            case AllOf(nodes):
                for part in with_compounds(tuple(names_in(nodes, self.aliases))):
                    yield from self._of_part(part)
            case Filter(key, value):
                operator = OPERATORS[key]
                said = operator.holds.get(value) or operator.says.format(operator.words().get(value, value))
                yield Reason(how=How.FIELD, asked=said)
            case InTitle(text):
                yield from self._of_text(text, (self.item.words.title,))
            case _:
                yield from self._of_text(node, self._everywhere)

    def _of_part(self, part: Node | Name | Compound) -> Iterator[Reason]:
        """Of one of several parts that must hold."""
        match part:
            case Name():
                yield from self._of_name(part, self._everywhere)
            case Compound(parts, whole):
                for keyword in (whole,) if self.holds(whole) else parts:
                    yield from self.reasons(keyword)
            case _:
                yield from self.reasons(part)

    @property
    def _everywhere(self) -> tuple[tuple[Word, ...], ...]:
        return self.item.words.title, self.item.words.summary

    def _of_text(self, text: Text, parts: tuple[tuple[Word, ...], ...]) -> Iterator[Reason]:
        match text:
            case Keyword():
                yield from self._of_name(name_of(text, self.aliases), parts)
            case Phrase(phrase):
                yield from self._found(exact(words_in(phrase, ANY)), parts, How.SAME, phrase)
            case Prefix(beginning):
                yield from self._found(((WordForm.BEGINNING, fold(beginning)),), parts, How.BEGINNING, beginning)

    def _of_name(self, name: Name, parts: tuple[tuple[Word, ...], ...]) -> Iterator[Reason]:
        """Of its own form and other names, the first that is found."""
        typed = tuple([word for keyword in name.keywords for word in words_in(keyword.text, ANY)])
        own = {inflected(typed), exact(typed), *other_spellings(typed)}
        for pattern in sorted(name.patterns, key=lambda pattern: pattern not in own):
            for reason in self._found(pattern, parts, How.FORM if pattern in own else How.NAME, name.shown):
                yield reason
                return
        if name.meaning:
            how = How.NAME if name.alias_set else How.MEANING
            for words in parts:
                for place, length in name.meaning.places(words, self.aliases.lexicon):
                    surface = " ".join(word.surface for word in words[place : place + length])
                    yield Reason(how=how, asked=name.shown, found=surface)
                    return

    def _found(self, pattern: Pattern, parts: tuple[tuple[Word, ...], ...], how: How, asked: str) -> Iterator[Reason]:
        """The first place of a pattern, as a reason."""
        for part, words in enumerate(parts):
            for place in self.aliases.lexicon.places(pattern, words):
                surface = " ".join(word.surface for word in words[place : place + len(pattern)])
                is_same = fold(surface) == fold(asked)
                yield Reason(how=How.SAME if is_same else how, asked=asked, found=surface, beneath=part > 0)
                return
