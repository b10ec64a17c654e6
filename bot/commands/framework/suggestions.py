"""Whether a rule has a misspelt word, told from the names and from what the news of the last month has printed."""

import asyncio
from datetime import timedelta

from bot.commands.framework.command import Call
from bot.core.message.blocks import Block, Button, Role, code, fits_button, say
from bot.core.rules.rule import Rule
from bot.core.rules.suggest import likely_rule, unknown_words, words_printed
from bot.storage import news

MONTH = timedelta(days=30)

Suggestion = tuple[tuple[Block, ...], tuple[tuple[Button, ...], ...]]
"""A question and the button that answers it, to be added to a message; both empty where there is nothing to ask."""


async def did_you_mean(call: Call, rule: Rule) -> Suggestion:
    """Ask whether another rule was meant, if a word of this one is no name and in no title of the last month."""
    services = call.services
    if not unknown_words(rule, services.aliases):
        return (), ()
    async with services.database.search() as tx:
        titles = await news.titles_since(tx, call.now - MONTH)
    async with services.turns.thread:
        meant = await asyncio.to_thread(lambda: likely_rule(rule, services.aliases, words_printed(titles)))
    if meant is None:
        return (), ()
    line = f"/{call.request.command} {meant}"
    question = Block(say("Did you mean {rule}?", rule=code(str(meant))), Role.ROW)
    return (question,), ((Button("Yes, use that", line),),) if fits_button(line) else ()
