"""Reading the news: /latest, /search, and the pages of both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from bot.commands.framework.command import Call, misuse
from bot.commands.framework.listing import beyond_what_is_kept, numbers_of, story_buttons, story_entry
from bot.commands.framework.stories import Found, Search, find_stories, relevances_for
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, fits_button, say, say_count
from bot.core.rules.rule import Rule, parse_rule
from bot.core.wording.briefing import period_words
from bot.storage import subscribers

SHOWN = 5
MOST_SHOWN = 20
SEARCH_SHOWN = 10
SEARCH_PERIOD = timedelta(days=7)


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


async def latest(call: Call) -> Message:
    """The newest stories, or the newest that fit a rule."""
    search = await _search(call, call.arguments.rule("rule"), call.services.keep, _whole_second(call.now))
    return await _latest_page(call, search, Page(number=1, size=call.arguments.number("n") or SHOWN))


async def search(call: Call) -> Message:
    """All stories of a period that fit a rule: how many they are, and the newest of them."""
    rule = call.arguments.rule("rule")
    assert rule is not None, "a required param"  # noqa: S101
    asked = call.arguments.period("period") or SEARCH_PERIOD
    period, beyond = min(asked, call.services.keep), beyond_what_is_kept(call, asked)
    wanted = await _search(call, rule, period, _whole_second(call.now))
    found = await find_stories(call, wanted)
    if not found:
        return _nothing_fits(rule, period, beyond)
    title = say_count(
        len(found),
        "{count} story in the last {period} matches {rule}",
        "{count} stories in the last {period} match {rule}",
        period=period_words(period),
        rule=code(str(rule)),
    )
    first = Page(number=1, size=SEARCH_SHOWN)
    _remember(call, wanted, first, found)
    pager = await _pager(call, wanted, first, more=len(found) > first.size)
    return _listed(call, title, first, found[: first.size], (*pager, *_follow_button(rule)), beyond=beyond)


async def page(call: Call) -> Message:
    """Another page of a list, as it was when its first page was shown."""
    number, size, shown, minutes = (call.arguments.number(name) for name in ("page", "n", "shown", "minutes"))
    assert number and size and shown and minutes, "required params"  # noqa: S101, PT018
    wanted = Page(number=number, size=size, draft=call.arguments.number("draft"), is_turned_to=True)
    rule = None if wanted.draft is None else await _kept_rule(call, wanted.draft)
    search = await _search(call, rule, timedelta(minutes=minutes), datetime.fromtimestamp(shown, UTC))
    return await _latest_page(call, search, wanted)


async def _latest_page(call: Call, search: Search, page: Page) -> Message:
    found = await find_stories(call, search, skip=(page.number - 1) * page.size, most=page.size + 1)
    if not found and page.number == 1:
        return _nothing_yet() if search.rule is None else _nothing_fits(search.rule, call.services.keep)
    _remember(call, search, page, found)
    pager = await _pager(call, search, page, more=len(found) > page.size)
    return _listed(call, _latest_title(search.rule, page.number), page, found[: page.size], pager)


async def _search(call: Call, rule: Rule | None, period: timedelta, seen_by: datetime) -> Search:
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
    return Search(rule=rule, relevances=relevances_for(rule, subscriber), since=seen_by - period, seen_by=seen_by)


def _whole_second(now: datetime) -> datetime:
    """The next whole second, for buttons carry moments as Unix time."""
    return datetime.fromtimestamp(-(-now.timestamp() // 1), UTC)


async def _kept_rule(call: Call, draft: int) -> Rule:
    async with call.services.database.read() as tx:
        text = await subscribers.draft_of(tx, call.request.chat, draft)
    if text is None:
        raise misuse("These buttons are over a week old and have lost their rule; please ask again.")
    return parse_rule(text, call.services.vocabulary)


async def _pager(call: Call, search: Search, page: Page, *, more: bool) -> tuple[tuple[Button, ...], ...]:
    """A row with the buttons to newer and older stories, as far as there are any."""
    if more and search.rule is not None and page.draft is None:
        page = replace(page, draft=await _keep_rule(call, search.rule))
    row = []
    if page.number > 1:
        row.append(Button("Newer", _page_command(search, page, page.number - 1)))
    if more:
        row.append(Button("Older", _page_command(search, page, page.number + 1)))
    return (tuple(row),) if row else ()


async def _keep_rule(call: Call, rule: Rule) -> int:
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        return await subscribers.save_draft(tx, subscriber.id, str(rule), call.now)


def _page_command(search: Search, page: Page, number: int) -> str:
    minutes = (search.seen_by - search.since) // timedelta(minutes=1)
    command = f"/page {number} {page.size} {int(search.seen_by.timestamp())} {minutes}"
    return command if page.draft is None else f"{command} {page.draft}"


def _remember(call: Call, search: Search, page: Page, found: Sequence[Found]) -> None:
    """What the numbers mean that somebody may type now."""
    lists = call.services.lists
    show = lists.turn if page.is_turned_to else lists.begin
    show(call.request.reader, search.seen_by, numbers_of(page.first, found[: page.size]))


def _latest_title(rule: Rule | None, number: int) -> tuple[Run, ...]:
    if rule is None:
        return say("Latest news") if number == 1 else say("Latest news, page {number}", number=number)
    if number == 1:
        return say("Latest news for {rule}", rule=code(str(rule)))
    return say("News for {rule}, page {number}", rule=code(str(rule)), number=number)


def _listed(
    call: Call,
    title: tuple[Run, ...],
    page: Page,
    found: Sequence[Found],
    buttons: tuple[tuple[Button, ...], ...],
    *,
    beyond: tuple[Block, ...] = (),
) -> Message:
    """A page of stories; a button with a story's place tells more of it."""
    first = page.first
    entries = chain.from_iterable(story_entry(place, each, call.now) for place, each in enumerate(found, first))
    end = () if found else (Block(say("Nothing older is kept.")),)
    return Message((Block(title, Role.TITLE), *beyond, *entries, *end), (*story_buttons(first, found), *buttons))


def _follow_button(rule: Rule) -> tuple[tuple[Button, ...], ...]:
    command = f"/follow {rule}"
    return ((Button("Follow this", command),),) if fits_button(command) else ()


def _nothing_yet() -> Message:
    return Message(
        (
            Block(say("No news yet.")),
            Block(say("After a first start it takes a minute or two. /status shows how the sources are doing.")),
        )
    )


def _nothing_fits(rule: Rule, period: timedelta, beyond: tuple[Block, ...] = ()) -> Message:
    return Message(
        (
            Block(
                say("Nothing in the last {period} matches {rule}.", period=period_words(period), rule=code(str(rule)))
            ),
            *beyond,
            Block(
                say("Fewer words find more, and OR between words finds either of them. /help search explains rules.")
            ),
        ),
        _follow_button(rule),
    )
