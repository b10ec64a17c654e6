"""The button "Fewer like this": stricter rules, made from one of the chat's and a story that it brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.commands.follow import TRIAL, refuse_followed
from bot.commands.framework.command import Call, RuleNumber, misuse
from bot.commands.framework.replied_story import button_number, rule_numbered, story_named
from bot.commands.framework.rules import rule_behind
from bot.commands.framework.stories import Search, items_that_fit, relevances_for, stems_that_hit, stories_that_fit
from bot.core.message.blocks import BY_ID, Block, Button, Message, Role, Run, code, say, say_count
from bot.core.model import Following, Story, Subscriber
from bot.core.rules.aliases import Aliases
from bot.core.rules.refine import narrower_rules
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import RuleError
from bot.storage import archive, news, subscribers
from bot.storage.archive import Alerted

MOST_OFFERS = 3
# A rule that brings no more than this in a week may be made so strict that last week it would have brought nothing.
RARE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A stricter rule, and how many stories of the last week fit it."""

    rule: Rule
    left: int


async def fewer(call: Call) -> Message:
    """Offer rules stricter than one of the chat's, under which a story would not have come."""
    named, meant = call.arguments.followed("number"), story_named(call, "story")
    assert named is not None, "a required param"  # noqa: S101
    assert meant is not None, "a required param"  # noqa: S101
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        story = await news.story(tx, meant)
        alerts = await archive.alerts_of(tx, subscriber.id, [meant]) if subscriber else {}
    following = _following_behind(alerts.get(meant), followed, named)
    if subscriber is None or following is None:
        raise misuse("This chat no longer has rule {number}. /rules shows what it follows.", number=named.number)
    if story is None:
        raise misuse("That story is too old and no longer kept.")
    rule = _present_rule(following)
    groups = _without_story(rule, story, call.services.aliases)
    now, groups_of_offers = await _tried(call, subscriber, rule, groups)
    offers = chosen(groups_of_offers, now)
    return await _offered(call, following, now, offers) if offers else _nothing_to_offer(following, story)


def _following_behind(alerted: Alerted | None, followed: Sequence[Following], named: RuleNumber) -> Following | None:
    """The rule that brought an alert, else the one of the number. Raises UsageError where that has ended."""
    if alerted is None or alerted.told is None or alerted.text is None:
        has_number = any(each.number == named.number for each in followed)
        return rule_numbered(named, followed) if has_number else None
    following = rule_behind(alerted, followed)
    if following is None:
        raise misuse(
            "It was sent for rule {number}, {rule}, which this chat no longer follows. /rules shows what it follows "
            "now.",
            number=str(alerted.number),
            rule=alerted.text,
        )
    return following


async def replace(call: Call) -> Message:
    """Let a number of the chat's rules stand for the rule of a draft, if it stands for the one that was offered on."""
    number, rule_id, draft = (call.arguments.number(name) or 0 for name in ("number", "rule", "draft"))
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        old = next((each for each in followed if each.number == number and each.rule == rule_id), None)
        if subscriber is None or old is None:
            raise misuse(
                "Rule {number} has since ended or changed. /rules shows what this chat follows.", number=number
            )
        text = await subscribers.take_draft(tx, subscriber.id, draft)
        if text is None:
            raise misuse("That offer is over a week old. Press “Fewer like this” below a newer alert.")
        rule = parse_rule(text)
        refuse_followed(rule, followed)
        saved, unneeded = await subscribers.replace(tx, old, text, names_relevance="relevance" in rule.fields())
        back = await subscribers.save_draft(tx, subscriber.id, old.text, call.now)
        # Last in the transaction, as with /follow.
        if saved.fresh:
            call.services.index.add(saved.following.rule, rule)
        if unneeded and old.rule in call.services.index:
            call.services.index.remove(old.rule)
    return Message(
        (
            Block(say("Rule {number} is now: {rule}", number=number, rule=code(text))),
            Block(say("It used to be: {rule}", rule=code(old.text)), Role.ROW),
        ),
        ((Button("Back to the old rule", _replace_command(saved.following, back)),),),
    )


def _present_rule(following: Following) -> Rule:
    try:
        return parse_rule(following.text)
    except RuleError:
        # Saved by a version that read rules otherwise.
        raise misuse(
            "This version can no longer read rule {number}: unfollow it, then follow it again.", number=following.number
        ) from None


