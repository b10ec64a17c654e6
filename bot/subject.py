"""What we know of our subject, as config/ tells it: names that are one, topics, and what makes an item relevant."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.aliases import NO_ALIASES, Aliases, aliases_of
from bot.core.relevance import Classifier, classifier_of
from bot.core.tension import Scale, scale_of
from bot.errors import ConfigError, Fault
from bot.settings import read_json, read_toml, root_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The knowledge of the files in config/, ready for use."""

    aliases: Aliases
    classifier: Classifier
    scale: Scale


def config_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config"


def read_subject(folder: Path) -> Subject:
    """Read the files of a config folder. Raises ConfigError with every fault of all of them."""
    faults: list[Fault] = []
    tables: list[Mapping[str, Any]] = []
    for name in ("aliases.toml", "topics.toml", "levels.toml", "relevance.json"):
        read = read_json if name.endswith(".json") else read_toml
        try:
            tables.append(read(folder / name))
        except ConfigError as error:
            faults += error.faults
            tables.append({})
    if faults:
        raise ConfigError(*faults)
    named, topics, levels, weights = tables
    aliases = NO_ALIASES
    try:
        aliases = aliases_of(named)
    except ConfigError as error:
        faults += error.faults
    try:
        scale = scale_of(levels, aliases)
    except ConfigError as error:
        faults += error.faults
    try:
        classifier = classifier_of(topics, weights, aliases)
    except ConfigError as error:
        faults += error.faults
    if faults:
        raise ConfigError(*faults)
    return Subject(aliases=aliases, classifier=classifier, scale=scale)
