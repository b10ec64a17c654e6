"""Everything published that matches a rule: /search."""

from datetime import timedelta
from typing import Annotated

from bot.commands.framework.command import Call, Command, Param
from bot.commands.framework.stories import find_stories
from bot.commands.framework.story_list import Page, beyond_what_is_kept, follow_button, nothing_fits, page_of, search_of
from bot.core.message.blocks import Message, code, say_count
from bot.core.rules.rule import Rule
from bot.core.wording.briefing import period_words

SHOWN = 10
PERIOD = timedelta(days=7)


@Command(
    summary="Everything published that matches a rule",
    example="/search drone (poland OR estonia) 3d",
    also=("find", "query", "look"),
)
async def search(
    call: Call,
    rule: Annotated[Rule, Param(summary="what to look for")],
    period: Annotated[
        timedelta | None, Param(summary="how far back, such as 12h, 3d or 2 weeks; otherwise 7 days")
    ] = None,
) -> Message:
    """All stories of a period that fit a rule: how many they are, and the newest of them."""
    asked = period or PERIOD
    kept, beyond = min(asked, call.services.keep), beyond_what_is_kept(call, asked)
    wanted = await search_of(call, rule, kept)
    found = await find_stories(call, wanted)
    if not found:
        return await nothing_fits(call, rule, kept, beyond)
    title = say_count(
        len(found),
        "{count} story in the last {period} matches {rule}",
        "{count} stories in the last {period} match {rule}",
        period=period_words(kept),
        rule=code(str(rule)),
    )
    return await page_of(
        call, title, wanted, Page(number=1, size=SHOWN), found, buttons=follow_button(rule), beyond=beyond
    )
