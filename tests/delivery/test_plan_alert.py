"""What a chat is to be sent, as a table: what it has been sent, what the story is now -> the plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.intake.planning import StoredStory
from bot.core.model import (
    Following,
    Item,
    ItemId,
    Level,
    MessageKind,
    Nothing,
    Relevance,
    RuleId,
    SentAlert,
    Subscriber,
    SubscriberId,
)
from bot.core.stories.corroboration import coverage_of
from bot.delivery.plan_alert import ChatContext, Edit, Send, plan_alert
from bot.delivery.snapshot import StorySnapshot
from tests import builders
from tests.builders import NOW, item, sent_alert

MINUTE = timedelta(minutes=1)

CUT, UNCUT, MENDED = "Cable cut off Kestrel", "Cable NOT cut off Kestrel", "Cable cut off Kestrel, divers say"
TUG = "Tug tears cable off Kestrel"
GONE = "This article has been withdrawn"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Item 1 or 2 was called otherwise until then."""

    title: str
    minute: int
    reverses: bool = True
    item: int = 1


def snapshot(
    *titles: str,
    changed: Sequence[Change] = (),
    level: Level = Level.NORMAL,
    revision: int = 2,
    langs: Sequence[str] = ("en", "en"),
) -> StorySnapshot:
    """Northgate's report, and Westmark's of a minute later, in these languages."""
    outlets = ("northgate", "westmark")
    items = [
        item(
            title,
            outlet=outlet,
            lang=lang,
            published=NOW - 2 * MINUTE + place * MINUTE,
            first_seen=NOW + place * MINUTE,
        )
        for place, (title, outlet, lang) in enumerate(zip(titles, outlets, langs, strict=False))
    ]
    story = replace(builders.story(*items, level=level), revision=revision)
    return StorySnapshot(
        stored=StoredStory(story=story, ids=tuple([ItemId(place) for place in range(1, len(items) + 1)])),
        former_titles=[(ItemId(each.item), each.title, NOW + each.minute * MINUTE, each.reverses) for each in changed],
        coverage=coverage_of(story),
    )


def chat(*satisfying: Item, follows: bool = True, muted: bool = False, **fields: Any) -> ChatContext:
    """Rings for everything, unless something else is said."""
    subscriber = Subscriber(
        id=SubscriberId(1),
        chat=builders.chat(),
        created=NOW,
        **({"relevance": Relevance.CORE, "paused_until": None, "sound": Level.NORMAL} | fields),
    )
    following = Following(subscriber=subscriber.id, number=1, rule=RuleId(1), text="cable", created=NOW)
    return ChatContext(
        subscriber=subscriber, following=following if follows else None, satisfying=satisfying, is_muted=muted
    )


def plan(
    story: StorySnapshot, context: ChatContext, sent: Sequence[SentAlert], now: datetime = NOW + 30 * MINUTE
) -> Send | Edit | Nothing:
    """Every report satisfies the rule, unless the context says which."""
    satisfying = context.satisfying or story.story.items
    return plan_alert(story, replace(context, satisfying=satisfying), sent, now)


def done(step: Send | Edit | Nothing) -> tuple[SentAlert, ...]:
    """What the chat has been sent once the plan is carried out."""
    return tuple([replace(each, ref=each.ref or f"m{each.number}") for each in step.sent])


def told(step: Send | Edit | Nothing) -> str:
    """A plan in a line."""
    match step:
        case Send(sent=(*_, new), lead=lead, answers=answers):
            to = f" to {answers.number}" if answers else ""
            return f"{'ring' if new.rang else 'silent'} {new.kind}{to}: {lead.title}"
        case Edit(message=message, lead=lead, corrections=corrections):
            return " ~ ".join([f"edit {message.number}: {lead.title}", *(each.was for each in corrections)])
        case Nothing(why=why, sent=sent):
            kept_back = [each.level for each in sent if each.kind is MessageKind.SUPPRESSED]
            return " ".join(["nothing", why or "to change", *kept_back])
    raise AssertionError(step)


