"""Reading what operators write: words, TOML and JSON, with one clear sentence for what cannot be read."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigError, Fault

# UTF-8; the byte order mark that some editors put before it is read over.
ENCODING = "utf-8-sig"


def root_folder() -> Path:
    """The folder that holds `config/`: the present one if it does, else the one that the package was installed from."""
    here = Path.cwd()
    return here if (here / "config").is_dir() else Path(__file__).resolve().parent.parent


def read_words(path: Path) -> str:
    """A file in UTF-8. Raises ConfigError."""
    try:
        return path.read_text(encoding=ENCODING)
    except UnicodeDecodeError:
        raise ConfigError(Fault(where=str(path), what="is not UTF-8; save it as UTF-8")) from None
    except OSError as error:
        raise ConfigError(Fault(where=str(path), what=f"cannot be read: {error.strerror}")) from None


def read_toml(path: Path) -> Mapping[str, Any]:
    """A TOML file as a mapping. Raises ConfigError with the line when it is not TOML."""
    try:
        return tomllib.loads(read_words(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(Fault(where=str(path), what=str(error))) from None


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object as a mapping. Raises ConfigError when it is none."""
    try:
        content = json.loads(read_words(path))
    except ValueError as error:
        raise ConfigError(Fault(where=str(path), what=str(error))) from None
    if not isinstance(content, dict):
        raise ConfigError(Fault(where=str(path), what="should hold one object"))
    return content
