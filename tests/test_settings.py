from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.platforms.telegram.adapter import ADAPTER, TelegramSettings
from bot.settings import misshapen_tokens, read_settings, readable_by_others


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty installation, with nothing set from outside."""
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_later_layers_win_over_earlier_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config" / "faultline.toml").write_text("[poll]\nmin_interval = 10\nmax_interval = 20\n")
    assert read_settings().poll.min_interval == timedelta(seconds=10)
    (folder / ".env").write_text("FAULTLINE_POLL__MIN_INTERVAL=11\n")
    assert read_settings().poll.min_interval == timedelta(seconds=11)
    monkeypatch.setenv("FAULTLINE_POLL__MIN_INTERVAL", "12")
    assert read_settings().poll.min_interval == timedelta(seconds=12)
    assert read_settings().poll.max_interval == timedelta(seconds=20), "the other keys of the table stay"


def test_the_console_runs_when_no_token_is_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().console_wanted
    monkeypatch.setenv("FAULTLINE_TELEGRAM__TOKEN", "12345:secret")
    assert not read_settings().console_wanted
    monkeypatch.setenv("FAULTLINE_CONSOLE", "true")
    assert read_settings().console_wanted


@pytest.mark.parametrize("platform", ["TELEGRAM", "DISCORD"])
@pytest.mark.parametrize(
    "url", ["localhost:8081", "api.example", "http://", "ftp://api.example", "http://a:b", "h[://"]
)
def test_an_api_that_has_no_web_address_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch, platform: str, url: str
) -> None:
    monkeypatch.setenv(f"FAULTLINE_{platform}__API_URL", url)
    wanted = rf"FAULTLINE_{platform}__API_URL\): should be a full address, such as http://localhost:8081$"
    with pytest.raises(ConfigError, match=wanted):
        read_settings()
    monkeypatch.setenv(f"FAULTLINE_{platform}__API_URL", "http://localhost:8081")
    read_settings()


@pytest.mark.parametrize("platform", ["TELEGRAM", "DISCORD"])
@pytest.mark.parametrize("token", ["", "  "])
def test_a_blank_token_is_a_fault_of_the_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch, platform: str, token: str
) -> None:
    monkeypatch.setenv(f"FAULTLINE_{platform}__TOKEN", token)
    with pytest.raises(ConfigError, match=rf"FAULTLINE_{platform}__TOKEN\): is blank; put the token"):
        read_settings()


def test_every_fault_is_told_at_once_by_file_key_and_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_POLL__MIN_INTERVAL", "-1")
    monkeypatch.setenv("FAULTLINE_CONSOLE", "perhaps")
    (folder / "config" / "faultline.toml").write_text("[http]\nalow_private = true\n")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    told = str(caught.value)
    for words in ("FAULTLINE_POLL__MIN_INTERVAL", "FAULTLINE_CONSOLE", "http.alow_private", "no such setting"):
        assert words in told


def test_a_table_set_as_a_whole_is_one_clear_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_TELEGRAM", "secretABC")
    with pytest.raises(ConfigError, match="telegram") as caught:
        read_settings()
    assert "secretABC" not in str(caught.value)


def test_other_programs_variables_in_env_are_not_our_business(folder: Path) -> None:
    (folder / ".env").write_text("COMPOSE_PROJECT_NAME=news\nTZ=UTC\n")
    assert read_settings().console == "auto"
    (folder / ".env").write_text("FAULTLINE_CONSOL=true\n")
    with pytest.raises(ConfigError, match="FAULTLINE_CONSOL"):
        read_settings()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FAULTLINE_TELEGRAM_TOKEN", "FAULTLINE_TELEGRAM__TOKEN"),
        ("FAULTLINE_DISCORDTOKEN", "FAULTLINE_DISCORD__TOKEN"),
        ("FAULTLINE_POLL_MIN_INTERVAL", "FAULTLINE_POLL__MIN_INTERVAL"),
        ("FAULTLINE_OWNER", "FAULTLINE_OWNERS"),
        ("FAULTLINE_TELEGRAM__TOKN", "telegram.token (or FAULTLINE_TELEGRAM__TOKEN)"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_name_that_is_nearly_right_is_put_right(
    folder: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str, in_file: bool
) -> None:
    if in_file:
        (folder / ".env").write_text(f"{written}=hunter2\n")
    else:
        monkeypatch.setenv(written, "hunter2")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert f"{written}" in str(caught.value)
    assert str(caught.value).endswith(f"no such setting; did you mean {meant}?")


def test_a_key_of_the_file_that_is_nearly_right_is_put_right(folder: Path) -> None:
    (folder / "config" / "faultline.toml").write_text("owner = []\n[poll]\nmin_intervall = 3\n[zzz]\n")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert sorted(str(caught.value).splitlines()) == [
        "setting owner, line 1 of config/faultline.toml: no such setting; did you mean owners?",
        "setting poll.min_intervall (or FAULTLINE_POLL__MIN_INTERVALL), line 3 of config/faultline.toml: "
        "no such setting; did you mean poll.min_interval (or FAULTLINE_POLL__MIN_INTERVAL)?",
        "setting zzz, line 4 of config/faultline.toml: no such setting",
    ]


def test_a_value_of_the_file_is_told_with_its_line_unless_a_variable_is_over_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config" / "faultline.toml").write_text("[log]\n# how much\nlevel = 'inof'\n[keep]\ndays = 3\n")
    monkeypatch.setenv("FAULTLINE_KEEP__DAYS", "4")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert str(caught.value).splitlines() == [
        "setting keep.days (or FAULTLINE_KEEP__DAYS): should be 8 or more",
        "setting log.level (or FAULTLINE_LOG__LEVEL), line 3 of config/faultline.toml: "
        "should be debug, info, warning or error; did you mean info?",
    ]


def test_a_byte_order_mark_is_read_over(folder: Path) -> None:
    (folder / "config" / "faultline.toml").write_bytes(b"\xef\xbb\xbfconsole = true\n")
    (folder / ".env").write_bytes(b"\xef\xbb\xbfFAULTLINE_ACCESS=allowlist\n")
    assert (read_settings().console, read_settings().access) == (True, "allowlist")


@pytest.mark.parametrize("name", [".env", "config/faultline.toml"])
def test_a_file_of_another_encoding_is_told_by_its_name(folder: Path, name: str) -> None:
    (folder / name).write_bytes("FAULTLINE_CONSOLE=true\n".encode("utf-16"))
    with pytest.raises(ConfigError, match=r"is not UTF-8; save it as UTF-8") as caught:
        read_settings()
    assert name in str(caught.value)


TOKENS = (
    f"123456789:{'AAE-x_z' * 5}",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0",
    "12345:hunter2",
    "hunter2-hunter2-hunter2",
)


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_among_the_owners_is_not_printed(folder: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("FAULTLINE_OWNERS", f"telegram:1,{token}")
    with pytest.raises(ConfigError, match="number 2 should be a platform and a user's number") as caught:
        read_settings()
    assert not any(piece in str(caught.value) for piece in (token, "hunter2", "AAE-x_z", "GabcdE"))


def test_files_with_secrets_that_others_can_read_are_named(folder: Path) -> None:
    toml, env = folder / "config" / "faultline.toml", folder / ".env"
    assert list(readable_by_others()) == []
    for file, text in ((toml, "[poll]\nmin_interval = 60\n"), (env, "FAULTLINE_CONSOLE=true\n")):
        file.write_text(text)
        file.chmod(0o644)
    assert list(readable_by_others()) == []
    toml.write_text("[telegram]\ntoken = 'x'\n")
    env.write_text("FAULTLINE_DISCORD__TOKEN=x\n")
    assert list(readable_by_others()) == [env, toml]
    env.chmod(0o640)
    toml.chmod(0o600)
    assert list(readable_by_others()) == [env]


@pytest.mark.parametrize(
    ("platform", "token", "is_shaped"),
    [
        ("TELEGRAM", TOKENS[0], True),
        ("TELEGRAM", f"1234567890:{'A' * 35}", True),
        ("TELEGRAM", "abc", False),
        ("TELEGRAM", f"bot{TOKENS[0]}", False),
        ("TELEGRAM", TOKENS[1], False),
        ("DISCORD", TOKENS[1], True),
        ("DISCORD", "abc", False),
        ("DISCORD", f"Bot {TOKENS[1]}", False),
    ],
)
def test_a_token_is_known_by_its_shape(
    folder: Path, monkeypatch: pytest.MonkeyPatch, platform: str, token: str, is_shaped: bool
) -> None:
    monkeypatch.setenv(f"FAULTLINE_{platform}__TOKEN", token)
    faults = list(misshapen_tokens(read_settings()))
    assert [fault.where for fault in faults] == (
        [] if is_shaped else [f"setting {platform.lower()}.token (or FAULTLINE_{platform}__TOKEN)"]
    )
    assert token not in "".join(map(str, faults))


def test_a_switch_that_is_none_is_told_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_CONSOLE", "maybe")
    with pytest.raises(ConfigError, match="true, false or auto") as caught:
        read_settings()
    assert len(caught.value.faults) == 1


def test_a_file_that_is_no_toml_is_told_with_its_line(folder: Path) -> None:
    (folder / "config" / "faultline.toml").write_text("[poll\n")
    with pytest.raises(ConfigError, match="line 1"):
        read_settings()


def test_a_secret_is_in_no_error_and_no_print(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_TELEGRAM__TOKEN", "12345:hunter2")
    assert "hunter2" not in repr(read_settings())
    assert read_settings().secrets == ("12345:hunter2",)
    monkeypatch.setenv("FAULTLINE_POLL__MIN_INTERVAL", "never")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert "hunter2" not in str(caught.value)


def test_owners_are_listed_with_commas_or_as_toml_has_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config" / "faultline.toml").write_text('owners = ["telegram:7"]\n')
    assert read_settings().owners == ("telegram:7",)
    monkeypatch.setenv("FAULTLINE_OWNERS", "telegram:12345, discord:99")
    assert read_settings().owners == ("telegram:12345", "discord:99")
    monkeypatch.setenv("FAULTLINE_OWNERS", "")
    assert read_settings().owners == ()
    monkeypatch.setenv("FAULTLINE_OWNERS", "@ann")
    with pytest.raises(ConfigError, match="telegram:12345"):
        read_settings()


def test_a_webhook_is_where_telegram_reaches_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(url: str, api_url: str = "https://api.telegram.org/") -> str:
        monkeypatch.setenv("FAULTLINE_TELEGRAM__WEBHOOK_URL", url)
        monkeypatch.setenv("FAULTLINE_TELEGRAM__API_URL", api_url)
        try:
            own = read_settings().tables[ADAPTER]
        except ConfigError as error:
            return str(error)
        assert isinstance(own, TelegramSettings)
        return own.webhook_url

    for right in ("https://bot.example/telegram", "https://bot.example:8443/", "https://bot.example", ""):
        assert told(right) == right
    for wrong in ("http://bot.example/telegram", "bot.example", "https://", "https://bot.example:x/"):
        assert told(wrong).startswith("setting telegram.webhook_url (or FAULTLINE_TELEGRAM__WEBHOOK_URL): ")
    assert "443, 80, 88 or 8443" in told("https://bot.example:9000/")
    own = "http://bot:9000/telegram"
    assert told(own, "http://localhost:8081") == own, "a server of one's own may use HTTP, and any port"


def test_the_secret_of_the_webhook_is_made_unless_it_is_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_TELEGRAM__WEBHOOK_URL", "https://bot.example/telegram")
    made = [read_settings().secrets for _ in range(2)]
    assert made[0] != made[1]
    assert min(len(secret) for secrets in made for secret in secrets) >= 32
    monkeypatch.setenv("FAULTLINE_TELEGRAM__WEBHOOK_SECRET", "hunter-2")
    assert read_settings().secrets == ("hunter-2",)
    monkeypatch.setenv("FAULTLINE_TELEGRAM__WEBHOOK_SECRET", "hunter 2")
    with pytest.raises(ConfigError, match="WEBHOOK_SECRET") as caught:
        read_settings()
    assert "hunter 2" not in str(caught.value)
