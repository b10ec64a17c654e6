"""Stories in lists: /latest, /search, /missed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.commands.framework.command import Call
from bot.commands.framework.stories import Found
from bot.core.message.blocks import BY_ID, Block, Button, Role, Run, bold, say
from bot.core.message.durations import duration_words
from bot.core.model import Level, StoryId
from bot.core.stories.corroboration import corroboration, publishers_of
from bot.core.wording.alert import byline, headline

BUTTONS_IN_A_ROW = 5

LEVEL_WORDS: Mapping[Level, str] = {Level.BREAKING: "Breaking", Level.MAJOR: "Major", Level.NORMAL: "Normal"}


def story_entry(place: int, found: Found, now: datetime) -> Iterator[Block]:
    """A story as an entry of a list: headline, who wrote that and, where there is more to say, who else tells it."""
    yield Block(say("{place}. {headline}", place=place, headline=headline(found.item)), Role.ITEM)
    yield Block(byline(found.item, now), Role.BYLINE)
    if glance := _glance(found):
        yield Block(glance, Role.BYLINE)


def numbers_of(first: int, found: Sequence[Found]) -> Mapping[int, StoryId]:
    """The stories of a list whose first has this place, by their places."""
    return {place: each.story.id for place, each in enumerate(found, first)}


def beyond_what_is_kept(call: Call, asked: timedelta) -> tuple[Block, ...]:
    """That no news is so old, for who asks about more time than news is kept for."""
    if asked <= call.services.keep:
        return ()
    kept = duration_words(call.services.keep)
    return (Block(say("I only keep news for {kept}, so I didn't look any further back.", kept=kept), Role.ROW),)


def story_buttons(first: int, found: Sequence[Found]) -> tuple[tuple[Button, ...], ...]:
    """A button for each entry of a list whose first has this place: who says what."""
    buttons = [Button(str(place), f"/story {BY_ID}{each.story.id}") for place, each in enumerate(found, first)]
    return tuple(tuple(buttons[at : at + BUTTONS_IN_A_ROW]) for at in range(0, len(buttons), BUTTONS_IN_A_ROW))


def _glance(found: Found) -> tuple[Run, ...]:
    """How loud the story is and who tells it; nothing for what one publisher tells at the normal level."""
    level, is_lone = found.story.level, len(publishers_of(found.story.items)) == 1
    if level is Level.NORMAL:
        return () if is_lone else say("{who}", who=corroboration(found.story))
    if is_lone:
        return say("{level}", level=bold(LEVEL_WORDS[level]))
    return say("{level} · {who}", level=bold(LEVEL_WORDS[level]), who=corroboration(found.story))
