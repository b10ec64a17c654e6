"""Why an alert came, and what nearly came: /why, /missed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Annotated

from bot.commands.framework.command import Call, Command, Param, Press, StoryNumber
from bot.commands.framework.replied_story import STORY, no_such_story, pointed_at, story_named
from bot.commands.framework.rules import (
    FollowedRule,
    NearMiss,
    Scales,
    hindrance,
    is_near_enough,
    is_older,
    rule_behind,
    wishes_of,
)
from bot.commands.framework.stories import SearchHit, batched, looked_at
from bot.commands.framework.story_list import beyond_what_is_kept, numbers_of, story_buttons, story_entry
from bot.commands.framework.wording import BRINGS, LEVEL_WORDS, moment_words
from bot.core.briefing.headlines import best_told
from bot.core.message.blocks import Block, Message, Role, Run, code, say
from bot.core.model import Item, Level, Relevance, Story, StoryId, Subscriber
from bot.core.rules.ast import Node
from bot.core.rules.explain import How, reasons_for
from bot.core.stories.corroboration import coverage_of
from bot.core.stories.levels import is_louder
from bot.core.wording.alert import byline, headline
from bot.core.wording.briefing import period_words
from bot.core.wording.readership import Readership
from bot.storage import archive, news, subscribers
from bot.storage.archive import Alerted, Rise

MISSED_PERIOD = timedelta(days=1)
MOST_MISSED = 10
# A chat can have fifty rules, and a loud story fits many.
MOST_EXPLAINED = 3

_HOW: Mapping[How, str] = {
    How.FORM: "“{found}” is a form of {asked}, which you asked for.",
    How.NAME: "“{found}” counts as {asked}, which you asked for.",
    How.MEANING: "“{found}” means {asked}, which you asked for.",
    How.BEGINNING: "“{found}” begins with {asked}, which you asked for.",
}
_ON_THE_WAY = frozenset({"queued", "sending"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A story that did not come, and why."""

    found: SearchHit
    why: tuple[Run, ...]


@Command(
    summary="Why an alert was sent (reply to it), or what is holding a story back",
    form_summary="Why an alert was sent, or what is holding a story back",
    example="/why 1",
    also=("explain", "reason", "because"),
    press=Press.REPLY,
)
async def why(call: Call, number: Annotated[StoryNumber | None, STORY] = None) -> Message:
    """Which rule a story fits, by which words, and what let its alert through or held it back."""
    meant = story_named(call, number)
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        if meant is None:
            chat, meant = await pointed_at(tx, call.request, question="Why what?", command="/why")
            subscriber = await subscribers.get(tx, chat)
        story = await news.story(tx, meant)
        if story is None:
            raise no_such_story()
        wishes = await wishes_of(tx, subscriber) if subscriber else ()
        alerted = (await archive.alerts_of(tx, subscriber.id, [story.id])).get(story.id) if subscriber else None
        history = await archive.level_history(tx, story.id)
    langs = subscriber.langs if subscriber else ()
    fits = Scales(wishes, call.services.aliases, langs).ask(story).fits
    title = Block((headline(fits[0][1] if fits else story.items[0]),), Role.TITLE)
    ended = tuple(_ended(alerted, wishes)) if alerted else ()
    if subscriber is None or not fits:
        if alerted and alerted.sent_at:
            return Message((title, *ended, Block(_when_sent(alerted, alerted.sent_at))))
        return Message((title, Block(say("None of this chat's rules matches this story."))))
    fits = tuple(sorted(fits, key=lambda fit: alerted is None or fit[0].following.rule != alerted.rule))
    first, item = fits[0]
    return Message(
        (
            title,
            Block(byline(item, call.now, call.services.readership(subscriber.langs)), Role.BYLINE),
            *ended,
            *chain.from_iterable(_fit_blocks(call, story, *fit) for fit in fits[:MOST_EXPLAINED]),
            *_outcome(story, history, first, subscriber=subscriber, alerted=alerted, now=call.now),
        )
    )


