"""Which languages a chat reads: /read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from bot.commands.framework.command import Call, Command, LanguageWords, Param, Who
from bot.commands.framework.request import misuse
from bot.commands.framework.wording import in_rows, language_name
from bot.commands.settings import MARK, READ
from bot.config_files import nearest
from bot.core.language.language import languages
from bot.core.language.text import fold
from bot.core.message.blocks import Block, Button, Message, Role, code, say
from bot.storage import subscribers

BUTTONS_IN_A_ROW = 3
# Languages with a row and a button, those of the most sources first.
MOST_LISTED = 24
_ALL = frozenset({"all", "any", "every", "everything"})
_FILLING = frozenset({"and", "language", "languages", "only"})


@Command(
    summary="Which languages this chat reads: they head its alerts, others are marked",
    example="/read english ukrainian",
    who=Who.ADMIN,
    also=("languages", "language", "lang", "translate"),
)
async def read(
    call: Call,
    languages: Annotated[
        LanguageWords | None,
        Param(summary="languages by name or code, such as en uk; +ro adds one, -ru drops one, all means every one"),
    ] = None,
) -> Message:
    """Show or set the languages that the chat reads."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        if languages is not None:
            await READ.store(tx, subscriber.id, _chosen(languages, subscriber.langs), call.now)
            subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
    langs = subscriber.langs
    blocks = [Block(READ.says(subscriber, call.now), Role.TITLE)]
    if langs:
        headed = say(
            "A story is headed by a report in one of them if there is one. Reports in other languages are marked, such "
            "as {source}, and keep their own words. Beneath their titles is my reading: event, places and numbers, as "
            "far as my own tables know them. It isn't a translation.",
            source="Tern (ro)",
        )
        kept = (
            "Your rules still find reports in all languages. Alerts already sent change only with news of their story."
        )
        blocks += [Block(headed), Block(say(kept), Role.ROW)]
    sources = Counter(source.lang for source in call.services.catalog.sources if source.enabled)
    blocks += _listed(sources, langs)
    change = say("To change it, send {some} or {all}.", some=code("/read en uk"), all=code("/read all"))
    every = Button(f"{'' if langs else MARK}All languages", "/read all")
    return Message((*blocks, Block(change)), ((every,), *in_rows(_buttons(sources, langs), BUTTONS_IN_A_ROW)))


def _listed(sources: Mapping[str, int], langs: Sequence[str]) -> Iterator[Block]:
    """How many of the sources are in each language."""
    total = sum(sources.values())
    if not total:
        return
    yield Block(say("What there is"), Role.HEADING)
    for lang, count in Counter(sources).most_common(MOST_LISTED):
        share = say(
            "{name} ({lang}): {count} of {total} sources", name=language_name(lang), lang=lang, count=count, total=total
        )
        yield Block(share, Role.ROW)
    if none := ", ".join([language_name(lang) for lang in langs if lang not in sources]):
        yield Block(say("No source is in {languages}.", languages=none), Role.ROW)


def _buttons(sources: Mapping[str, int], langs: Sequence[str]) -> list[Button]:
    """One for each language that there is, which chooses it, adds it to those that are chosen, or drops it."""
    there = [lang for lang, _ in Counter(sources).most_common() if lang in languages().by_code]
    shown = list(dict.fromkeys([*langs, *there]))[:MOST_LISTED]
    lines = {
        lang: f"/read -{lang}" if lang in langs else f"/read +{lang}" if langs else f"/read {lang}" for lang in shown
    }
    return [Button(f"{MARK if lang in langs else ''}{language_name(lang)}", line) for lang, line in lines.items()]


def _chosen(text: str, langs: Sequence[str]) -> tuple[str, ...]:
    """The codes of the languages that are asked for; none: all. Raises UsageError where a word names none."""
    known = languages().by_code
    words = [word for word in text.lower().replace(",", " ").split() if word not in _FILLING]
    if not words or not _ALL.isdisjoint(words):
        return ()
    changes = [word for word in words if word[0] in "+-−"]
    if changes and len(changes) < len(words):
        raise misuse(
            "Say either which languages to read, such as {some}, or what to change, such as {change}.",
            some="/read en uk",
            change="/read +ro -ru",
        )
    chosen = set(langs or known) if changes else set[str]()
    for word in words:
        if word[0] in "-−":
            chosen.discard(_code_of(word[1:]))
        else:
            chosen.add(_code_of(word.removeprefix("+")))
    return () if chosen >= known.keys() else tuple([code for code in known if code in chosen])


def _code_of(word: str) -> str:
    """The code of the language that a word names, in English or as its readers call it."""
    codes = {
        fold(name): code for code, each in languages().by_code.items() for name in (code, each.name, each.own_name)
    }
    if found := codes.get(fold(word)):
        return found
    if meant := codes.get(nearest(fold(word), codes) or ""):
        raise misuse("I don't know the language “{word}”. Did you mean {name}?", word=word, name=language_name(meant))
    raise misuse(
        "I don't know the language “{word}”. These I know: {codes}", word=word, codes=", ".join(languages().by_code)
    )
