"""Composing: the alert that a delivery owes, as its story, the chat's rules and its wishes stand at that moment."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import structlog

from bot.clock import Clock
from bot.core.aliases import Aliases
from bot.core.announcement import announcement
from bot.core.matcher import RuleIndex
from bot.core.message import Message
from bot.core.messages import alert
from bot.core.model import Delivery, Following, RuleId, Story
from bot.core.rules import parse_rule
from bot.errors import RuleError
from bot.storage import broadcasts, mutes, news, subscribers
from bot.storage.database import Database
from bot.storage.mutes import Mute

log = structlog.get_logger()

# Rules that mute are kept readable, as many as are likely to be looked at within minutes.
MUTE_RULES_KEPT = 1000


class NotWanted(Exception):
    """Nobody wants to read this any more; `str()` says why."""


class Composer:
    """Writes alerts; `aliases` are the names that words in rules stand for."""

    def __init__(self, *, database: Database, index: RuleIndex, aliases: Aliases, clock: Clock) -> None:
        self._database = database
        self._index = index
        self._clock = clock
        self._muting = lru_cache(MUTE_RULES_KEPT)(partial(_index_of, aliases))

    async def compose(self, delivery: Delivery) -> Message:
        """The alert, or the broadcast. Raises NotWanted.

        An alert is wanted no more when its rule is not followed any longer, it is muted, or the story is gone.
        """
        if delivery.story is None:
            return await self._announcement(delivery)
        now = self._clock.now()
        async with self._database.read() as tx:
            story = await news.story(tx, delivery.story)
            subscriber = await subscribers.get(tx, delivery.subscriber)
            followed = await subscribers.followings_of(tx, delivery.subscriber)
            muted = await mutes.of(tx, delivery.subscriber, now)
        if story is None or subscriber is None:
            raise NotWanted("no longer wanted")
        following = self._following(delivery, story, followed)
        if following is None:
            raise NotWanted("no longer wanted")
        if self._is_muted(story, muted):
            raise NotWanted("muted")
        words = self._words(story, following)
        message = alert(
            story,
            number=following.number,
            rule_text=following.text,
            words=words,
            now=now,
            in_channel=subscriber.is_channel,
        )
        return replace(message, silent=not subscriber.rings_for(story.level))

    async def _announcement(self, delivery: Delivery) -> Message:
        async with self._database.read() as tx:
            text = await broadcasts.text_of(tx, delivery.broadcast) if delivery.broadcast else None
        if text is None:
            raise NotWanted("no longer wanted")
        return announcement(text)

    def _following(self, delivery: Delivery, story: Story, followed: Sequence[Following]) -> Following | None:
        """The rule that it is owed to, or another of the chat that the story satisfies if that one has been ended."""
        satisfied = {rule for item in story.items for rule in self._index.matches(item)} | {delivery.rule}
        return min(
            (each for each in followed if each.rule in satisfied),
            key=lambda each: each.rule != delivery.rule,
            default=None,
        )

    def _words(self, story: Story, following: Following) -> tuple[str, ...]:
        """The words that satisfied the rule, in the first item of the story that did."""
        if following.rule not in self._index:
            return ()
        explained = (self._index.explain(following.rule, item) for item in story.items)
        return next((match.words for match in explained if match.words), ())

    def _is_muted(self, story: Story, muted: Iterable[Mute]) -> bool:
        return any(mute.story == story.id if mute.text is None else self._satisfies(story, mute.text) for mute in muted)

    def _satisfies(self, story: Story, text: str) -> bool:
        rule = self._muting(text)
        return any(rule.matches(item) for item in story.items)


def _index_of(aliases: Aliases, text: str) -> RuleIndex:
    """One rule, ready to be asked about."""
    index = RuleIndex(aliases)
    try:
        index.add(RuleId(1), parse_rule(text))
    except RuleError as error:
        # Only after a change of the language itself: better an alert too many than all of them lost.
        log.warning("a rule that mutes cannot be read any more", rule=text, problem=str(error))
    return index
