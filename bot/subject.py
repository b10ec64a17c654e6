"""What we know of our subject, as config/subject/ tells it: names and things that are one, topics, what makes an item
relevant, and what makes a story loud.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config_files import read_model, read_toml, root_folder
from bot.core.language.language import languages
from bot.core.language.lexicon import NO_LEXICON, Lexicon, lexicon_of
from bot.core.rules.aliases import NO_ALIASES, Aliases, aliases_of
from bot.core.stories.levels import LevelRules, level_rules_of
from bot.core.stories.tension import EventWeights, scale_of
from bot.core.subject.config_models import TopicsFile, WeightsFile
from bot.core.subject.relevance import Classifier, classifier_of
from bot.errors import ConfigError, Fault

Reader = Callable[[Path], Mapping[str, Any]]

_FILES: Mapping[str, Reader] = {
    "aliases.toml": read_toml,
    "translations.toml": read_toml,
    "levels.toml": read_toml,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The knowledge of the files in config/subject/, ready for use."""

    aliases: Aliases
    lexicon: Lexicon
    classifier: Classifier
    levels: LevelRules
    scale: EventWeights


def config_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config"


def read_subject(folder: Path) -> Subject:
    """Read the files of a config folder. Raises ConfigError with every fault of all of them, and of the languages."""
    faults: list[Fault] = []
    tables: dict[str, Mapping[str, Any]] = {}
    folder = folder / "subject"
    with _noted(faults):
        languages()
    for name, read in _FILES.items():
        with _noted(faults):
            tables[name] = read(folder / name)
    if faults:
        raise ConfigError(*faults)
    aliases, lexicon = NO_ALIASES, NO_LEXICON
    with _noted(faults):
        aliases = aliases_of(tables["aliases.toml"])
    with _noted(faults):
        lexicon = lexicon_of(tables["aliases.toml"], tables["translations.toml"])
    with _noted(faults):
        weights = read_model(folder / "relevance.json", WeightsFile)
    with _noted(faults):
        topics = read_model(folder / "topics.toml", TopicsFile)
        levels = level_rules_of(tables["levels.toml"], topics.topic, aliases)
    with _noted(faults):
        scale = scale_of(tables["levels.toml"], aliases)
    if faults:
        raise ConfigError(*faults)
    classifier = classifier_of(topics, weights, aliases)
    return Subject(aliases=aliases, lexicon=lexicon, classifier=classifier, levels=levels, scale=scale)


@contextmanager
def _noted(faults: list[Fault]) -> Iterator[None]:
    """Go on after a faulty file, so that all faults are told at once."""
    try:
        yield
    except ConfigError as error:
        faults += error.faults
