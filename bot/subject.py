"""What we know of our subject, as config/subject/ tells it: names and things that are one, topics, what makes an item
relevant, and what makes a story loud.
"""

import gc
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from bot.config_files import faults_in, faults_noted, read_model, root_folder, shown
from bot.core.language.language import languages
from bot.core.language.lexicon import Lexicon
from bot.core.language.lexicon_files import TranslationsFile, WordsFile, check_words, lexicon_of
from bot.core.rules.aliases import NO_ALIASES, Aliases, AliasFile, aliases_of
from bot.core.stories.events import EventsFile, EventTypes
from bot.core.stories.levels import LevelRules, LevelsFile
from bot.core.subject.config_models import TopicsFile, WeightsFile
from bot.core.subject.relevance import Classifier, classifier_of
from bot.core.subject.topics import topics_of
from bot.errors import ConfigError, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The knowledge of the files in config/subject/, ready for use."""

    aliases: Aliases
    lexicon: Lexicon
    classifier: Classifier
    levels: LevelRules
    events: EventTypes


def config_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config"


def read_subject(folder: Path) -> Subject:
    """Read the files of a config folder.

    Raises ConfigError with every fault of all of them; if languages have any, with those alone: words, rules and
    lengths of time can only be read with sound ones.
    """
    languages()
    # The collector of reference cycles finds none in what is read, and looking for them takes a quarter of the time.
    resting = gc.isenabled()
    gc.disable()
    try:
        return _read_subject(folder)
    finally:
        if resting:
            gc.enable()


def _read_subject(folder: Path) -> Subject:
    # Once they lay one folder higher: what an operator has changed there would be passed over without a word.
    faults = [
        Fault(where=shown(old), what=f"isn't read there; move it to {shown(folder / 'subject')}, or delete it")
        for old in (folder / file.name for file in sorted((folder / "subject").glob("*.*")))
        if old.exists()
    ]
    folder = folder / "subject"
    aliases = NO_ALIASES
    with faults_noted(faults):
        aliases = read_aliases(folder)
    with faults_noted(faults):
        weights = read_model(folder / "relevance.json", WeightsFile)
    known: dict[str, Collection[str]] = {}  # what rules of levels.toml may name
    path = folder / "topics.toml"
    with faults_noted(faults), faults_in(path, TopicsFile):
        file = read_model(path, TopicsFile)
        known["topics"] = file.topic
        if aliases:
            topics = topics_of(file, aliases)
    path = folder / "events.toml"
    with faults_noted(faults), faults_in(path, EventsFile):
        events = read_model(path, EventsFile)
        known["events"] = [event.id for event in events.event]
        if aliases:
            types = EventTypes(events, aliases)
    with faults_noted(faults):
        levels = read_model(folder / "levels.toml", LevelsFile, **known)
    if faults:
        raise ConfigError(*faults)
    return Subject(
        aliases=aliases,
        lexicon=aliases.lexicon,
        classifier=classifier_of(topics, weights, file.core_from),
        levels=LevelRules(levels.rule, types),
        events=types,
    )


def read_aliases(folder: Path) -> Aliases:
    """The aliases and the lexicon of config/subject: aliases.toml, translations.toml and the files of words.

    Raises ConfigError with every fault of all of them.
    """
    faults: list[Fault] = []
    path = folder / "aliases.toml"
    with faults_noted(faults), faults_in(path, AliasFile):
        names = read_model(path, AliasFile).root
        aliases = aliases_of(names)
    with faults_noted(faults):
        translations = read_model(folder / "translations.toml", TranslationsFile)
    are_sound = not faults
    words: dict[str, WordsFile] = {}
    for path in sorted((folder / "words").glob("*.toml")):
        with faults_noted(faults), faults_in(path, WordsFile):
            words[path.stem] = read_model(path, WordsFile)
            if are_sound:
                check_words(words[path.stem], names, translations)
        if path.stem not in languages().by_code:
            what = "should be named by the code of a language that has a file in config/languages, such as ro.toml"
            faults.append(Fault(where=shown(path), what=what))
    path = folder / "translations.toml"
    with faults_noted(faults), faults_in(path, TranslationsFile):
        if are_sound:
            lexicon = lexicon_of(names, translations, {} if faults else words)
    if faults:
        raise ConfigError(*faults)
    return replace(aliases, lexicon=lexicon)
