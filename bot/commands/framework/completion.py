"""What somebody who types may mean: stories, rules of the chat, sources, languages, fields of rules, their values."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.commands.framework.command import Command, Kind, Param, offered, summary_of
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.commands.framework.stories import newest_stories, search_for
from bot.core.language.language import languages
from bot.core.language.text import fold
from bot.core.message.blocks import BY_ID
from bot.core.model import Chat, Following
from bot.core.rules.operators import OPERATORS
from bot.core.wording.alert import age, cut_at_word
from bot.storage import subscribers

MOST = 25
# Among so many of the newest stories the typed words are looked for.
STORIES_READ = 50
# With its age it fits what Discord shows of a choice.
LONGEST_HEADLINE = 85

_LAST_WORD = re.compile(r"-?([^\s()-][^\s()]*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Something to choose: the `value` that is meant, and how it is shown."""

    value: str
    shown: str


Complete = Callable[[Request, Param, str], Awaitable[tuple[Completion, ...]]]
"""What the text typed so far, for a param of the command that somebody begins to give, may become."""

Completer = Callable[[Chat, str, Services], Awaitable[tuple[Completion, ...]]]


def is_completed(param: Param) -> bool:
    """Whether anything can be offered for a param while somebody types."""
    return param.kind is Kind.COMMAND or param.kind in COMPLETERS


async def completions(
    request: Request, param: Param, typed: str, *, table: tuple[Command, ...], services: Services
) -> tuple[Completion, ...]:
    """What the text typed so far may become, the likeliest first, 25 at the most."""
    typed = typed.strip()
    if param.kind is Kind.COMMAND:
        # Those that begin so, then those that people mean by it.
        begun, shown = typed.removeprefix("/").lower(), offered(table, request, services)
        found = [row for row in shown if row.name.startswith(begun)]
        found += [row for row in shown if row not in found and any(word.startswith(begun) for word in row.also)]
        summaries = {row.name: summary_of(row, in_form=request.is_form) for row in found[:MOST]}
        return tuple(Completion(value=name, shown=f"/{name} – {said}") for name, said in summaries.items())
    completer = COMPLETERS.get(param.kind)
    return (await completer(request.chat, typed, services))[:MOST] if completer else ()


async def _stories(chat: Chat, typed: str, services: Services) -> tuple[Completion, ...]:
    """The newest stories whose headlines have the typed words, each with its age; meant by their ids.

    Nothing for a number: that is one of the last list.
    """
    if typed.isdecimal():
        return ()
    now = services.clock.now()
    async with services.database.read() as tx:
        subscriber = await subscribers.find(tx, chat)
    search = search_for(None, subscriber, now - services.keep, now)
    return tuple(
        Completion(
            value=f"{BY_ID}{found.story.id}",
            shown=f"{cut_at_word(found.item.title, LONGEST_HEADLINE)} · {age(found.item, now)}",
        )
        for found in await newest_stories(services, search, most=STORIES_READ)
        if typed.casefold() in found.item.title.casefold()
    )


async def _followed(chat: Chat, typed: str, services: Services) -> tuple[Completion, ...]:
    """The chat's rules by their number."""
    return tuple(
        Completion(value=str(each.number), shown=f"{each.number}. {each.text}")
        for each in await _followings(chat, services)
        if str(each.number).startswith(typed) or typed.casefold() in each.text.casefold()
    )


async def _rules(chat: Chat, typed: str, services: Services) -> tuple[Completion, ...]:
    """The field that the last word begins, or its values; and the chat's own rules."""
    found = _LAST_WORD.search(typed) if typed else None
    words: list[str] = []
    if word := found and found.group(1):
        before = typed[: -len(word)]
        key, sign, value = word.lower().partition(":")
        if sign and key in OPERATORS:
            known = OPERATORS[key].known(services.vocabulary)
            words = [f"{before}{key}:{each}" for each in known if each.startswith(value) and each != value]
        else:
            fields = [each for each in OPERATORS if each.startswith(key) and OPERATORS[each].sign == ":"]
            words = [f"{before}{each}:" for each in fields]
    own = (each.text for each in await _followings(chat, services))
    words += [text for text in own if typed.casefold() in text.casefold()]
    return tuple(Completion(value=each, shown=each) for each in dict.fromkeys(words))


async def _sources(_chat: Chat, typed: str, services: Services) -> tuple[Completion, ...]:
    """Sources by their name."""
    names = dict.fromkeys(source.name for source in services.catalog.sources if source.enabled)
    return tuple(Completion(value=name, shown=name) for name in names if typed.casefold() in name.casefold())


async def _languages(_chat: Chat, typed: str, _services: Services) -> tuple[Completion, ...]:
    """The languages that the last word may name, after those before it."""
    before, space, last = typed.rpartition(" ")
    sign = last[:1] if last[:1] in {"+", "-"} else ""
    begun = fold(last.removeprefix(sign))
    named = {code: (code, each.name, each.own_name) for code, each in languages().by_code.items()}
    found = [names for names in named.values() if any(fold(name).startswith(begun) for name in names)]
    every = [Completion(value="all", shown="All languages")] if "all".startswith(typed.lower()) else []
    return (
        *every,
        *[
            Completion(value=f"{before}{space}{sign}{code}", shown=f"{before}{space}{sign}{name} – {own_name}")
            for code, name, own_name in found
        ],
    )


async def _followings(chat: Chat, services: Services) -> list[Following]:
    async with services.database.read() as tx:
        subscriber = await subscribers.find(tx, chat)
        return await subscribers.followings_of(tx, subscriber.id) if subscriber else []


COMPLETERS: Mapping[Kind, Completer] = {
    Kind.STORY: _stories,
    Kind.FOLLOWED: _followed,
    Kind.RULE: _rules,
    Kind.SOURCE: _sources,
    Kind.LANGUAGES: _languages,
}
