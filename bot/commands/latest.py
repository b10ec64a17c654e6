"""The latest stories: /latest, and the pages of every list."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from bot.commands.framework.command import Call, Command, Param
from bot.commands.framework.request import misuse
from bot.commands.framework.stories import Search, find_stories
from bot.commands.framework.story_list import Page, nothing_fits, page_of, search_of
from bot.core.message.blocks import Block, Message, code, say
from bot.core.rules.rule import Rule, parse_rule
from bot.storage import subscribers

SHOWN = 5
MOST_SHOWN = 20


@Command(
    summary="The latest stories",
    example="/latest 10 drone poland",
    also=("news", "new", "last", "recent", "top", "page"),
)
async def latest(
    call: Call,
    n: Annotated[int | None, Param(summary="how many, up to 20", most=MOST_SHOWN)] = None,
    rule: Annotated[Rule | None, Param(summary="only stories that match this rule")] = None,
) -> Message:
    """The newest stories, or the newest that fit a rule."""
    return await _shown(call, await search_of(call, rule, call.services.keep), Page(number=1, size=n or SHOWN))


@Command(summary="Another page of a list", example="/page 2 5 1795348800 43200", hidden=True)
async def page(
    call: Call,
    *,
    page: Annotated[int, Param(summary="which page", most=100_000)],
    n: Annotated[int, Param(summary="stories a page", most=MOST_SHOWN)],
    shown: Annotated[int, Param(summary="when it was first shown, Unix time", most=2**34)],
    minutes: Annotated[int, Param(summary="how far back it goes", most=1_000_000)],
    draft: Annotated[int | None, Param(summary="under which number its rule is kept")] = None,
) -> Message:
    """Another page of a list, as it was when its first page was shown."""
    rule = None
    if draft is not None:
        async with call.services.database.read() as tx:
            text = await subscribers.draft_of(tx, call.request.chat, draft)
        if text is None:
            raise misuse("These buttons are over a week old and have lost their rule; please ask again.")
        rule = parse_rule(text, call.services.vocabulary)
    search = await search_of(call, rule, timedelta(minutes=minutes), datetime.fromtimestamp(shown, UTC))
    return await _shown(call, search, Page(number=page, size=n, draft=draft, is_turned_to=True))


async def _shown(call: Call, search: Search, page: Page) -> Message:
    rule = search.rule
    found = await find_stories(call, search, skip=page.first - 1, most=page.size + 1)
    if not found and page.number == 1:
        if rule is not None:
            return await nothing_fits(call, rule, call.services.keep)
        hint = say("After a first start it takes a minute or two. /status shows how the sources are doing.")
        return Message((Block(say("No news yet.")), Block(hint)))
    if page.number == 1:
        title = say("Latest news") if rule is None else say("Latest news for {rule}", rule=code(str(rule)))
    elif rule is None:
        title = say("Latest news, page {number}", number=page.number)
    else:
        title = say("News for {rule}, page {number}", rule=code(str(rule)), number=page.number)
    return await page_of(call, title, search, page, found)
