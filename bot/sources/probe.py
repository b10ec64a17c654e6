"""Trying a source, to tell an operator how it is."""

import time

from bot.core.language.detection import language_in
from bot.core.model import Source
from bot.errors import FetchError, ParseError
from bot.sources import parse_answer
from bot.sources.base import Parsed, Probe, Validators
from bot.sources.http.fetcher import Fetcher
from bot.sources.parsing.worker import ParserPool


async def probe(source: Source, fetcher: Fetcher, pool: ParserPool) -> Probe:
    """Fetches and reads a source once; never raises FetchError or ParseError, but tells of them."""
    started = time.monotonic()
    try:
        fetched = await fetcher.fetch(source.url, Validators())
    except FetchError as error:
        return _probe(source, started, "no answer", Parsed(entries=(), problem=str(error)))
    try:
        found = await pool.run(parse_answer, fetched, source, whose=source.id)
    except (FetchError, ParseError) as error:
        return _probe(source, started, "unreadable", Parsed(entries=(), problem=str(error)))
    return _probe(source, started, "moved" if fetched.moved_to else "ok", found, fetched.moved_to)


def _probe(source: Source, started: float, status: str, parsed: Parsed, moved_to: str | None = None) -> Probe:
    return Probe(
        source=source,
        status=status,
        entries=len(parsed.entries),
        newest=max((entry.published for entry in parsed.entries if entry.published), default=None),
        milliseconds=round((time.monotonic() - started) * 1000),
        problem=parsed.problem or (f"has moved for good to {moved_to}" if moved_to else None),
        title=parsed.title,
        lang=language_in(" ".join(entry.title for entry in parsed.entries), "en", mixes=True),
    )