CABLU = "Cablu tăiat lângă Kestrel"
TORN = "Kabel bei Kestrel zerrissen"
ROMANIAN = ("ro", "en")
PAUSED: dict[str, Any] = {"paused_until": NOW + 90 * MINUTE}
READ = done(plan(snapshot(CUT, revision=1), chat(), (), NOW))
SILENT = done(plan(snapshot(CUT, revision=1), chat(sound=None), (), NOW))
(FIRST,) = READ
LOST = (replace(FIRST, editable=False),)
LOUDER = done(plan(snapshot(CUT, TUG, level=Level.MAJOR), chat(), READ, NOW + MINUTE))
SUPPRESSED = done(plan(snapshot(CUT, TUG, level=Level.MAJOR), chat(muted=True), READ, NOW + MINUTE))
DENIED = [Change(title=CUT, minute=5)]
DENIAL = snapshot(UNCUT, changed=DENIED)
CORRECTED = done(plan(DENIAL, chat(), READ, NOW + 5 * MINUTE))
EDITED = done(plan(DENIAL, chat(), CORRECTED, NOW + 5 * MINUTE))
AGAIN = [*DENIED, Change(title=UNCUT, minute=20)]
TUGS = [Change(title=TUG, minute=5, item=2)]
HEADED_BY_ROMANIAN = done(plan(snapshot(CABLU, revision=1, langs=ROMANIAN), chat(langs=("en",)), (), NOW))
TUG_DENIED = snapshot(CUT, TUG.replace("tears", "does not tear"), changed=TUGS, level=Level.MAJOR)