@Command(
    summary="What you nearly got: held back, or matching nearly all of a rule",
    example="/missed 3d",
    also=("almost", "filtered", "nearly"),
)
async def missed(
    call: Call,
    period: Annotated[timedelta | None, Param(summary="how far back, such as 12h or 3d; otherwise 24 hours")] = None,
) -> Message:
    """What nearly came: held back though it fits a rule, or lacking a small part of one; the newest first."""
    asked = period or MISSED_PERIOD
    beyond, period = beyond_what_is_kept(call, asked), min(asked, call.services.keep)
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        wishes = await wishes_of(tx, subscriber) if subscriber else ()
        if subscriber is None or not wishes:
            hint = say("Try {example}, or press a ready-made rule in /start.", example=code("/follow drone poland"))
            return Message((Block(say("This chat doesn't follow any rules, so there's nothing to miss.")), Block(hint)))
    async with call.services.turns.turn(call.request.person):
        held, nearly = await _missed(call, subscriber, wishes, call.now - asked)
    nearly = nearly[: MOST_MISSED - len(held)]
    if not held and not nearly:
        none = say(
            "In the last {period} nothing was held back, and nothing matched nearly all of a rule.",
            period=period_words(period),
        )
        return Message((Block(none), *beyond))
    shown = [each.found for each in (*held, *nearly)]
    call.services.lists.begin(call.request.reader, call.now, numbers_of(1, shown))
    readership = call.services.readership(subscriber.langs)
    return Message(
        (
            Block(say("Missed in the last {period}", period=period_words(period)), Role.TITLE),
            *beyond,
            *_listed(call, readership, say("Held back"), held, 1),
            *_listed(call, readership, say("Matched all but one part of a rule"), nearly, len(held) + 1),
        ),
        story_buttons(1, shown),
    )


def _fit_blocks(call: Call, story: Story, wish: FollowedRule, item: Item) -> Iterator[Block]:
    number, text = wish.following.number, wish.following.text
    reasons = reasons_for(wish.rule, item, coverage_of(story), call.services.aliases)
    yield Block(say("Your rule {number}: {rule}", number=number, rule=code(text)))
    on_page = [reason.found for reason in reasons if item.lead and reason.beneath]
    if words := ", ".join([reason.found for reason in reasons if reason.found and reason.found not in on_page]):
        yield Block(say("Found in the words of {source}: {words}", source=item.source_name, words=words), Role.ROW)
    if words := ", ".join(on_page):
        found = "Found on the article's page, which {source}'s feed doesn't quote: {words}"
        yield Block(say(found, source=item.source_name, words=words), Role.ROW)
    for reason in reasons:
        if reason.how in _HOW:
            yield Block(say(_HOW[reason.how], found=reason.found, asked=reason.asked), Role.ROW)
    if fields := ", ".join([reason.asked for reason in reasons if reason.how is How.FIELD]):
        yield Block(say("As you asked, it is {fields}.", fields=fields), Role.ROW)
    # A rule that names a level itself says by that what it brings.
    if "level" not in wish.rule.fields() or wish.lowest is not Level.NORMAL:
        yield Block(say("Rule {number} sends {levels}.", number=number, levels=BRINGS[wish.lowest]), Role.ROW)


def _outcome(
    story: Story,
    history: Sequence[Rise],
    wish: FollowedRule,
    *,
    subscriber: Subscriber,
    alerted: Alerted | None,
    now: datetime,
) -> Iterator[Block]:
    """How loud a story is, how near to our subject, and what that made of its alert."""
    rise = next((rise for rise in history if rise.level is story.level), None)
    if rise is None:
        yield Block(say("Level: {level}.", level=LEVEL_WORDS[story.level].lower()))
    else:
        because = "{level} since {moment}, because {reason}."
        level = LEVEL_WORDS[rise.level]
        yield Block(say(because, level=level, moment=moment_words(rise.at), reason=rise.reason))
    number = wish.following.number
    if story.relevance is Relevance.CORE:
        yield Block(say("It's about our core subject."), Role.ROW)
    elif "relevance" in wish.rule.fields():
        asked = say("It's only related to our subject, which is what rule {number} asks for.", number=number)
        yield Block(asked, Role.ROW)
    elif subscriber.relevance is Relevance.RELATED:
        yield Block(say("It's only related to our subject, but this chat has the wider circle on."), Role.ROW)
    else:
        yield Block(say("It's only related to our subject."), Role.ROW)
    if alerted and alerted.sent_at:
        yield Block(_when_sent(alerted, alerted.sent_at))
    elif alerted and alerted.state in _ON_THE_WAY:
        yield Block(say("The alert is waiting its turn to be sent."))
    else:
        yield Block(say("It wasn't sent. {why}", why=hindrance(story, wish, subscriber, alerted, now)))


def _when_sent(alerted: Alerted, sent_at: datetime) -> tuple[Run, ...]:
    if alerted.suppressed_at is None or alerted.suppressed_level is None:
        return say("The alert was sent on {moment}.", moment=moment_words(sent_at))
    return say(
        "The alert was sent on {moment}. The story became {level} on {held}, but it was muted then, so nothing was "
        "sent.",
        moment=moment_words(sent_at),
        level=LEVEL_WORDS[alerted.suppressed_level].lower(),
        held=moment_words(alerted.suppressed_at),
    )


