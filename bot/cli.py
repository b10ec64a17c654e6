"""The command line: `faultline run`, `demo`, `check`, `sources`, `replay`, `rules test`.

Every error that is meant for a person is one line on standard error and exit status 1; `--debug` shows where it arose.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot import cli_output
from bot.app import run_bot
from bot.config_files import ENCODING, faults_noted, root_folder
from bot.core.model import Source
from bot.core.rules.contradictions import refuse_contradictory
from bot.core.rules.rule import caret, parse_rule
from bot.demo.playing import run_demo
from bot.errors import ConfigError, Fault, FaultlineError, RuleError
from bot.log import start_log, without_secrets
from bot.replay import alerts_by, read_archive, replay, vocabulary_of
from bot.settings import Settings, check_somebody_asks, misshapen_tokens, read_settings, readable_by_others
from bot.sources.base import Probe
from bot.sources.catalog import Catalog, read_catalog
from bot.sources.http.fetcher import Fetcher
from bot.sources.opml import opml_of, sources_of_opml, toml_of
from bot.sources.parsing.worker import ParserPool
from bot.sources.probe import probe
from bot.storage.inspection import inspect_database
from bot.subject import config_folder, read_subject
from bot.terminal import harmless

log = structlog.get_logger()

# What the bot writes is nobody else's business.
PRIVATE = 0o077

app = typer.Typer(
    name="faultline",
    help="Follow the confrontation between Russia and NATO: feeds from all sides in, alerts by your own rules out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
sources_app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")
rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(sources_app, name="sources", help="Probe the sources; import and export them as OPML.")
app.add_typer(rules_app, name="rules", help="Try rules on an archive.")

Archive = Annotated[Path, typer.Argument(help="A JSONL file of items.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")]


@app.callback()
def start(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Options that stand before every command."""
    _Debug.on = debug


class _Debug:
    on = False


@app.command(epilog="Example: `FAULTLINE_CONSOLE=true faultline run`")
def run() -> None:
    """Start the bot, until Ctrl-C."""
    os.umask(PRIVATE)
    settings = read_settings()
    _start_log(settings)
    for warning in _exposed():
        log.warning(warning)
    asyncio.run(run_bot(settings, read_catalog(_sources_path(settings)), read_subject(config_folder())))


@app.command(epilog="Example: `faultline demo`")
def demo(
    seconds: Annotated[int, typer.Option(help="How many seconds the week takes.", min=10, max=300)] = 42,
) -> None:
    """Play a recorded week at high speed, offline, with invented outlets."""
    settings = read_settings(console=True)
    _start_log(settings)
    asyncio.run(run_demo(settings, read_subject(config_folder()), seconds=seconds))


@app.command(epilog="Example: `faultline check && faultline run`")
def check() -> None:
    """Read all configuration and report all errors at once."""
    faults: list[Fault] = []
    for read in (_checked_settings, _checked_database, _checked_sources, _checked_subject):
        with faults_noted(faults):
            typer.echo(read())
    for warning in () if faults else _exposed():
        typer.echo(f"warning: {warning}", err=True)
    if faults:
        raise ConfigError(*faults)
    typer.echo("All is well.")


def _checked_settings() -> str:
    settings = read_settings()
    faults = [*misshapen_tokens(settings)]
    try:
        check_somebody_asks(settings)
    except ConfigError as error:
        faults += error.faults
    if faults:
        raise ConfigError(*faults)
    asked = [*(adapter.title for adapter in settings.wanted), *(["console"] if settings.console_wanted else [])]
    return f"settings: people can ask on {', '.join(asked)}"


def _checked_database() -> str:
    address = read_settings().database.url
    return f"database: {address}, {inspect_database(address)}"


def _checked_sources() -> str:
    settings = read_settings()
    catalog = _catalog(settings)
    enabled = sum(source.enabled for source in catalog.sources)
    if not enabled:
        what = "no source is enabled, so no news would come in; remove `enabled = false` from some"
        raise ConfigError(Fault(where=str(settings.sources), what=what))
    return f"sources: {len(catalog.sources)}, {enabled} of them enabled"


def _checked_subject() -> str:
    subject = read_subject(config_folder())
    return f"subject: {len(subject.classifier.topics)} topics, {len(subject.aliases)} sets of equivalent names"


