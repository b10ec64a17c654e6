"""Stories in lists, page by page: /latest, /search, /missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from bot.commands.framework.command import Call
from bot.commands.framework.stories import Search, SearchHit, search_for
from bot.commands.framework.suggestions import did_you_mean
from bot.commands.framework.wording import LEVEL_WORDS, in_rows
from bot.core.message.blocks import BY_ID, Block, Button, Message, Role, Run, bold, code, fits_button, say
from bot.core.message.durations import duration_words
from bot.core.model import Level, StoryId
from bot.core.rules.rule import Rule
from bot.core.stories.corroboration import corroboration, publishers_of
from bot.core.wording.alert import headline, news_entry
from bot.core.wording.briefing import period_words
from bot.core.wording.readership import Readership
from bot.storage import subscribers

BUTTONS_IN_A_ROW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is shown, and whether somebody has turned to it from another.

    `draft` is the number under which its rule is kept, once buttons need it.
    """

    number: int
    size: int
    draft: int | None = None
    is_turned_to: bool = False

    @property
    def first(self) -> int:
        """The place of its first story; places run on from page to page."""
        return (self.number - 1) * self.size + 1


async def search_of(call: Call, rule: Rule | None, period: timedelta, seen_by: datetime | None = None) -> Search:
    """What the pages of a list show; else as of the next whole second, because buttons carry moments as Unix time."""
    seen_by = seen_by or datetime.fromtimestamp(-(-call.now.timestamp() // 1), UTC)
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
    return search_for(rule, subscriber, seen_by - period, seen_by)


async def page_of(
    call: Call,
    title: tuple[Run, ...],
    search: Search,
    page: Page,
    found: Sequence[SearchHit],
    *,
    buttons: tuple[tuple[Button, ...], ...] = (),
    beyond: tuple[Block, ...] = (),
) -> Message:
    """A page of what was found from its first story on, with buttons to each story and to newer and older pages.

    What its numbers mean is remembered for whoever types them next.
    """
    shown, has_more = found[: page.size], len(found) > page.size
    lists = call.services.lists
    remember = lists.turn if page.is_turned_to else lists.begin
    remember(call.request.reader, search.seen_by, numbers_of(page.first, shown))
    if has_more and search.rule is not None and page.draft is None:
        async with call.services.database.write() as tx:
            subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
            page = replace(page, draft=await subscribers.save_draft(tx, subscriber.id, str(search.rule), call.now))
    minutes = (search.seen_by - search.since) // timedelta(minutes=1)
    rest = f"{page.size} {int(search.seen_by.timestamp())} {minutes}{f' {page.draft}' if page.draft else ''}"
    newer = (Button("Newer", f"/page {page.number - 1} {rest}"),) if page.number > 1 else ()
    older = (Button("Older", f"/page {page.number + 1} {rest}"),) if has_more else ()
    pager = ((*newer, *older),) if newer or older else ()
    readership = call.services.readership(search.langs)
    entries = [story_entry(place, each, call.now, readership) for place, each in enumerate(shown, page.first)]
    end = () if shown else (Block(say("Nothing older is kept.")),)
    blocks = (Block(title, Role.TITLE), *beyond, *chain.from_iterable(entries), *end)
    return Message(blocks, (*story_buttons(page.first, shown), *pager, *buttons))


def follow_button(rule: Rule) -> tuple[tuple[Button, ...], ...]:
    """A row with a button that follows a rule, unless that is too long for one."""
    line = f"/follow {rule}"
    return ((Button("Follow this", line),),) if fits_button(line) else ()


async def nothing_fits(call: Call, rule: Rule, period: timedelta, beyond: tuple[Block, ...] = ()) -> Message:
    """What is said instead of a list without stories."""
    question, answer = await did_you_mean(call, rule)
    nothing = say("Nothing in the last {period} matches {rule}.", period=period_words(period), rule=code(str(rule)))
    hint = say("Fewer words find more, and OR between words finds either of them. /help search explains rules.")
    return Message((Block(nothing), *beyond, *(question or (Block(hint),))), (*answer, *follow_button(rule)))


def story_entry(place: int, found: SearchHit, now: datetime, readership: Readership) -> Iterator[Block]:
    """A story as an entry of a list: headline, who wrote that and, where there is more to say, who else tells it."""
    numbered = say("{place}. {headline}", place=place, headline=headline(found.item))
    yield from news_entry(numbered, found.item, now, readership)
    level, is_lone = found.story.level, len(publishers_of(found.story.items)) == 1
    if level is Level.NORMAL and not is_lone:
        yield Block(say("{who}", who=corroboration(found.story)), Role.BYLINE)
    elif level is not Level.NORMAL and is_lone:
        yield Block(say("{level}", level=bold(LEVEL_WORDS[level])), Role.BYLINE)
    elif level is not Level.NORMAL:
        glance = say("{level} · {who}", level=bold(LEVEL_WORDS[level]), who=corroboration(found.story))
        yield Block(glance, Role.BYLINE)


def numbers_of(first: int, found: Sequence[SearchHit]) -> Mapping[int, StoryId]:
    """The stories of a list whose first has this place, by their places."""
    return {place: each.story.id for place, each in enumerate(found, first)}


def beyond_what_is_kept(call: Call, asked: timedelta) -> tuple[Block, ...]:
    """That no news is so old, for who asks about more time than news is kept for."""
    if asked <= call.services.keep:
        return ()
    kept = duration_words(call.services.keep)
    return (Block(say("I only keep news for {kept}, so I didn't look any further back.", kept=kept), Role.ROW),)


def story_buttons(first: int, found: Sequence[SearchHit]) -> tuple[tuple[Button, ...], ...]:
    """A button for each entry of a list whose first has this place: who says what."""
    buttons = [Button(str(place), f"/story {BY_ID}{each.story.id}") for place, each in enumerate(found, first)]
    return in_rows(buttons, BUTTONS_IN_A_ROW)