def _ended(alerted: Alerted, wishes: Sequence[FollowedRule]) -> Iterator[Block]:
    """By which rule an alert came that is followed no more, or otherwise now."""
    followed = [wish.following for wish in wishes]
    if alerted.sent_at is None or any(each.text == alerted.text for each in followed):
        return
    following = rule_behind(alerted, followed)
    if alerted.text is None:
        if following is None:
            yield Block(say("It was sent for a rule that this chat no longer follows."))
        return
    now = (
        "It was sent for rule {number}, {rule}, which this chat no longer follows."
        if following is None
        else "It was sent for rule {number} as it was then: {rule}"
    )
    yield Block(say(now, number=str(alerted.number), rule=code(alerted.text)))


async def _missed(
    call: Call, subscriber: Subscriber, wishes: Sequence[FollowedRule], since: datetime
) -> tuple[list[Missed], list[Missed]]:
    """What was held back since then and what nearly fits, at most so many of each as are shown."""
    scales, database = Scales(wishes, call.services.aliases, subscriber.langs), call.services.database
    async with database.search() as tx:
        told = await archive.told_between(tx, since, call.now, (Relevance.CORE, Relevance.RELATED))
        # What waited for a day was published before that.
        ids = list(dict.fromkeys([*told, *await archive.given_up_since(tx, subscriber.id, since)]))
    # How rare a part of a rule is, is known once all stories have been asked.
    candidates: list[tuple[Story, list[NearMiss]]] = []
    kept: Counter[tuple[int, Node]] = Counter()
    held: list[Missed] = []
    for batch in batched(ids):
        async with database.search() as tx:
            alerts = await archive.alerts_of(tx, subscriber.id, batch)
        look = partial(_sorted, scales, subscriber=subscriber, alerts=alerts, since=since, now=call.now)
        more_held, more_near = await looked_at(call.services, batch, look)
        held += more_held
        for story, nears in more_near:
            # No more are kept that lack one part of one rule than could be shown.
            kept.update((near.wish.following.number, near.part) for near in nears)
            newest = [near for near in nears if kept[near.wish.following.number, near.part] <= MOST_MISSED]
            candidates.append((story, newest))
        if len(held) >= MOST_MISSED:
            break
    nearly: list[Missed] = []
    nearest = ((story, next(filter(scales.is_near, nears), None)) for story, nears in candidates)
    for story, near in islice(((story, near) for story, near in nearest if near is not None), MOST_MISSED):
        lacking = say(
            "Rule {number}, {rule}: everything matched except {part}",
            number=near.wish.following.number,
            rule=code(near.wish.following.text),
            part=code(str(near.part)),
        )
        nearly.append(Missed(found=SearchHit(story=story, item=near.item), why=lacking))
    return held[:MOST_MISSED], nearly


def _sorted(
    scales: Scales,
    stories: Iterable[Story],
    *,
    subscriber: Subscriber,
    alerts: Mapping[StoryId, Alerted],
    since: datetime,
    now: datetime,
) -> tuple[list[Missed], list[tuple[Story, list[NearMiss]]]]:
    """Of some stories those that were held back, and those that nearly fit, with all ways in which they do."""
    held: list[Missed] = []
    nearly: list[tuple[Story, list[NearMiss]]] = []
    for story in stories:
        alerted = alerts.get(story.id)
        if (
            alerted and alerted.suppressed_at and alerted.suppressed_at >= since
        ):  # it was told, and became louder while it was muted
            why = say(
                "Rule {number}, {rule}: It became {level} on {held}, while it was muted.",
                number=str(alerted.number),
                rule=code(alerted.text or ""),
                level=LEVEL_WORDS[alerted.suppressed_level or story.level].lower(),
                held=moment_words(alerted.suppressed_at),
            )
            held.append(Missed(found=SearchHit(story=story, item=best_told(story.items, subscriber.langs)), why=why))
        asked = scales.ask(story)
        if alerted and (alerted.sent_at or alerted.state in _ON_THE_WAY):
            continue
        for wish, item in [fit for fit in asked.fits if not is_older(story, fit[0])][:1]:
            why = say(
                "Rule {number}, {rule}: {reason}",
                number=wish.following.number,
                rule=code(wish.following.text),
                reason=hindrance(story, wish, subscriber, alerted, now),
            )
            held.append(Missed(found=SearchHit(story=story, item=item), why=why))
        if nears := [near for near in asked.nears if _would_come(story, near.wish, subscriber)]:
            nearly.append((story, nears))
    return held, nearly


def _would_come(story: Story, wish: FollowedRule, subscriber: Subscriber) -> bool:
    """Whether nothing but its words keeps a story from being told by a rule."""
    return (
        not is_older(story, wish)
        and is_near_enough(story, wish, subscriber)
        and not is_louder(wish.lowest, story.level)
    )


def _listed(
    call: Call, readership: Readership, title: tuple[Run, ...], missed: Sequence[Missed], first: int
) -> Iterator[Block]:
    if missed:
        yield Block(title, Role.HEADING)
    for place, each in enumerate(missed, first):
        yield from story_entry(place, each.found, call.now, readership)
        yield Block(each.why, Role.WHY)
