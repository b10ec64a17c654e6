"""What we know of our subject, as config/ tells it: names that are one, topics, and what makes an item relevant."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.aliases import NO_ALIASES, Aliases, aliases_of
from bot.core.relevance import Classifier, classifier_of
from bot.errors import ConfigError, Fault
from bot.settings import read_json, read_toml, root_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The knowledge of config/aliases.toml, topics.toml and relevance.json, ready for use."""

    aliases: Aliases
    classifier: Classifier


def config_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config"


def read_subject(folder: Path) -> Subject:
    """Read the three files of a config folder. Raises ConfigError with every fault of all of them."""
    faults: list[Fault] = []
    tables: list[Mapping[str, Any]] = []
    for read, name in ((read_toml, "aliases.toml"), (read_toml, "topics.toml"), (read_json, "relevance.json")):
        try:
            tables.append(read(folder / name))
        except ConfigError as error:
            faults += error.faults
            tables.append({})
    if faults:
        raise ConfigError(*faults)
    named, topics, weights = tables
    aliases = NO_ALIASES
    try:
        aliases = aliases_of(named)
    except ConfigError as error:
        faults += error.faults
    try:
        classifier = classifier_of(topics, weights, aliases)
    except ConfigError as error:
        faults += error.faults
    if faults:
        raise ConfigError(*faults)
    return Subject(aliases=aliases, classifier=classifier)