@sources_app.callback(epilog="Example: `faultline sources --all`")
def probe_sources(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Probe sources that are switched off, too.")] = False,
) -> None:
    """Fetch every source once and say what is wrong with it."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings()
    catalog = read_catalog(_sources_path(settings))
    wanted = [source for source in catalog.sources if source.enabled or every]
    probes = asyncio.run(_probe_all(settings, wanted))
    Console().print(cli_output.probe_table(probes))
    if not any(found.entries for found in probes):
        raise FaultlineError("No source answered. Is the internet connection down?")


async def _probe_all(settings: Settings, sources: Sequence[Source]) -> list[Probe]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    async with (
        Fetcher(allow_private=settings.http.allow_private, contact=settings.http.contact) as fetcher,
        ParserPool() as pool,
    ):
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Probing", total=len(sources))

            async def one(source: Source) -> Probe:
                found = await probe(source, fetcher, pool)
                progress.advance(task)
                return found

            return list(await asyncio.gather(*(one(source) for source in sources)))


@sources_app.command("export", epilog="Example: `faultline sources export > sources.opml`")
def export_sources() -> None:
    """Write the sources as OPML, for other feed readers."""
    typer.echo(opml_of(_catalog(read_settings())))


@sources_app.command("import", epilog="Example: `faultline sources import reader.opml >> config/subject/sources.toml`")
def import_sources(
    file: Annotated[Path, typer.Argument(help="An OPML file.", show_default=False)],
) -> None:
    """Turn an OPML file into tables for config/subject/sources.toml; sources that you already have are left out."""
    known = {source.url for source in _catalog(read_settings()).sources}
    try:
        opml = file.read_text(encoding=ENCODING)
    except (OSError, UnicodeDecodeError) as error:
        raise FaultlineError(f"{file} cannot be read: {error}") from error
    found = sources_of_opml(opml)
    new = tuple(source for source in found if source.url not in known)
    typer.echo(f"{len(new)} new of {len(found)} in {file}.", err=True)
    typer.echo(toml_of(new))


@app.command("replay", epilog="Example: `faultline replay archive.jsonl --json > decisions.jsonl`")
def replay_archive(
    file: Archive,
    as_json: AsJson = False,
    by_story: Annotated[bool, typer.Option("--stories", help="List the stories with their items.")] = False,
) -> None:
    """Put an archive through the same decisions as live news, sending nothing."""
    replayed = replay(read_archive(file), read_subject(config_folder()))
    if by_story:
        typer.echo(cli_output.stories_text(list(replayed)))
    elif as_json:
        for each in replayed:
            typer.echo(cli_output.replay_line(each))
    else:
        Console().print(cli_output.replay_table(list(replayed)))


@rules_app.command(
    "test",
    context_settings={"ignore_unknown_options": True},
    epilog='Example: `faultline rules test "drone (poland OR estonia)" archive.jsonl`',
)
def try_rule(
    rule: Annotated[str, typer.Argument(help="A rule, in quotes.", show_default=False)],
    file: Archive,
    as_json: AsJson = False,
) -> None:
    """Show which alerts a rule would have sent from an archive, one per story, and which words matched."""
    subject = read_subject(config_folder())
    archive = list(read_archive(file))
    parsed = parse_rule(rule, vocabulary_of(archive, subject))
    refuse_contradictory(parsed, subject.aliases)
    alerts = list(alerts_by(parsed, replay(archive, subject), subject.aliases))
    if as_json:
        for each in alerts:
            typer.echo(cli_output.alert_line(each))
        return
    typer.echo(parsed.describe(subject.aliases))
    Console().print(cli_output.alert_table(alerts))
    typer.echo(f"Alerts: {len(alerts)}, from {len(archive)} items.")


def _exposed() -> Iterator[str]:
    for path in readable_by_others():
        yield f"{path} holds secrets and can be read by other users of this machine; chmod 600 {path} fixes that"


def _sources_path(settings: Settings) -> Path:
    return root_folder() / settings.sources


def _catalog(settings: Settings) -> Catalog:
    return read_catalog(_sources_path(settings))


def _start_log(settings: Settings) -> None:
    start_log(level=settings.log.level, form=settings.log.form, secrets=settings.secrets)


def main() -> None:
    """Run the command that the arguments name."""
    os.umask(0o077)  # what is written tells who follows what
    try:
        # Not standalone: a wrong call is to be one line, too.
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:  # a call that cannot be read
        typer.echo(harmless(f"{error} (faultline --help says how)"), err=True)
        sys.exit(2)
    except FaultlineError as error:
        if _Debug.on:
            raise
        # A token may have been put where its words are told, as in the name of a file.
        sentence = caret(error) if isinstance(error, RuleError) else str(error)
        typer.echo(harmless(without_secrets(sentence)), err=True)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
