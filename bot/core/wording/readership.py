"""In which languages a chat reads, and how reports in other languages are shown to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.message.blocks import Block, Role, say, text_of
from bot.core.model import Item

Facts = Callable[[Item], str]
"""What is understood of an item's title, in our words; empty for nothing."""


def no_facts(_item: Item) -> str:
    """Of what is looked up in no tables."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readership:
    """The languages that a chat reads (none: all), and what tells of titles in others."""

    langs: tuple[str, ...] = ()
    facts: Facts = no_facts

    def reads(self, item: Item) -> bool:
        """Whether it reads the language of an item."""
        return not self.langs or item.lang in self.langs

    def source_name(self, item: Item, name: str = "") -> str:
        """Who published an item, perhaps by a shorter name; marked with a language that the chat doesn't read."""
        name = name or item.source_name
        return name if self.reads(item) else text_of(say("{source} ({lang})", source=name, lang=item.lang))

    def facts_blocks(self, item: Item) -> Iterator[Block]:
        """A line beneath a title that it doesn't read: what we understood, in the place of no quotation."""
        if not self.reads(item) and (facts := self.facts(item)):
            yield Block(say("{lang} · {facts} (my reading)", lang=item.lang, facts=facts), Role.ROW)


EVERYBODY = Readership()
"""Who reads all languages."""
