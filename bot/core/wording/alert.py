"""The alert, and the pieces that every message about news shares: headline, byline, sides, ages, extracts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.intake.items import digest
from bot.core.language.sentences import sentences_in, told
from bot.core.language.text import words_in
from bot.core.message.blocks import BY_ID, Block, Button, Card, Message, Role, Run, bold, code, say, say_count, text_of
from bot.core.model import Item, Level, RuleId, Story
from bot.core.sides import label_of
from bot.core.stories.corroboration import corroboration, tellers
from bot.core.wording.readership import EVERYBODY, Readership

# The level comes before the headline, for that is what people see first; what is normal has no mark.
_MARKS = {Level.BREAKING: "Breaking · {title}", Level.MAJOR: "Major · {title}", Level.NORMAL: "{title}"}
_RISES = _MARKS | {Level.BREAKING: "Now breaking · {title}", Level.MAJOR: "Now major · {title}"}

SHORTEST_EXTRACT = 80
LONGEST_EXTRACT = 240
# The share of an extract's words that the title must not have, or it only says the title again.
NEWS_SHARE = 0.4
# "Read more." and its like.
FEWEST_WORDS = 5

TOPICS_NAMED = 3
# An alert has no room for more; the others are told by /story.
CORRECTIONS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A report that a chat has read under the title `was`, as it reads now."""

    item: Item
    was: str


def alert(
    story: Story,
    *,
    number: int,
    rule_text: str,
    rule: RuleId | None = None,
    words: tuple[str, ...],
    now: datetime,
    in_channel: bool = False,
    lead: Item | None = None,
    corrections: Sequence[Correction] = (),
    rises: bool = False,
    readership: Readership = EVERYBODY,
) -> Message:
    """The story as news for a chat: told by its `lead` (its first item, unless another is named), who else tells it,
    and why it came: the chat's rule and the words that hit.

    `corrections` are of what the chat has read. Reports that were withdrawn tell it no more. `rises` says that the
    level is the news: such a message replies to the first, which is kept up to date, and repeats nothing of it
    that will change. In a channel it has no rule and no buttons: both are its admins', and its readers would see them.
    """
    item = lead or story.items[0]
    blocks = [
        Block(say((_RISES if rises else _MARKS)[story.level], title=headline(item)), Role.TITLE),
        *readership.facts_blocks(item),
        *(block for each in corrections[-CORRECTIONS_SHOWN:] for block in _correction_blocks(each, item, readership)),
        Block(_byline_with_topics(item, story.topics, now, readership), Role.BYLINE),
        *(() if rises else (Block(corroboration(story), Role.BYLINE),)),
        *(() if in_channel else (Block(_why(number, rule_text, words), Role.WHY),)),
    ]
    if words_of_its_own := extract(item):
        blocks.append(Block((Run(words_of_its_own, italic=True),), Role.EXTRACT))
    rows = alert_buttons(story, number, rule)
    buttons = () if in_channel else rows[:1] if rises else rows
    return Message(tuple(blocks), buttons, card=_card(story, item, readership))


def content_hash(
    story: Story,
    lead: Item,
    corrections: Sequence[Correction],
    *,
    number: int,
    rule_text: str,
    in_channel: bool = False,
    readership: Readership = EVERYBODY,
) -> bytes:
    """What an alert says, whatever the language of its words. Ages are left out: they go on by themselves."""
    rule = () if in_channel else (number, rule_text)
    told = (lead.title, lead.url, lead.source_name, lead.side, lead.published, extract(lead))
    corrected = [
        (each.was, each.item.title, each.item.url, each.item.source_name, each.item == lead)
        for each in corrections[-CORRECTIONS_SHOWN:]
    ]
    said = (story.level, story.topics[:TOPICS_NAMED], told, corrected, tellers(story), rule)
    return digest(repr(said if readership.reads(lead) else (*said, lead.lang)))


def taken_back(
    story: Story,
    correction: Correction,
    *,
    number: int,
    rule_text: str,
    rule: RuleId | None = None,
    now: datetime,
    in_channel: bool = False,
    readership: Readership = EVERYBODY,
) -> Message:
    """News for a chat that has read a report of the story: it was withdrawn, or says the opposite now."""
    item, was = correction.item, Run(correction.was, strike=True, url=correction.item.url)
    if item.reading.is_withdrawn:
        heading = [Block(say("Withdrawn · {title}", title=was), Role.TITLE)]
    else:
        heading = [
            Block(say("Correction · {title}", title=headline(item)), Role.TITLE),
            *readership.facts_blocks(item),
            *_correction_blocks(correction, item, readership),
        ]
    blocks = (
        *heading,
        Block(_byline_with_topics(item, story.topics, now, readership), Role.BYLINE),
        Block(corroboration(story), Role.BYLINE),
        Block(_why(number, rule_text, ()), Role.WHY),
    )
    buttons = () if in_channel else alert_buttons(story, number, rule)
    return Message(blocks, buttons, card=_card(story, item, readership))


