"""Following rules: /follow with its trial and its buttons, /rules, /unfollow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import Call, Command, Param, RuleNumber, Who
from bot.commands.framework.replied_story import FOLLOWED, button_number, rule_numbered
from bot.commands.framework.request import misuse
from bot.commands.framework.stories import SearchHit, find_stories, search_for
from bot.commands.framework.suggestions import did_you_mean
from bot.commands.framework.wording import BRINGS, in_rows
from bot.commands.settings import state_of
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, fits_button, say, say_count, text_of
from bot.core.message.durations import duration_words
from bot.core.model import Following, Subscriber
from bot.core.rules.rule import Rule, parse_rule
from bot.core.wording.alert import headline, news_entry
from bot.core.wording.readership import Readership
from bot.errors import RuleError
from bot.storage import forum_topics, news, outbox, subscribers

MOST_RULES = 50
TRIAL = timedelta(days=7)
EXAMPLES = 3
# More alerts a day than this are more than people read.
FLOOD_A_DAY = 20
BUTTONS_IN_A_ROW = 4
DRAFT = Param(summary="the number of the question")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have sent in the last 7 days, newest first; `collected` is how long news has been kept."""

    found: tuple[SearchHit, ...]
    collected: timedelta

    @property
    def a_day(self) -> float:
        """Alerts a day on average; in the first day of collecting that cannot be told, and a week is taken."""
        return len(self.found) / (min(self.collected, TRIAL) / DAY if self.collected >= DAY else TRIAL / DAY)


@Command(
    summary="Get each new story that matches a rule",
    example="/follow drone poland",
    who=Who.ADMIN,
    also=("subscribe", "sub", "add", "alert", "watch", "track", "confirm", "cancel"),
)
async def follow(call: Call, rule: Annotated[Rule, Param(summary="what to follow")]) -> Message:
    """Show what a rule would do, and ask whether to save it."""
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        began = await news.collecting_since(tx)
    _refuse_needless(rule, followed)
    found = await find_stories(call, search_for(rule, subscriber, call.now - TRIAL, call.now))
    question, answer = await did_you_mean(call, rule)
    trial = Trial(found=tuple(found), collected=call.now - (began or call.now))
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        draft = await subscribers.save_draft(tx, subscriber.id, str(rule), call.now)
    readership = call.services.readership(subscriber.langs)
    title = Block(say("Follow {rule}?", rule=code(str(rule))), Role.TITLE)
    meaning = Block(say("That is: {meaning}", meaning=rule.describe(call.services.aliases)), Role.BYLINE)
    buttons = (Button("Follow", f"/confirm {draft}"), Button("Cancel", f"/cancel {draft}"))
    blocks = _trial_blocks(trial, call.now, readership)
    return Message((title, meaning, *question, *blocks), (buttons, *answer))


@Command(summary="Save the rule in question", example="/confirm 17", who=Who.ADMIN, hidden=True)
async def confirm(call: Call, draft: Annotated[int, DRAFT]) -> Message:
    """Save the rule of a draft."""
    async with call.services.database.write() as tx:
        subscriber, text = await _take_draft(tx, call, draft)
        rule = parse_rule(text)
        _refuse_needless(rule, await subscribers.followings_of(tx, subscriber.id))
        saved = await subscribers.follow(
            tx, subscriber.id, text, names_relevance="relevance" in rule.fields(), now=call.now
        )
        # Last in the transaction, so that one who follows and one who unfollows the same rule cannot cross.
        if saved.fresh:
            call.services.index.add(saved.following.rule, rule)
    number, channel = saved.following.number, call.request.acts_for
    if channel:
        promise = say("From now on, each new story that matches is sent to {channel}.", channel=channel)
    else:
        promise = say("From now on, each new story that matches is sent to this chat.")
    return Message(
        (
            Block(say("Saved as rule {number}: {rule}", number=number, rule=code(text))),
            Block(promise, Role.ROW),
            *state_of(subscriber, call.now),
        ),
        ((Button("Rules of this chat", "/rules"),),),
    )


@Command(summary="Do not save the rule in question", example="/cancel 17", who=Who.ADMIN, hidden=True)
async def cancel(call: Call, draft: Annotated[int, DRAFT]) -> Message:
    """Drop a draft."""
    async with call.services.database.write() as tx:
        _, text = await _take_draft(tx, call, draft)
    return Message((Block(say("Not saved: {rule}", rule=code(text))),))


@Command(
    summary="What this chat follows",
    example="/rules",
    also=("list", "subscriptions", "alerts", "following", "fewer", "replace"),
)
async def rules(call: Call) -> Message:
    """What the chat follows, by number, with a button to end each; in a forum's general topic what all topics do."""
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        elsewhere = [] if call.request.chat.thread else await forum_topics.rules_in(tx, call.request.chat)
    of_topics: list[Block] = []
    for topic, its_rules in elsewhere:
        name, url = say("topic {number}", number=topic.thread), call.request.topic_url.format(topic=topic.thread)
        of_topics.append(Block(say("Rules of {topic}", topic=Run(text_of(name), url=url)), Role.HEADING))
        lines = (say("{number}. {rule}", number=each.number, rule=code(each.text)) for each in its_rules)
        of_topics += [Block(line, Role.ROW) for line in lines]
    to_topics = tuple((Button(f"Rules of topic {topic.thread}", f"#{topic.thread}/rules"),) for topic, _ in elsewhere)
    if subscriber is None or not followed:
        if elsewhere:
            return Message((Block(say("The general topic doesn't follow any rules.")), *of_topics), to_topics)
        hint = say("Try {example}, or press a ready-made rule in /start.", example=code("/follow drone poland"))
        return Message((Block(say("This chat doesn't follow any rules yet.")), Block(hint, Role.ROW)))
    listed = chain.from_iterable(_rule_blocks(call, following) for following in followed)
    buttons = [Button(f"Unfollow {each.number}", f"/unfollow {button_number(each)}") for each in followed]
    title = Block(say("Rules of this chat"), Role.TITLE)
    return Message(
        (title, *listed, *state_of(subscriber, call.now), *of_topics),
        (*in_rows(buttons, BUTTONS_IN_A_ROW), *to_topics),
    )