CASES: dict[str, tuple[Sequence[SentAlert], StorySnapshot, ChatContext, str]] = {
    "the first": ((), snapshot(CUT), chat(), f"ring alert: {CUT}"),
    "the first, of reports that satisfy the rule": (
        (),
        snapshot(CUT, TUG),
        chat(snapshot(CUT, TUG).story.items[1]),
        f"ring alert: {TUG}",
    ),
    "the first, not of what was withdrawn": ((), snapshot(GONE, TUG), chat(), f"ring alert: {TUG}"),
    "the first, without a sound": ((), snapshot(CUT), chat(sound=Level.MAJOR), f"silent alert: {CUT}"),
    "the first, not followed": ((), snapshot(CUT), chat(follows=False), "nothing no longer wanted"),
    "the first, muted": ((), snapshot(CUT), chat(muted=True), "nothing muted"),
    "the first, paused": ((), snapshot(CUT), chat(**PAUSED), "nothing paused"),
    "the first, too quiet": ((), snapshot(CUT), chat(level=Level.MAJOR), "nothing quieter than wanted"),
    "the first, in most readers' language": ((), snapshot(CABLU, TUG, langs=ROMANIAN), chat(), f"ring alert: {TUG}"),
    "the first, in the chat's language": (
        (),
        snapshot(CUT, CABLU, langs=("en", "ro")),
        chat(langs=("ro",)),
        f"ring alert: {CABLU}",
    ),
    "the first, of two languages the one that came first": (
        (),
        snapshot(TORN, TUG, langs=("de", "en")),
        chat(langs=("de", "en")),
        f"ring alert: {TORN}",
    ),
    "the first, in none of the chat's languages": (
        (),
        snapshot(CABLU, TORN, langs=("ro", "de")),
        chat(langs=("en",)),
        f"ring alert: {CABLU}",
    ),
    "the first, in the chat's language but not of the rule": (
        (),
        snapshot(CABLU, TUG, langs=ROMANIAN),
        chat(snapshot(CABLU, TUG, langs=ROMANIAN).story.items[0], langs=("en",)),
        f"ring alert: {CABLU}",
    ),
    "the first, in the chat's language but only asking": (
        (),
        snapshot(CABLU, f"{CUT}?", langs=ROMANIAN),
        chat(langs=("en",)),
        f"ring alert: {CABLU}",
    ),
    "one more in the chat's language": (
        HEADED_BY_ROMANIAN,
        snapshot(CABLU, TUG, langs=ROMANIAN),
        chat(langs=("en",)),
        f"edit 1: {TUG}",
    ),
    "one more in a language that the chat doesn't read": (
        HEADED_BY_ROMANIAN,
        snapshot(CABLU, TORN, langs=("ro", "de")),
        chat(langs=("en",)),
        f"edit 1: {CABLU}",
    ),
    "languages chosen, and nothing new": (READ, snapshot(CUT), chat(langs=("en", "ro")), "nothing to change"),
    "louder, in another of the chat's languages": (
        READ,
        snapshot(CUT, TORN, level=Level.MAJOR, langs=("en", "de")),
        chat(langs=("de", "en")),
        f"ring update to 1: {TORN}",
    ),
    "louder, in a language that the chat doesn't read": (
        READ,
        snapshot(CUT, TORN, level=Level.MAJOR, langs=("en", "de")),
        chat(langs=("en",)),
        f"ring update to 1: {CUT}",
    ),
    "nothing new": (READ, snapshot(CUT), chat(), "nothing to change"),
    "one more tells it": (READ, snapshot(CUT, TUG), chat(), f"edit 1: {CUT}"),
    "one more, muted": (READ, snapshot(CUT, TUG), chat(muted=True), "nothing muted"),
    "one more, paused": (READ, snapshot(CUT, TUG), chat(**PAUSED), f"edit 1: {CUT}"),
    "one more, not followed": (READ, snapshot(CUT, TUG), chat(follows=False), "nothing no longer wanted"),
    "one more, editable no more": (LOST, snapshot(CUT, TUG), chat(), "nothing to change"),
    "a rule of another number": (
        [replace(FIRST, content_hash=None)],
        snapshot(CUT),
        chat(),
        f"edit 1: {CUT}",
    ),
    "louder": (READ, snapshot(CUT, TUG, level=Level.MAJOR), chat(), f"ring update to 1: {TUG}"),
    "louder, without a sound": (
        READ,
        snapshot(CUT, TUG, level=Level.MAJOR),
        chat(sound=Level.BREAKING),
        f"silent update to 1: {TUG}",
    ),
    "louder, editable no more": (LOST, snapshot(CUT, TUG, level=Level.MAJOR), chat(), f"ring update: {TUG}"),
    "louder, muted": (READ, snapshot(CUT, level=Level.MAJOR), chat(muted=True), "nothing muted major"),
    "louder, muted, again": (SUPPRESSED, snapshot(CUT, level=Level.MAJOR), chat(muted=True), "nothing muted"),
    "louder while it was muted": (SUPPRESSED, snapshot(CUT, TUG, level=Level.MAJOR), chat(), f"edit 1: {CUT}"),
    "louder still after a mute": (
        SUPPRESSED,
        snapshot(CUT, TUG, level=Level.BREAKING),
        chat(),
        f"ring update to 1: {TUG}",
    ),
    "louder, paused": (READ, snapshot(CUT, level=Level.MAJOR), chat(**PAUSED), f"edit 1: {CUT}"),
    "louder, the first to follow": (LOUDER, snapshot(CUT, TUG, level=Level.MAJOR), chat(), f"edit 1: {CUT}"),
    "denied": (READ, DENIAL, chat(), f"ring correction to 1: {UNCUT}"),
    "denied, the first to follow": (CORRECTED, DENIAL, chat(), f"edit 1: {UNCUT} ~ {CUT}"),
    "denied, and all is said": (EDITED, DENIAL, chat(), "nothing to change"),
    "denied, muted": (READ, DENIAL, chat(muted=True), f"edit 1: {UNCUT} ~ {CUT}"),
    "denied, paused": (READ, DENIAL, chat(**PAUSED), f"edit 1: {UNCUT} ~ {CUT}"),
    "denied, no sound by now": (READ, DENIAL, chat(sound=None), f"edit 1: {UNCUT} ~ {CUT}"),
    "denied, and never heard": (SILENT, DENIAL, chat(), f"edit 1: {UNCUT} ~ {CUT}"),
    "denied, editable no more": (LOST, DENIAL, chat(), f"ring correction: {UNCUT}"),
    "denied what it never read": (
        READ,
        snapshot(CUT, TUG, changed=[Change(title=f"{TUG}?", minute=5, item=2)]),
        chat(),
        f"edit 1: {CUT}",
    ),
    "denied before it was read": (
        READ,
        snapshot(CUT, changed=[Change(title=UNCUT, minute=-1)]),
        chat(),
        "nothing to change",
    ),
    "withdrawn": (READ, snapshot(GONE, changed=DENIED), chat(), f"ring correction to 1: {GONE}"),
    "withdrawn, one more tells it": (
        EDITED,
        snapshot(GONE, TUG, changed=AGAIN),
        chat(),
        f"edit 2: {TUG} ~ {UNCUT}",
    ),
    "said again within the hour": (EDITED, snapshot(CUT, changed=AGAIN), chat(), f"edit 2: {CUT} ~ {UNCUT}"),
    "said again after the hour": (
        done(plan(snapshot(CUT, changed=AGAIN), chat(), EDITED, NOW + 70 * MINUTE)),
        snapshot(CUT, changed=AGAIN),
        chat(),
        f"ring correction to 2: {CUT}",
    ),
    "other words": (READ, snapshot(MENDED), chat(), f"edit 1: {MENDED}"),
    "other words, muted": (READ, snapshot(MENDED), chat(muted=True), "nothing muted"),
    "corrected without being taken back": (
        READ,
        snapshot(TUG, changed=[Change(title=CUT, minute=5, reverses=False)]),
        chat(),
        f"edit 1: {TUG} ~ {CUT}",
    ),
    "an update denied": (LOUDER, TUG_DENIED, chat(), f"edit 2: {TUG_DENIED.story.items[1].title} ~ {TUG}"),
    "an update denied, then said": (
        done(plan(TUG_DENIED, chat(), LOUDER, NOW + 5 * MINUTE)),
        TUG_DENIED,
        chat(),
        f"ring correction to 2: {TUG_DENIED.story.items[1].title}",
    ),
    "an update denied, editable no more": (
        (*LOUDER[:1], replace(LOUDER[1], editable=False)),
        TUG_DENIED,
        chat(),
        f"ring correction to 1: {TUG_DENIED.story.items[1].title}",
    ),
    "an update denied, the first gone": (
        (replace(LOUDER[0], editable=False), LOUDER[1]),
        TUG_DENIED,
        chat(sound=None),
        f"edit 2: {CUT} ~ {TUG}",
    ),
    "as another version left it": ((sent_alert(CUT),), snapshot(CUT), chat(), f"edit 1: {CUT}"),
}
LATER: dict[str, datetime] = {"said again after the hour": NOW + 71 * MINUTE}


@pytest.mark.parametrize("name", CASES)
def test_what_was_sent_and_what_is_true_make_the_plan(name: str) -> None:
    sent, story, context, planned = CASES[name]
    assert told(plan(story, context, sent, LATER.get(name, NOW + 30 * MINUTE))) == planned


@pytest.mark.parametrize("name", CASES)
def test_a_plan_leads_to_rest(name: str) -> None:
    sent, story, context, _ = CASES[name]
    for _ in range(6):
        step = plan(story, context, sent)
        if isinstance(step, Nothing) and step.sent in {(), tuple(sent)}:
            return
        sent = done(step)
    raise AssertionError(told(step))


def test_the_hash_is_of_what_is_said_and_not_of_its_words() -> None:
    """Two that no reader of English could tell apart but by a count."""
    two, three = (snapshot(CUT, TUG), snapshot(CUT, CUT))
    hashes = {done(plan(each, chat(), READ, NOW))[0].content_hash for each in (two, three, snapshot(CUT))}
    assert len(hashes) == 2, "who tells it, and not by which title"
    assert FIRST.content_hash not in {None, done(plan(two, chat(), READ, NOW))[0].content_hash}
