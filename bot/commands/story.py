"""One story from every side: /story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.framework.command import Call
from bot.commands.framework.listing import LEVEL_WORDS
from bot.commands.framework.replied_story import no_such_story, pointed_at, story_named
from bot.core.briefing.headlines import best_told
from bot.core.message.blocks import Block, Message, Role, Run, say, say_count
from bot.core.model import Item, Side, Story
from bot.core.sides import SIDE_LABELS
from bot.core.stories.corroboration import corroboration
from bot.core.titles.withdrawals import is_withdrawn
from bot.core.wording.alert import cut_at_word, headline
from bot.storage import archive, news
from bot.storage.archive import Rise

# Of a longer story the first report of each side and the newest ones are shown; so many fit one message.
MOST_TOLD = 12
LONGEST_HEADLINE = 160
LONGEST_NAME = 40

# By whether a report is its side's first, and whether its publisher has withdrawn it.
_BYLINES = {
    (False, False): "{moment} · {source} · {side}",
    (True, False): "{moment} · {source} · {side} · first on its side",
    (False, True): "{moment} · {source} · {side} · withdrawn",
    (True, True): "{moment} · {source} · {side} · first on its side · withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report of a story; `opens` is true of the first that its side has published."""

    item: Item
    opens: bool


async def story(call: Call) -> Message:
    """A story's timeline, and what each side said first."""
    meant = story_named(call, "number")
    async with call.services.database.read() as tx:
        if meant is None:
            _, meant = await pointed_at(tx, call.request, question="Which story?", command="/story")
        found = await news.story(tx, meant)
        history = await archive.level_history(tx, meant)
    if found is None:
        raise no_such_story()
    return timeline(found, history)


def timeline(story: Story, history: Sequence[Rise]) -> Message:
    """Who tells a story, how loud it is, and its reports in the order in which they were published."""
    told = _told(story.items)
    shown = _most_telling(told)
    left_out = len(told) - len(shown)
    blocks = [
        Block((headline(best_told(story.items)),), Role.TITLE),
        Block(say("{who}", who=corroboration(story)), Role.BYLINE),
        *_levels(story, history),
        Block(say("Who said what, and when"), Role.HEADING),
        *(block for each in shown for block in _report(each)),
    ]
    if left_out:
        blocks.append(Block(say_count(left_out, "{count} more report in between.", "{count} more reports in between.")))
    return Message(tuple(blocks))


def moment_then(moment: datetime) -> str:
    """A moment that has passed, exactly: `22 Nov, 14:00 UTC`."""
    return f"{moment:%d %b, %H:%M} UTC".lstrip("0")


def _told(items: Sequence[Item]) -> tuple[Told, ...]:
    """The items, oldest first, with the first of each side that is known marked."""
    first = {item.side: item for item in reversed(items)}
    return tuple([Told(item=item, opens=item.side is not Side.MIXED and first[item.side] is item) for item in items])


def _most_telling(told: Sequence[Told]) -> tuple[Told, ...]:
    openings = [each for each in told if each.opens]
    others = [each for each in told if not each.opens]
    newest = others[max(0, len(others) - (MOST_TOLD - len(openings))) :]
    return tuple([each for each in told if each in openings or each in newest])


def _levels(story: Story, history: Sequence[Rise]) -> Iterator[Block]:
    """How the story became as loud as it is."""
    for rise in history:
        sentence = say(
            "{level} since {moment}, because {reason}.",
            level=LEVEL_WORDS[rise.level],
            moment=moment_then(rise.at),
            reason=rise.reason,
        )
        yield Block(sentence, Role.BYLINE)
    if not history:
        yield Block(say("Level: {level}", level=LEVEL_WORDS[story.level].lower()), Role.BYLINE)


def _report(told: Told) -> Iterator[Block]:
    item = told.item
    yield Block((Run(cut_at_word(item.title, LONGEST_HEADLINE), url=item.url),), Role.ITEM)
    yield Block(
        say(
            _BYLINES[told.opens, is_withdrawn(item.title)],
            moment=moment_then(item.published),
            source=cut_at_word(item.source_name, LONGEST_NAME),
            side=SIDE_LABELS[item.side],
        ),
        Role.BYLINE,
    )
