"""The menu behind the `/` of Telegram's apps, from the table of commands."""

from collections.abc import Mapping, Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.commands.framework.command import EVERYWHERE, About, Command, Who

# https://core.telegram.org/bots/api#botcommand
LONGEST_SUMMARY = 256


def menus_of(table: Sequence[Command]) -> Mapping[BotCommandScope, tuple[BotCommand, ...]]:
    """What each scope is offered: nobody a command that is not for them."""
    shown = [
        command
        for command in table
        if not command.hidden and command.who is not Who.OWNER and command.about is not About.SERVER
    ]
    for_groups = [command for command in shown if command.about in EVERYWHERE]
    offered = {
        BotCommandScopeAllPrivateChats(): shown,
        BotCommandScopeAllGroupChats(): [command for command in for_groups if command.who is Who.ANYONE],
        BotCommandScopeAllChatAdministrators(): for_groups,
    }
    return {
        scope: tuple(BotCommand(command.name, command.summary[:LONGEST_SUMMARY]) for command in commands)
        for scope, commands in offered.items()
    }


async def offer_menu(bot: Bot, table: Sequence[Command]) -> None:
    """Make the menu what the table says; nothing is sent where it is so already. Raises TelegramError."""
    for scope, entries in menus_of(table).items():
        if await bot.get_my_commands(scope=scope) != entries:
            await bot.set_my_commands(entries, scope=scope)
