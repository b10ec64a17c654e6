"""Settings: config/faultline.toml, over it a .env file, over that environment variables FAULTLINE_...

Environment names put `__` between levels: `FAULTLINE_POLL__MIN_INTERVAL=30`. Relative paths are meant from the root:
the folder that holds `config/`.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.config_files import (
    ENCODING,
    ConfigTable,
    lines_of,
    nearest,
    read_toml,
    read_words,
    root_folder,
    sentence_of,
)
from bot.errors import ConfigError, Fault
from bot.log import without_secrets
from bot.platforms.base import Adapter, PlatformSettings
from bot.platforms.registry import ADAPTERS

PREFIX = "FAULTLINE_"

# Names of settings that hold secrets.
SECRET = re.compile(r"(?:token|secret)$", re.IGNORECASE)
DEFAULT_DATABASE = "sqlite:///data/faultline.db"


SWITCH: Mapping[str, bool | Literal["auto"]] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
    "auto": "auto",
}


def _seconds(value: object) -> object:
    try:
        return timedelta(seconds=float(value)) if isinstance(value, int | float | str) else value
    except (ValueError, OverflowError):
        raise ValueError("should be a number of seconds above 0") from None


def _not_negative(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("should be a number of seconds above 0")
    return value


Seconds = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_not_negative)]


def _owners(value: object) -> object:
    """Several in one environment variable stand with commas or spaces between."""
    return re.split(r"[,\s]+", value.strip(", \n")) if isinstance(value, str) and value.strip(", \n") else value or ()


Owners = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_owners)]


class DatabaseSettings(ConfigTable):
    url: str = DEFAULT_DATABASE


class HttpSettings(ConfigTable):
    allow_private: bool = False
    contact: str = "https://faultline.example/bot"


class PollSettings(ConfigTable):
    min_interval: Seconds = timedelta(minutes=1)
    max_interval: Seconds = timedelta(hours=1)
    leads: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> "PollSettings":
        if self.min_interval > self.max_interval:
            raise ValueError("min_interval should not be longer than max_interval")
        return self


class KeepSettings(ConfigTable):
    days: Annotated[int, Field(ge=8, le=3650)] = 30


class ListenSettings(ConfigTable):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


class LogSettings(ConfigTable):
    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["text", "json"] = "text"


class Settings(BaseSettings):
    """All that an operator can set; the names are those of the TOML tables and of the environment.

    The table of each platform is added by `settings_with`; `read_settings` has them all.
    """

    adapters: ClassVar[tuple[Adapter[Any], ...]] = ()

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database: DatabaseSettings = DatabaseSettings()
    sources: Path = Path("config/subject/sources.toml")
    http: HttpSettings = HttpSettings()
    poll: PollSettings = PollSettings()
    keep: KeepSettings = KeepSettings()
    listen: ListenSettings = ListenSettings()
    log: LogSettings = LogSettings()
    console: bool | Literal["auto"] = "auto"
    owners: Owners = ()
    access: Literal["open", "allowlist"] = "open"

    @field_validator("console", mode="before")
    @classmethod
    def _switch(cls, value: object) -> object:
        found = SWITCH.get(str(value).lower())
        if found is None:
            raise ValueError("should be true, false or auto")
        return found

    @field_validator("owners")
    @classmethod
    def _known(cls, owners: tuple[str, ...]) -> tuple[str, ...]:
        shape = re.compile("|".join(f"{each.name}:{each.user}" for each in cls.adapters))
        for number, owner in enumerate(owners, 1):
            if not shape.fullmatch(owner):
                # Not by its words: it may be a token that was put into the wrong line.
                example = f"{cls.adapters[0].name}:12345"
                raise ValueError(f"number {number} should be a platform and a user's number, such as {example}")
        return owners

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First wins: what the caller says, the environment, .env, the TOML file, then any secrets folder."""
        toml = InitSettingsSource(settings_cls, dict(_settings_file()))
        return init_settings, env_settings, dotenv_settings, toml, file_secret_settings

    @property
    def tables(self) -> Mapping[Adapter[Any], PlatformSettings]:
        """The table of each platform."""
        return {each: getattr(self, each.name) for each in self.adapters}

    @property
    def wanted(self) -> Mapping[Adapter[Any], PlatformSettings]:
        """Those that are to be served, but for the console."""
        return {each: own for each, own in self.tables.items() if own.is_wanted}

    @property
    def console_wanted(self) -> bool:
        """Whether the console chat runs: `auto` means when no platform is wanted."""
        return not self.wanted if self.console == "auto" else self.console

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, so that the log can take them out of whatever it is handed."""
        return tuple(secret for own in self.tables.values() for secret in own.secrets)


def settings_with(adapters: tuple[Adapter[Any], ...]) -> type[Settings]:
    """The settings that have the tables of these platforms."""
    tables: dict[str, Any] = {each.name: (each.settings, each.settings()) for each in adapters}
    made = create_model("AllSettings", __base__=Settings, **tables)
    made.adapters = adapters
    return made


AllSettings = settings_with(ADAPTERS)


def read_settings(**over: Any) -> Settings:
    """The settings in force; `over` wins over all of them. Raises ConfigError with every fault."""
    unknown = list(_unknown())
    try:
        settings = AllSettings(_env_file=_env_file(), _env_file_encoding=ENCODING, **over)
    except ValidationError as error:
        faults = [_fault(detail) for detail in error.errors(include_url=False)]
        raise ConfigError(*faults, *unknown) from None
    except SettingsError as error:
        # Its words name the field; the value, which may be a secret, is only in its cause.
        what = f"{error}; a table is set key by key, as in FAULTLINE_POLL__MIN_INTERVAL"
        raise ConfigError(Fault(where="settings", what=what), *unknown) from None
    if unknown:
        raise ConfigError(*unknown)
    return settings


def readable_by_others() -> Iterator[Path]:
    """The files that hold secrets and can be read by other users of the machine."""
    in_env = any(value and SECRET.search(name) for name, value in _env_values().items())
    in_toml = any(SECRET.search(key) for table in _settings_file().values() if isinstance(table, dict) for key in table)
    for path, has_secrets in ((_env_file(), in_env), (_toml_file(), in_toml)):
        if has_secrets and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield path


def misshapen_tokens(settings: Settings) -> Iterator[Fault]:
    """The tokens that cannot be what they should: another text, or a part of one."""
    for adapter, own in settings.tables.items():
        if own.secret and not own.shape.fullmatch(own.secret):
            what = f"doesn't look like a bot token, such as {own.example}"
            yield Fault(where=_named([adapter.name, "token"]), what=what)


def check_somebody_asks(settings: Settings) -> None:
    """Raise ConfigError where no platform is asked for at all."""
    if not (settings.wanted or settings.console_wanted):
        tokens = " or ".join(_variable([each.name, "token"]) for each in settings.adapters)
        what = f"nobody to talk to: set {tokens}, or turn the console on (console = true)"
        raise ConfigError(Fault(where="setting console", what=what))


def _env_file() -> Path:
    return root_folder() / ".env"


def _toml_file() -> Path:
    return root_folder() / "config" / "faultline.toml"


def _env_values() -> Mapping[str, str | None]:
    """What the .env file says. Raises ConfigError."""
    if not _env_file().is_file():
        return {}
    return dotenv_values(stream=StringIO(read_words(_env_file())))


def _settings_file() -> Mapping[str, Any]:
    """What the TOML file says. Raises ConfigError."""
    return read_toml(_toml_file()) if _toml_file().exists() else {}


def _unknown() -> Iterator[Fault]:
    """What begins as our settings do and is none: other names in the environment and in .env are not our business."""
    names = AllSettings.model_fields
    tables = {keys[0] for keys in _all_keys() if len(keys) > 1}
    variables = {_variable(keys): keys for keys in _all_keys() if len(keys) > 1 or keys[0] not in tables}
    known = {_variable([name]) for name in names}
    for name in {*os.environ, *_env_values()}:
        if name.upper().startswith(PREFIX) and name.upper().split("__")[0] not in known:
            yield Fault(where=f"setting {name}", what=_no_such_setting(nearest(name.upper(), variables)))
    for key in _settings_file():
        if key not in names:
            yield Fault(where=f"setting {key}{_line([key])}", what=_no_such_setting(nearest(key, names)))


def _no_such_setting(meant: str | None) -> str:
    return f"no such setting; did you mean {meant}?" if meant else "no such setting"


def _all_keys() -> Iterator[tuple[str, ...]]:
    """Every table and setting, by its keys."""
    for name, field in AllSettings.model_fields.items():
        yield (name,)
        if isinstance(field.annotation, type) and issubclass(field.annotation, ConfigTable):
            yield from ((name, key) for key in field.annotation.model_fields)


def _variable(keys: Iterable[str]) -> str:
    return PREFIX + "__".join(key.upper() for key in keys)


def _named(keys: Sequence[str]) -> str:
    return f"setting {'.'.join(keys)} (or {_variable(keys)})"


def _fault(detail: ErrorDetails) -> Fault:
    keys = [str(key) for key in detail["loc"]]
    _, what = sentence_of(detail, AllSettings)
    if detail["type"] == "extra_forbidden":
        siblings = {each[-1]: each for each in _all_keys() if each[:-1] == tuple(keys[:-1])}
        meant = nearest(keys[-1], siblings)
        what = _no_such_setting(_named(siblings[meant]).removeprefix("setting ") if meant else None)
    return Fault(where=_named(keys) + _line(keys), what=without_secrets(what))


def _line(keys: Sequence[str]) -> str:
    """Where the TOML file sets it, unless a variable does."""
    variables = {name.upper() for name in (*os.environ, *_env_values())}
    if variables.isdisjoint({_variable(keys), _variable(keys[:1])}) and _toml_file().exists():
        line = lines_of(read_words(_toml_file())).get(tuple(keys))
        return f", line {line} of config/{_toml_file().name}" if line else ""
    return ""
