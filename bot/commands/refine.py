"""The button "Fewer like this": stricter rules, made from one of the chat's and a story that it brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from bot.commands.follow import DRAFT, TRIAL, refuse_followed
from bot.commands.framework.command import Call, Command, Param, Press, RuleNumber, StoryNumber, Who
from bot.commands.framework.replied_story import FOLLOWED, button_number, rule_numbered, story_named
from bot.commands.framework.request import misuse
from bot.commands.framework.rules import rule_behind
from bot.commands.framework.stories import Search, items_that_fit, relevances_for, stems_that_hit, stories_that_fit
from bot.core.message.blocks import BY_ID, Block, Button, Message, Role, code, say, say_count
from bot.core.model import Following, Story, Subscriber
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


@Command(
    summary="Stricter forms of a rule, without a story that it brought",
    example="/fewer 2 id:4711",
    who=Who.ADMIN,
    hidden=True,
    press=Press.REPLY,
)
async def fewer(
    call: Call,
    number: Annotated[RuleNumber, FOLLOWED],
    story: Annotated[StoryNumber, Param(summary="which story")],
) -> Message:
    """Offer rules stricter than one of the chat's, under which a story would not have come."""
    meant = story_named(call, story)
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        found = await news.story(tx, meant) if meant else None
        alerts = await archive.alerts_of(tx, subscriber.id, [meant]) if subscriber and meant else {}
    following = _following_behind(alerts.get(meant) if meant else None, followed, number)
    if subscriber is None or following is None:
        raise misuse("This chat no longer has rule {number}. /rules shows what it follows.", number=number.number)
    if found is None:
        raise misuse("That story is too old and no longer kept.")
    try:
        rule = parse_rule(following.text)
    except RuleError:
        # Saved by a version that read rules otherwise.
        raise misuse(
            "This version can no longer read rule {number}: unfollow it, then follow it again.", number=following.number
        ) from None
    items = items_that_fit(found, rule, call.services.aliases)
    if not items:
        raise misuse("The rule has changed since then: {rule} would not send this story.", rule=str(rule))
    groups = narrower_rules(rule, items, stems_that_hit(found, rule, call.services.aliases))
    left_out = [[each for each in group if not items_that_fit(found, each, call.services.aliases)] for group in groups]
    now, tried = await _tried(call, subscriber, rule, left_out)
    offers = chosen(tried, now)
    return await _offered(call, following, now, offers) if offers else _nothing_to_offer(following, found)


def _following_behind(alerted: Alerted | None, followed: Sequence[Following], named: RuleNumber) -> Following | None:
    """The rule that brought an alert, else the one of the number. Raises UsageError where that has ended."""
    if alerted is None or alerted.sent_at is None or alerted.text is None:
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


@Command(summary="Let a rule be another one, under its number", example="/replace 2 310 17", who=Who.ADMIN, hidden=True)
async def replace(
    call: Call,
    number: Annotated[int, FOLLOWED],
    rule: Annotated[int, Param(summary="which rule it is now")],
    draft: Annotated[int, DRAFT],
) -> Message:
    """Give a number of the chat's rules to the rule of a draft, unless another rule has that number by now."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        old = next((each for each in followed if each.number == number and each.rule == rule), None)
        if subscriber is None or old is None:
            raise misuse(
                "Rule {number} has since ended or changed. /rules shows what this chat follows.", number=number
            )
        text = await subscribers.take_draft(tx, subscriber.id, draft)
        if text is None:
            raise misuse("That offer is over a week old. Press “Fewer like this” below a newer alert.")
        new = parse_rule(text)
        refuse_followed(new, followed)
        saved, unneeded = await subscribers.replace(tx, old, text, names_relevance="relevance" in new.fields())
        back = await subscribers.save_draft(tx, subscriber.id, old.text, call.now)
        # Last in the transaction, as with /follow.
        if saved.fresh:
            call.services.index.add(saved.following.rule, new)
        if unneeded and old.rule in call.services.index:
            call.services.index.remove(old.rule)
    return Message(
        (
            Block(say("Rule {number} is now: {rule}", number=number, rule=code(text))),
            Block(say("It used to be: {rule}", rule=code(old.text)), Role.ROW),
        ),
        ((Button("Back to the old rule", _replace_line(saved.following, back)),),),
    )


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


def chosen(groups: Sequence[Sequence[Offer]], now: int) -> tuple[Offer, ...]:
    """The best offer of each group, three at most; those that leave nothing only where little comes anyway.

    The best is what takes the most away and still leaves half; what leaves less is better the more it leaves.
    """

    def merit(offer: Offer) -> int:
        return -offer.left if 2 * offer.left >= now else offer.left - 2 * now

    kept = ([offer for offer in group if offer.left or now <= RARE] for group in groups)
    best = [max(group, key=merit) for group in kept if group]
    # Beside those that leave something, those that leave nothing are no help.
    return tuple([offer for offer in best if offer.left] or best)[:MOST_OFFERS]


async def _offered(call: Call, following: Following, now: int, offers: Sequence[Offer]) -> Message:
    async with call.services.database.write() as tx:
        drafts = [await subscribers.save_draft(tx, following.subscriber, str(offer.rule), call.now) for offer in offers]
    matched = say_count(
        now,
        "Rule {number} is {rule}; in the last 7 days {count} story matched it.",
        "Rule {number} is {rule}; in the last 7 days {count} stories matched it.",
        number=following.number,
        rule=code(following.text),
    )
    instead = say_count(
        len(offers),
        "With this one instead, the story above would not have been sent:",
        "With any of these instead, the story above would not have been sent:",
    )
    blocks = [Block(say("Fewer like this"), Role.TITLE), Block(matched), Block(instead)]
    for place, offer in enumerate(offers, 1):
        left = say_count(
            offer.left,
            "In the last 7 days: {count} story instead of {now}.",
            "In the last 7 days: {count} stories instead of {now}.",
            now=now,
        )
        blocks += [
            Block(say("{place}. {rule}", place=place, rule=code(str(offer.rule))), Role.ITEM),
            Block(say("{meaning}", meaning=offer.rule.describe(call.services.aliases)), Role.BYLINE),
            Block(left if offer.left else say("In the last 7 days it would have sent nothing."), Role.ROW),
        ]
    labels = [f"Use {place}" for place in range(1, len(offers) + 1)] if len(offers) > 1 else ["Use this"]
    buttons = (Button(label, _replace_line(following, draft)) for label, draft in zip(labels, drafts, strict=True))
    return Message(tuple(blocks), (tuple(buttons),))


def _nothing_to_offer(following: Following, story: Story) -> Message:
    sentence = say(
        "I can't find a stricter form of rule {number} ({rule}) that would leave this story out and still send others.",
        number=following.number,
        rule=code(following.text),
    )
    mute = Button("Mute this story", f"/mute story {BY_ID}{story.id}")
    end = Button(f"Unfollow {following.number}", f"/unfollow {button_number(following)}")
    return Message((Block(sentence),), ((mute, end),))


def _replace_line(following: Following, draft: int) -> str:
    return f"/replace {following.number} {following.rule} {draft}"