@Command(
    summary="Stop following a rule",
    example="/unfollow 2",
    who=Who.ADMIN,
    also=("unsubscribe", "unsub", "remove", "delete"),
)
async def unfollow(call: Call, number: Annotated[RuleNumber, FOLLOWED]) -> Message:
    """End a rule, and drop its alerts that have not been sent yet."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        following = rule_numbered(number, followed)
        unneeded = await subscribers.unfollow(tx, following)
        await outbox.drop_queued(tx, following.subscriber, following.rule)
        if unneeded and following.rule in call.services.index:
            call.services.index.remove(following.rule)
    sentence = say("Rule {number} is no longer followed: {rule}", number=following.number, rule=code(following.text))
    again = f"/follow {following.text}"
    return Message((Block(sentence),), ((Button("Follow again", again),),) if fits_button(again) else ())


def refuse_followed(rule: Rule, followed: Sequence[Following]) -> None:
    """Raise UsageError when the chat follows a rule already."""
    same = next((following for following in followed if following.text == str(rule)), None)
    if same is not None:
        raise misuse("This chat already follows that: it's rule {number}.", number=same.number)


def _refuse_needless(rule: Rule, followed: Sequence[Following]) -> None:
    refuse_followed(rule, followed)
    if len(followed) >= MOST_RULES:
        raise misuse(
            "This chat has {most} rules, which is the maximum. /unfollow one, or join several with OR in one rule.",
            most=MOST_RULES,
        )


async def _take_draft(tx: AsyncConnection, call: Call, draft: int) -> tuple[Subscriber, str]:
    subscriber = await subscribers.find(tx, call.request.chat)
    text = await subscribers.take_draft(tx, subscriber.id, draft) if subscriber else None
    if subscriber is None or text is None:
        raise misuse("That question has already been answered or is over a week old. Send /follow with the rule again.")
    return subscriber, text


def _trial_blocks(trial: Trial, now: datetime, readership: Readership) -> Iterator[Block]:
    """How many alerts a rule would have sent, what that means, and some of them."""
    count, collected = len(trial.found), duration_words(trial.collected)
    if trial.collected < MINUTE and count:
        yield Block(say("I've only just started collecting news, so I can't say yet how many alerts to expect."))
    elif trial.collected < MINUTE:
        yield Block(say("No news has been collected yet, so I can't say how many alerts to expect."))
    elif trial.collected < DAY:
        too_early = "I've only been collecting news for {collected}, so I can't say yet how many alerts to expect."
        yield Block(say(too_early, collected=collected))
    elif not count:
        yield Block(say("In the last 7 days it would have sent nothing."))
        yield Block(
            say("Perhaps a word is misspelt, or it asks for too much at once. It may also just be rare."), Role.ROW
        )
    else:
        many = "In the last 7 days it would have sent {count} alerts, about {a_day} a day."
        few = "In the last 7 days it would have sent {count} alerts, less than one a day."
        one = "In the last 7 days it would have sent {count} alert."
        yield Block(say_count(count, one, few if trial.a_day < 1 else many, a_day=round(trial.a_day)))
        if trial.a_day > FLOOD_A_DAY:
            yield Block(say("That is more than most people read. One more word would narrow it down."), Role.ROW)
    if DAY <= trial.collected < TRIAL:
        maybe_more = "I've only been collecting news for {collected}, so there may have been more."
        yield Block(say(maybe_more, collected=collected), Role.ROW)
    if trial.found:
        yield Block(say("For example:"), Role.HEADING)
    for found in trial.found[:EXAMPLES]:
        yield from news_entry((headline(found.item),), found.item, now, readership)


def _rule_blocks(call: Call, following: Following) -> Iterator[Block]:
    yield Block(say("{number}. {rule}", number=following.number, rule=code(following.text)), Role.ITEM)
    try:
        meaning = say("{meaning}", meaning=parse_rule(following.text).describe(call.services.aliases))
    except RuleError:
        # Saved by a version that read rules otherwise.
        meaning = say("This version can no longer read it: unfollow it, then follow it again.")
    yield Block(meaning, Role.BYLINE)
    if following.level is not None:
        yield Block(say("Sends {levels}", levels=BRINGS[following.level]), Role.BYLINE)
    if not following.mention:
        return
    roles = call.request.roles
    if not roles:  # asked elsewhere than on the server
        mention = say("Its alerts mention a role.")
    elif following.mention in roles:
        mention = say("Its alerts mention {role}.", role=f"@{roles[following.mention]}")
    else:
        mention = say("Its alerts don't mention anyone: the role was deleted.")
    yield Block(mention, Role.BYLINE)
