"""The console's lines on a terminal: a prompt with completion, and messages that appear above it."""

import logging
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app_session, run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import StdoutProxy

from bot.commands.framework.command import EVERYWHERE, Command, Kind
from bot.core.message.blocks import Block, Message, code, say
from bot.platforms.console.markup import to_styled

GREETING = Message(
    (
        Block(
            say(
                "This is Faultline. Send {start} to begin, or a button's number to press it; Ctrl-D stops the bot.",
                start=code("/start"),
            )
        ),
    )
)


class Terminal:
    """Lines in and messages out, where a person sits at a keyboard."""

    def __init__(self, table: tuple[Command, ...]) -> None:
        self._completer = CommandCompleter(table)

    async def lines(self) -> AsyncGenerator[str, None]:
        """What the person types, until Ctrl-C or Ctrl-D."""
        session: PromptSession[str] = PromptSession(
            "> ", completer=self._completer, history=InMemoryHistory(), complete_while_typing=True
        )
        await self.show(GREETING)
        with _log_above_prompt():
            while True:
                try:
                    # Signals and the loop's errors are the program's business, not the prompt's.
                    yield await session.prompt_async(handle_sigint=False, set_exception_handler=False)
                except (EOFError, KeyboardInterrupt):
                    return

    async def show(self, message: Message) -> None:
        """Show a message above the prompt."""
        output = get_app_session().output
        text = to_styled(message, output.get_size().columns)

        def write() -> None:
            output.write_raw(text)
            output.flush()

        await run_in_terminal(write)


class CommandCompleter(Completer):
    """Completes commands, and the words that some of them take."""

    def __init__(self, table: tuple[Command, ...]) -> None:
        self._shown = tuple(command for command in table if not command.hidden and command.about in EVERYWHERE)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        typed = document.text_before_cursor
        if not typed.startswith("/"):
            return
        name, space, rest = typed[1:].partition(" ")
        last = rest if space else name
        for word, meaning in self._words_after(name) if space else self._commands():
            if word.startswith(last.lower()):
                yield Completion(word, start_position=-len(last), display_meta=meaning)

    def _commands(self) -> Iterator[tuple[str, str]]:
        return ((command.name, command.summary) for command in self._shown)

    def _words_after(self, name: str) -> Iterator[tuple[str, str]]:
        for command in self._shown:
            if command.name == name.lower() and command.params:
                first = command.params[0]
                yield from self._commands() if first.kind is Kind.COMMAND else ((word, "") for word in first.choices)


@contextmanager
def _log_above_prompt() -> Iterator[None]:
    """While the prompt stands, what is logged to the terminal goes above it; and only warnings, unless for debugging.

    What goes well, and which source was down for a poll, is no part of the conversation: /status tells it.
    """
    handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)]
    visible = [handler for handler in handlers if handler.stream.isatty()]
    lowest = logging.WARNING if logging.getLogger().level > logging.DEBUG else logging.NOTSET
    with StdoutProxy(raw=True) as proxy:
        before = [(handler, handler.level, handler.setStream(proxy)) for handler in visible]
        for handler in visible:
            handler.setLevel(max(handler.level, lowest))
        try:
            yield
        finally:
            for handler, level, stream in before:
                handler.setStream(stream)
                handler.setLevel(level)
