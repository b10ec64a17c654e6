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
from secrets import token_urlsafe
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
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

PREFIX = "FAULTLINE_"

# Names of settings that hold secrets.
SECRET = re.compile(r"(?:token|secret)$", re.IGNORECASE)
TELEGRAM_TOKEN = re.compile(r"\d{5,}:[\w-]{30,}", re.ASCII)
DISCORD_TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)
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


_OWNER = re.compile(r"(?:telegram|discord):\d+")


def _owners(value: object) -> object:
    """Several in one environment variable stand with commas or spaces between."""
    return re.split(r"[,\s]+", value.strip(", \n")) if isinstance(value, str) and value.strip(", \n") else value or ()


def _named_rightly(owners: tuple[str, ...]) -> tuple[str, ...]:
    for number, owner in enumerate(owners, 1):
        if not _OWNER.fullmatch(owner):
            # Not by its words: it may be a token that was put into the wrong line.
            raise ValueError(f"number {number} should be a platform and a user's number, such as telegram:12345")
    return owners


Owners = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_owners), AfterValidator(_named_rightly)]


class DatabaseSettings(ConfigTable):
    url: str = DEFAULT_DATABASE


class HttpSettings(ConfigTable):
    allow_private: bool = False
    contact: str = "https://faultline.example/bot"


class PollSettings(ConfigTable):
    min_interval: Seconds = timedelta(minutes=1)
    max_interval: Seconds = timedelta(hours=1)

    @model_validator(mode="after")
    def _in_order(self) -> "PollSettings":
        if self.min_interval > self.max_interval:
            raise ValueError("min_interval should not be longer than max_interval")
        return self


class KeepSettings(ConfigTable):
    days: Annotated[int, Field(ge=8, le=3650)] = 30


def _not_blank(token: SecretStr) -> SecretStr:
    if not token.get_secret_value().strip():
        raise ValueError("is blank; put the token of your bot there, or leave the setting out")
    return token


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError("should be a full address, such as http://localhost:8081")
    return url


Token = Annotated[SecretStr, AfterValidator(_not_blank)]
WebAddress = Annotated[str, AfterValidator(_web_address)]

TELEGRAM_API = "https://api.telegram.org"
# https://core.telegram.org/bots/api#setwebhook; a server of one's own takes any address.
WEBHOOK_PORTS = (443, 80, 88, 8443)


class TelegramSettings(ConfigTable):
    """`webhook_secret` is another at each start unless it is set; `paid_broadcast` costs money."""

    token: Token | None = None
    api_url: WebAddress = TELEGRAM_API
    webhook_url: str = ""
    webhook_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    paid_broadcast: bool = False

    @field_validator("webhook_url")
    @classmethod
    def _reachable(cls, url: str, checked: ValidationInfo) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        own_server = checked.data.get("api_url", TELEGRAM_API).rstrip("/") != TELEGRAM_API
        if not parts.hostname or parts.scheme not in ({"https", "http"} if own_server else {"https"}):
            raise ValueError("should be an address such as https://bot.example.org/telegram")
        if not own_server and (parts.port or 443) not in WEBHOOK_PORTS:
            raise ValueError("should use port 443, 80, 88 or 8443: Telegram reaches no others")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _sendable(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret.get_secret_value()):
            raise ValueError("should be letters, digits, _ and -, at most 256; or leave it out, and one is made")
        return secret if secret.get_secret_value() else SecretStr(token_urlsafe(32))


class ListenSettings(ConfigTable):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


class DiscordSettings(ConfigTable):
    token: Token | None = None
    api_url: WebAddress = "https://discord.com/api/v10"


class LogSettings(ConfigTable):
    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["text", "json"] = "text"


class Settings(BaseSettings):
    """All that an operator can set; the names are those of the TOML tables and of the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database: DatabaseSettings = DatabaseSettings()
    sources: Path = Path("config/subject/sources.toml")
    http: HttpSettings = HttpSettings()
    poll: PollSettings = PollSettings()
    keep: KeepSettings = KeepSettings()
    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()
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
    def console_wanted(self) -> bool:
        """Whether the console chat runs: `auto` means when no platform has a token."""
        if self.console != "auto":
            return self.console
        return self.telegram.token is None and self.discord.token is None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, so that the log can take them out of whatever it is handed."""
        webhook_secret = self.telegram.webhook_secret if self.telegram.webhook_url else None
        tokens = (self.telegram.token, webhook_secret, self.discord.token)
        return tuple(token.get_secret_value() for token in tokens if token is not None and token.get_secret_value())


def read_settings(**over: Any) -> Settings:
    """The settings in force; `over` wins over all of them. Raises ConfigError with every fault."""
    unknown = [*map(_unknown_variable, _unknown_variables()), *map(_unknown_key, _unknown_keys())]
    try:
        settings = Settings(_env_file=_env_file(), _env_file_encoding=ENCODING, **over)
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
    tokens = {
        "telegram": (settings.telegram.token, TELEGRAM_TOKEN, "12345678:AAE..., copied from @BotFather"),
        "discord": (
            settings.discord.token,
            DISCORD_TOKEN,
            "MTIz....G1a2b3....; copied from the page Bot of its portal",
        ),
    }
    for platform, (token, shape, example) in tokens.items():
        if token is not None and not shape.fullmatch(token.get_secret_value()):
            what = f"doesn't look like a bot token, such as {example}"
            yield Fault(where=_named([platform, "token"]), what=what)


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


def _unknown_variables() -> Iterator[str]:
    """What begins as our settings do and is none: other names in the environment and in .env are not our business."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in {*os.environ, *_env_values()}:
        if name.upper().startswith(PREFIX) and name.upper().split("__")[0] not in known:
            yield name


def _unknown_keys() -> Iterator[str]:
    return (key for key in _settings_file() if key not in Settings.model_fields)


def _unknown_variable(name: str) -> Fault:
    variables = {_variable(keys): keys for keys in _all_keys() if len(keys) > 1 or not _is_table(keys[0])}
    return Fault(where=f"setting {name}", what=_no_such_setting(nearest(name.upper(), variables)))


def _unknown_key(name: str) -> Fault:
    return Fault(where=f"setting {name}{_line([name])}", what=_no_such_setting(nearest(name, Settings.model_fields)))


def _no_such_setting(meant: str | None) -> str:
    return f"no such setting; did you mean {meant}?" if meant else "no such setting"


def _all_keys() -> Iterator[tuple[str, ...]]:
    """Every table and setting, by its keys."""
    for name, field in Settings.model_fields.items():
        yield (name,)
        if isinstance(field.annotation, type) and issubclass(field.annotation, ConfigTable):
            yield from ((name, key) for key in field.annotation.model_fields)


def _is_table(name: str) -> bool:
    return any(keys[0] == name and len(keys) > 1 for keys in _all_keys())


def _variable(keys: Iterable[str]) -> str:
    return PREFIX + "__".join(key.upper() for key in keys)


def _named(keys: Sequence[str]) -> str:
    return f"setting {'.'.join(keys)} (or {_variable(keys)})"


def _fault(detail: ErrorDetails) -> Fault:
    keys = [str(key) for key in detail["loc"]]
    _, what = sentence_of(detail, Settings)
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
