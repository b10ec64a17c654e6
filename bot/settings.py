"""Settings: config/faultline.toml, over it a .env file, over that environment variables FAULTLINE_...

Environment names put `__` between levels: `FAULTLINE_POLL__MIN_INTERVAL=30`. Relative paths are meant from the root:
the folder that holds `config/`.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot.errors import ConfigError, Fault

PREFIX = "FAULTLINE_"
DEFAULT_DATABASE = "sqlite:///data/faultline.db"


def root_folder() -> Path:
    """The folder that holds `config/`: the present one if it does, else the one that the package was installed from."""
    here = Path.cwd()
    return here if (here / "config").is_dir() else Path(__file__).resolve().parent.parent


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
    for owner in owners:
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"{owner!r} should be a platform and a user's number, such as telegram:12345")
    return owners


Owners = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_owners), AfterValidator(_named_rightly)]


class Section(BaseModel):
    """One table of faultline.toml; an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseSettings(Section):
    url: str = DEFAULT_DATABASE


class HttpSettings(Section):
    allow_private: bool = False
    contact: str = "https://faultline.example/bot"


class PollSettings(Section):
    min_interval: Seconds = timedelta(minutes=1)
    max_interval: Seconds = timedelta(hours=1)

    @model_validator(mode="after")
    def _in_order(self) -> "PollSettings":
        if self.min_interval > self.max_interval:
            raise ValueError("min_interval should not be longer than max_interval")
        return self


class KeepSettings(Section):
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
        raise ValueError("should be a whole address, such as http://localhost:8081")
    return url


Token = Annotated[SecretStr, AfterValidator(_not_blank)]
WebAddress = Annotated[str, AfterValidator(_web_address)]

TELEGRAM_API = "https://api.telegram.org"
# https://core.telegram.org/bots/api#setwebhook; a server of one's own takes any address.
WEBHOOK_PORTS = (443, 80, 88, 8443)


class TelegramSettings(Section):
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
            raise ValueError("should have no port but 443, 80, 88 or 8443: Telegram reaches no other")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _sendable(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret.get_secret_value()):
            raise ValueError("should be letters, digits, _ and -, at most 256; or leave it out, and one is made")
        return secret if secret.get_secret_value() else SecretStr(token_urlsafe(32))


class ListenSettings(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


class DiscordSettings(Section):
    token: Token | None = None
    api_url: WebAddress = "https://discord.com/api/v10"


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["text", "json"] = "text"


class Settings(BaseSettings):
    """All that an operator can set; the names are those of the TOML tables and of the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database: DatabaseSettings = DatabaseSettings()
    sources: Path = Path("config/sources.toml")
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
        toml = TomlConfigSettingsSource(settings_cls, root_folder() / "config" / "faultline.toml")
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
    unknown = [Fault(where=f"setting {name}", what="no such setting") for name in _unknown_names()]
    try:
        settings = Settings(_env_file=root_folder() / ".env", **over)
    except ValidationError as error:
        faults = [_fault(detail) for detail in error.errors(include_input=False)]
        raise ConfigError(*faults, *unknown) from None
    except SettingsError as error:
        # Its words name the field; the value, which may be a secret, is only in its cause.
        what = f"{error}; a table is set key by key, as in FAULTLINE_POLL__MIN_INTERVAL"
        raise ConfigError(Fault(where="settings", what=what), *unknown) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(Fault(where="config/faultline.toml", what=str(error))) from None
    except OSError as error:
        raise ConfigError(Fault(where="config/faultline.toml", what=f"cannot be read: {error.strerror}")) from None
    if unknown:
        raise ConfigError(*unknown)
    return settings


def _unknown_names() -> Iterator[str]:
    """What begins as our settings do and is none: other names in the environment and in .env are not our business."""
    toml = root_folder() / "config" / "faultline.toml"
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in {*os.environ, *dotenv_values(root_folder() / ".env")}:
        if name.upper().startswith(PREFIX) and name.upper().split("__")[0] not in known:
            yield name
    if toml.exists():
        yield from (key for key in read_toml(toml) if key not in Settings.model_fields)


def _fault(detail: Mapping[str, Any]) -> Fault:
    keys = [str(key) for key in detail["loc"]]
    variable = "FAULTLINE_" + "__".join(key.upper() for key in keys)
    what = {
        "extra_forbidden": "no such setting",
    }.get(detail["type"], str(detail["msg"]).removeprefix("Value error, "))
    return Fault(where=f"setting {'.'.join(keys)} (or {variable})", what=what)


def read_toml(path: Path) -> Mapping[str, Any]:
    """A TOML file as a mapping. Raises ConfigError with the line when it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(Fault(where=str(path), what=str(error))) from None
    except OSError as error:
        raise ConfigError(Fault(where=str(path), what=f"cannot be read: {error.strerror}")) from None


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object as a mapping. Raises ConfigError when it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(Fault(where=str(path), what=str(error))) from None
    except OSError as error:
        raise ConfigError(Fault(where=str(path), what=f"cannot be read: {error.strerror}")) from None
    if not isinstance(content, dict):
        raise ConfigError(Fault(where=str(path), what="should hold one object"))
    return content
