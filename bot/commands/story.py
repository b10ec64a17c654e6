"""One story from every side: /story."""

from collections.abc import Sequence
from typing import Annotated

from bot.commands.framework.command import Call, Command, Press, StoryNumber
from bot.commands.framework.replied_story import STORY, no_such_story, pointed_at, story_named
from bot.commands.framework.wording import LEVEL_WORDS, moment_words
from bot.core.briefing.headlines import best_told
from bot.core.message.blocks import Block, Message, Role, Run, say, say_count
from bot.core.model import Side, Story
from bot.core.sides import label_of
from bot.core.stories.corroboration import corroboration
from bot.core.wording.alert import cut_at_word, headline
from bot.core.wording.readership import Readership
from bot.storage import archive, news, subscribers
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


@Command(
    summary="One story from every side: who said what, and when",
    example="/story 1",
    also=("timeline", "thread", "sides", "who"),
    press=Press.REPLY,
)
async def story(call: Call, number: Annotated[StoryNumber | None, STORY] = None) -> Message:
    """A story's timeline, and what each side said first."""
    meant = story_named(call, number)
    async with call.services.database.read() as tx:
        reader = await subscribers.find(tx, call.request.chat)
        if meant is None:
            _, meant = await pointed_at(tx, call.request, question="Which story?", command="/story")
        found = await news.story(tx, meant)
        history = await archive.level_history(tx, meant)
    if found is None:
        raise no_such_story()
    return timeline(found, history, call.services.readership(reader.langs if reader else ()))


def timeline(story: Story, history: Sequence[Rise], readership: Readership) -> Message:
    """Who tells a story, how loud it is, and its reports in the order in which they were published."""
    first = {item.side: place for place, item in reversed(tuple(enumerate(story.items))) if not item.by_observer}
    openings = {place for side, place in first.items() if side is not Side.MIXED}
    others = [place for place in range(len(story.items)) if place not in openings]
    shown = openings.union(others[max(0, len(others) - (MOST_TOLD - len(openings))) :])
    best = best_told(story.items, readership.langs)
    blocks = [
        Block((headline(best),), Role.TITLE),
        *readership.facts_blocks(best),
        Block(say("{who}", who=corroboration(story)), Role.BYLINE),
    ]
    for rise in history:
        sentence = say(
            "{level} since {moment}, because {reason}.",
            level=LEVEL_WORDS[rise.level],
            moment=moment_words(rise.at),
            reason=rise.reason,
        )
        blocks.append(Block(sentence, Role.BYLINE))
    if not history:
        blocks.append(Block(say("Level: {level}", level=LEVEL_WORDS[story.level].lower()), Role.BYLINE))
    blocks.append(Block(say("Who said what, and when"), Role.HEADING))
    for place, item in enumerate(story.items):
        if place in shown:
            report = say(
                _BYLINES[place in openings, item.reading.is_withdrawn],
                moment=moment_words(item.published),
                source=readership.source_name(item, cut_at_word(item.source_name, LONGEST_NAME)),
                side=label_of(item),
            )
            title = Run(cut_at_word(item.title, LONGEST_HEADLINE), url=item.url)
            blocks += [Block((title,), Role.ITEM), Block(report, Role.BYLINE)]
    if left_out := len(story.items) - len(shown):
        blocks.append(Block(say_count(left_out, "{count} more report in between.", "{count} more reports in between.")))
    return Message(tuple(blocks))