def _correction_blocks(correction: Correction, lead: Item, readership: Readership) -> Iterator[Block]:
    item, was = correction.item, Run(correction.was, strike=True)
    source = readership.source_name(item)
    if item == lead:
        yield Block(say("Before: {title}", title=was), Role.CORRECTION)
    elif item.reading.is_withdrawn:
        yield Block(say("{source} has withdrawn: {title}", source=source, title=was), Role.CORRECTION)
    else:
        now = Run(item.title, url=item.url)
        yield Block(say("{source} wrote before: {title}", source=source, title=was), Role.CORRECTION)
        yield Block(say("{source} writes now: {title}", source=source, title=now), Role.CORRECTION)


def alert_buttons(story: Story, number: int, rule: RuleId | None) -> tuple[tuple[Button, ...], ...]:
    """What can be done about an alert, by the story's id, the rule's number and its id: all outlive a restart."""
    id_ = f"{BY_ID}{story.id}"
    fewer = f"/fewer {number if rule is None else f'{number}:{rule}'} {id_}"
    return (
        (Button("Who says what", f"/story {id_}"), Button("Why", f"/why {id_}")),
        (Button("Mute this story", f"/mute story {id_}"), Button("Fewer like this", fewer)),
    )


def headline(item: Item) -> Run:
    """The title, as a link where there is one."""
    return Run(item.title, bold=True, url=item.url)


def byline(item: Item, now: datetime, readership: Readership = EVERYBODY) -> tuple[Run, ...]:
    """Who published an item, on whose side that is, and how long ago."""
    source = readership.source_name(item)
    return say("{source} · {side} · {age}", source=source, side=label_of(item), age=age(item, now))


def news_entry(title: tuple[Run, ...], item: Item, now: datetime, readership: Readership) -> Iterator[Block]:
    """An item as an entry of a list, under its headline."""
    yield Block(title, Role.ITEM)
    yield from readership.facts_blocks(item)
    yield Block(byline(item, now, readership), Role.BYLINE)


def age(item: Item, now: datetime) -> str:
    """How long ago the item was published."""
    return moment_ago(item.published, now)


def moment_ago(moment: datetime, now: datetime) -> str:
    """`5 min ago`, `3 h ago`, `2 days ago`; after a week the date (UTC)."""
    passed = max(now - moment, timedelta(0))
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return text_of(say("{count} min ago", count=passed // timedelta(minutes=1)))
    if passed < timedelta(days=1):
        return text_of(say("{count} h ago", count=passed // timedelta(hours=1)))
    if passed < timedelta(days=8):
        return text_of(say_count(passed.days, "{count} day ago", "{count} days ago"))
    return f"{moment:%d %b %Y}".lstrip("0")


def topic_words(topic: str) -> str:
    """A topic's key as people read it."""
    return topic.replace("_", " ")


def extract(item: Item) -> str:
    """The first sentence or two of the text, cut at a word; `""` if they only say the title again."""
    rest, taken = told(item.text, item.lang), ""
    if rest.casefold().startswith(item.title.casefold()):  # so some outlets begin their summaries
        rest = rest[len(item.title) :].lstrip(" .:|–—-")
    for sentence in sentences_in(rest, item.lang):
        longer = f"{taken} {sentence}".strip()
        if taken and len(longer) > LONGEST_EXTRACT:
            break
        taken = longer
        if len(taken) >= SHORTEST_EXTRACT:
            break
    taken = cut_at_word(taken, LONGEST_EXTRACT)
    said = {word.stem for word in words_in(taken, item.lang)}
    new = said - {word.stem for word in words_in(item.title, item.lang)}
    return taken if len(said) >= FEWEST_WORDS and len(new) >= NEWS_SHARE * len(said) else ""


def cut_at_word(text: str, limit: int) -> str:
    """The text, or as many of its words as `limit` characters hold, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in head:
        head = head.rpartition(" ")[0]
    return head.rstrip(" ,;:–—-") + "…"


def _card(story: Story, item: Item, readership: Readership) -> Card:
    author = say("{source} · {side}", source=readership.source_name(item), side=label_of(item))
    return Card(author=text_of(author), topics=_topics_named(story.topics), moment=item.published, level=story.level)


def _byline_with_topics(item: Item, topics: tuple[str, ...], now: datetime, readership: Readership) -> tuple[Run, ...]:
    if not topics:
        return byline(item, now, readership)
    return say(
        "{source} · {side} · {age} · {topics}",
        source=readership.source_name(item),
        side=label_of(item),
        age=age(item, now),
        topics=_topics_named(topics),
    )


def _topics_named(topics: tuple[str, ...]) -> str:
    """The first topics of a story: one that goes on for days touches many."""
    return ", ".join(topic_words(topic) for topic in topics[:TOPICS_NAMED])


def _why(number: int, rule_text: str, words: tuple[str, ...]) -> tuple[Run, ...]:
    if not words:
        return say("Your rule {number}: {rule}", number=number, rule=code(rule_text))
    return say("Your rule {number}: {rule} ({words})", number=number, rule=code(rule_text), words=", ".join(words))


def title(text: str) -> Block:
    """What a reply is about."""
    return Block((bold(text),), Role.TITLE)