def _without_story(rule: Rule, story: Story, aliases: Aliases) -> list[list[Rule]]:
    """Stricter rules that the story does not fit, grouped by what they leave out."""
    items = items_that_fit(story, rule, aliases)
    if not items:
        raise misuse("The rule has changed since then: {rule} would not send this story.", rule=str(rule))
    groups = narrower_rules(rule, items, stems_that_hit(story, rule, aliases))
    return [[each for each in group if not items_that_fit(story, each, aliases)] for group in groups]


async def _tried(
    call: Call, subscriber: Subscriber, rule: Rule, groups: Sequence[Sequence[Rule]]
) -> tuple[int, list[list[Offer]]]:
    """How many stories of the last week fit the rule, and how many fit the others, as far as they are stricter."""
    relevances = relevances_for(rule, subscriber)
    search = Search(rule=None, relevances=relevances, since=call.now - TRIAL, seen_by=call.now)
    every = [each for group in groups for each in group]
    now, *found = await stories_that_fit(call, search, (rule, *every))
    left = {each: len(stories) for each, stories in zip(every, found, strict=True) if stories < now}
    offers = [[Offer(rule=each, left=left[each]) for each in group if each in left] for group in groups]
    return len(now), offers


async def _offered(call: Call, following: Following, now: int, offers: Sequence[Offer]) -> Message:
    async with call.services.database.write() as tx:
        drafts = [await subscribers.save_draft(tx, following.subscriber, str(offer.rule), call.now) for offer in offers]
    labels = [f"Use {place}" for place in range(1, len(offers) + 1)] if len(offers) > 1 else ["Use this"]
    buttons = tuple(
        Button(label, _replace_command(following, draft)) for label, draft in zip(labels, drafts, strict=True)
    )
    listed = chain.from_iterable(_offer_blocks(call, place, offer, now) for place, offer in enumerate(offers, 1))
    return Message((*_now_blocks(following, now, len(offers)), *listed), (buttons,))


def chosen(groups: Sequence[Sequence[Offer]], now: int) -> tuple[Offer, ...]:
    """The best offer of each group, three at most; those that leave nothing only where little comes anyway.

    The best is what takes the most away and still leaves half; what leaves less is better the more it leaves.
    """
    kept = ([offer for offer in group if offer.left or now <= RARE] for group in groups)
    best = [max(group, key=lambda offer: _merit(offer, now)) for group in kept if group]
    # Beside those that leave something, those that leave nothing are no help.
    return tuple([offer for offer in best if offer.left] or best)[:MOST_OFFERS]


def _merit(offer: Offer, now: int) -> int:
    return -offer.left if 2 * offer.left >= now else offer.left - 2 * now


def _now_blocks(following: Following, count: int, offers: int) -> Iterator[Block]:
    yield Block(say("Fewer like this"), Role.TITLE)
    yield Block(
        say_count(
            count,
            "Rule {number} is {rule}; in the last 7 days {count} story matched it.",
            "Rule {number} is {rule}; in the last 7 days {count} stories matched it.",
            number=following.number,
            rule=code(following.text),
        )
    )
    yield Block(
        say_count(
            offers,
            "With this one instead, the story above would not have been sent:",
            "With any of these instead, the story above would not have been sent:",
        )
    )


def _offer_blocks(call: Call, place: int, offer: Offer, now: int) -> Iterator[Block]:
    yield Block(say("{place}. {rule}", place=place, rule=code(str(offer.rule))), Role.ITEM)
    yield Block(say("{meaning}", meaning=offer.rule.describe(call.services.aliases)), Role.BYLINE)
    yield Block(_left_sentence(offer.left, now), Role.ROW)


def _left_sentence(left: int, now: int) -> tuple[Run, ...]:
    if not left:
        return say("In the last 7 days it would have sent nothing.")
    return say_count(
        left,
        "In the last 7 days: {count} story instead of {now}.",
        "In the last 7 days: {count} stories instead of {now}.",
        now=now,
    )


def _nothing_to_offer(following: Following, story: Story) -> Message:
    sentence = say(
        "I can't find a stricter form of rule {number} ({rule}) that would leave this story out and still send others.",
        number=following.number,
        rule=code(following.text),
    )
    mute = Button("Mute this story", f"/mute story {BY_ID}{story.id}")
    end = Button(f"Unfollow {following.number}", f"/unfollow {button_number(following)}")
    return Message((Block(sentence),), ((mute, end),))


def _replace_command(following: Following, draft: int) -> str:
    return f"/replace {following.number} {following.rule} {draft}"
