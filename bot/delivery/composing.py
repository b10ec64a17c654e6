"""Composing: the message that a delivery owes, from the context of that moment and what is planned for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.core.message.blocks import Message
from bot.core.model import (
    Delivery,
    Following,
    Item,
    MessageKind,
    Nothing,
    RuleId,
    SentAlert,
    StoryCoverage,
    Subscriber,
    Unwanted,
)
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.corroboration import upheld
from bot.core.wording.alert import alert, taken_back
from bot.core.wording.announcement import announcement
from bot.core.wording.readership import Facts, Readership, no_facts
from bot.delivery.context import ComposeContext, ContextLoader
from bot.delivery.outgoing import Outgoing
from bot.delivery.plan_alert import ChatContext, Edit, Send, is_wanted, plan_alert
from bot.delivery.snapshot import StorySnapshot
from bot.errors import RuleError
from bot.storage.database import Database
from bot.storage.mutes import Mute

log = structlog.get_logger()

# Rules that mute are kept readable, as many as are likely to be looked at within minutes.
MUTE_RULES_KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSend:
    """What is to go out, and all that the chat has been sent of the story then (nothing where it is about none).

    `about` is the number of the message that it edits or answers.
    """

    outgoing: Outgoing
    sent: tuple[SentAlert, ...] = ()
    about: int | None = None


class Composer:
    """Writes alerts; `aliases` are the names that words in rules stand for, `facts` tells what titles say."""

    def __init__(
        self, *, database: Database, index: RuleIndex, aliases: Aliases, clock: Clock, facts: Facts = no_facts
    ) -> None:
        self._loader = ContextLoader(database)
        self._index = index
        self._clock = clock
        self._facts = facts
        self._muting = lru_cache(MUTE_RULES_KEPT)(partial(_index_of, aliases))

    async def compose(self, delivery: Delivery) -> ToSend | Nothing:
        """The alert, news of a higher level, a correction, an edit of one of them, or a broadcast."""
        now = self._clock.now()
        context = await self._loader.load(delivery, now)
        if context.announced is not None:
            return ToSend(outgoing=_outgoing(delivery, announcement(context.announced)))
        if context.story is None or context.subscriber is None:
            return Nothing(why=Unwanted.UNFOLLOWED)
        chat = self._chat(delivery, context, context.story, context.subscriber)
        plan = plan_alert(context.story, chat, context.sent, now)
        if isinstance(plan, Nothing):
            return plan
        message = self._message(plan, context.story, context.subscriber, now)
        outgoing = replace(_outgoing(delivery, message), publishes=context.subscriber.publishes)
        if isinstance(plan, Edit):
            edit = replace(outgoing, message=replace(message, silent=True), edits=plan.message.ref)
            return ToSend(outgoing=edit, sent=plan.sent, about=plan.message.number)
        new, answers = plan.sent[-1], plan.answers
        # Another attempt at the same message has the same nonce; another message about the story has another.
        besides = {MessageKind.UPDATE: f"-{new.level}", MessageKind.CORRECTION: f"-back-{new.revision}"}
        outgoing = replace(
            outgoing,
            message=replace(message, silent=not new.rang),
            nonce=outgoing.nonce + besides.get(new.kind, ""),
            answers=answers.ref if answers else None,
        )
        return ToSend(outgoing=outgoing, sent=plan.sent, about=answers.number if answers else None)

    def _chat(
        self, delivery: Delivery, context: ComposeContext, story: StorySnapshot, subscriber: Subscriber
    ) -> ChatContext:
        following = self._following(delivery, context, story, subscriber)
        return ChatContext(
            subscriber=subscriber,
            following=following,
            satisfying=() if following is None else self._satisfying(following.rule, story),
            is_muted=following is not None and any(self._mutes(mute, story) for mute in context.muted),
        )

    def _following(
        self, delivery: Delivery, context: ComposeContext, story: StorySnapshot, subscriber: Subscriber
    ) -> Following | None:
        """The rule that it is owed to, or another of the chat that the story satisfies if that one has been ended, or
        holds an alert back by its level.
        """
        level = story.story.level
        owed_to = next((each for each in context.followed if each.rule == delivery.rule), None)
        if owed_to and (context.sent or is_wanted(owed_to, subscriber, level)):
            return owed_to
        others = [each for each in context.followed if each is not owed_to and self._satisfying(each.rule, story)]
        wanted = (each for each in others if is_wanted(each, subscriber, level))
        return next(wanted, owed_to or next(iter(others), None))

    def _satisfying(self, rule: RuleId, story: StorySnapshot) -> list[Item]:
        if rule not in self._index:
            return []
        return [item for item in story.story.items if self._index.is_satisfied(rule, item, story.coverage)]

    def _mutes(self, mute: Mute, story: StorySnapshot) -> bool:
        if mute.text is None:
            return mute.story == story.story.id
        rule = self._muting(mute.text)
        return any(rule.matches(item, story.coverage) for item in story.story.items)

    def _message(self, plan: Send | Edit, story: StorySnapshot, subscriber: Subscriber, now: datetime) -> Message:
        following, correction = plan.following, plan.correction if isinstance(plan, Send) else None
        named: dict[str, Any] = {
            "number": following.number,
            "rule_text": following.text,
            "rule": following.rule,
            "now": now,
            "in_channel": subscriber.is_channel,
            "readership": Readership(langs=subscriber.langs, facts=self._facts),
        }
        if correction:
            message = taken_back(story.story, correction, **named)
        else:
            rises = isinstance(plan, Send) and plan.sent[-1].kind is MessageKind.UPDATE
            told = (plan.lead,) if rises else story.story.items
            message = alert(
                story.story,
                words=self._words(following.rule, told, story.coverage),
                lead=plan.lead,
                corrections=plan.corrections if isinstance(plan, Edit) else (),
                rises=rises,
                **named,
            )
        return replace(message, mention=following.mention)

    def _words(self, rule: RuleId, told: Sequence[Item], coverage: StoryCoverage) -> tuple[str, ...]:
        """The words that satisfied the rule, in the first of these reports that has some."""
        if rule not in self._index:
            return ()
        explained = (self._index.explain(rule, item, coverage).words for item in upheld(told) or told)
        return next((words for words in explained if words), ())


def _outgoing(delivery: Delivery, message: Message) -> Outgoing:
    return Outgoing(
        chat=delivery.chat,
        message=message,
        urgency=delivery.urgency,
        # Not the id alone: in a database that is begun anew, or restored, an id comes a second time.
        nonce=f"{delivery.id}-{delivery.created.isoformat()}",
        # The moment from which on an attempt that nobody heard of can have arrived.
        unseen_since=delivery.created if delivery.unknown else None,
    )


def _index_of(aliases: Aliases, text: str) -> RuleIndex:
    """One rule, ready to be asked about."""
    index = RuleIndex(aliases)
    try:
        index.add(RuleId(1), parse_rule(text))
    except RuleError as error:
        # Only after a change of the language itself: better an alert too many than all of them lost.
        log.warning("a rule that mutes cannot be read any more", rule=text, problem=str(error))
    return index
