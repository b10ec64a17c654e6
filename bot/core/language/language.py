"""Languages as data: what is to be known of one is in `config/languages/<code>.toml`.

The table of all of them is the one thing in the core that is read from files when it is first needed, and kept for the
whole process: words are cut in worker processes, in the storage and in tests, and none of them could hand it on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import Stemmer
from pydantic import AfterValidator, BeforeValidator

from bot.config_files import ConfigTable, faults_noted, read_model, root_folder
from bot.core.language.title_sections import CorrectionSection, TitleSection
from bot.errors import ConfigError, Fault


def _cut(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _known_stemmer(name: str) -> str:
    if name not in Stemmer.algorithms():
        raise ValueError(f"should be one of {', '.join(Stemmer.algorithms())}")
    return name


WordList = Annotated[frozenset[str], BeforeValidator(_cut)]
"""Words as people write them: a text that white space cuts, or a list."""


class Section(ConfigTable):
    """A table of a language's file; every one may be missing, and every key."""


class WordSection(Section):
    """`[words]`: how words lose their endings, and which words are special."""

    snowball: Annotated[str, AfterValidator(_known_stemmer)] | None = None  # a stemmer of PyStemmer
    small: WordList = frozenset()  # say nothing about what an item is about
    everyday: WordList = frozenset()  # are also names in capitals


class Language(Section):
    """One language. Compared as an object, so that what is made of it can be kept by it (`functools.cache`)."""

    name: str
    words: WordSection = WordSection()
    titles: TitleSection = TitleSection()
    corrections: CorrectionSection = CorrectionSection()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


NO_LANGUAGE = Language(name="")
"""What is known of a language without a file: nothing."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that have a file, by their ISO 639-1 codes."""

    by_code: Mapping[str, Language] = field(default_factory=dict)

    def of(self, code: str) -> Language:
        """The language of a code; one that has no file is `NO_LANGUAGE`."""
        return self.by_code.get(code, NO_LANGUAGE)


def read_languages(folder: Path) -> Languages:
    """Read all files of a folder. Raises ConfigError with every fault of all of them."""
    faults: list[Fault] = []
    found: dict[str, Language] = {}
    for path in sorted(folder.glob("*.toml")):
        with faults_noted(faults):
            found[path.stem] = read_model(path, Language)
    if faults:
        raise ConfigError(*faults)
    return Languages(found)


def language_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config" / "languages"


_in_force: list[Languages] = []


def languages() -> Languages:
    """The languages in force. Raises ConfigError when they are first read and have faults."""
    if not _in_force:
        _in_force.append(read_languages(language_folder()))
    return _in_force[-1]


def language_of(code: str) -> Language:
    """The language in force of an ISO 639-1 code."""
    return languages().of(code)


@contextmanager
def using(found: Languages) -> Iterator[None]:
    """Put other languages in force for a while, for a test."""
    languages()
    _in_force.append(found)
    try:
        yield
    finally:
        _in_force.pop()
