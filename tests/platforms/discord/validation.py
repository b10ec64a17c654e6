"""What Discord refuses of a message, as strictly as it does.

https://docs.discord.com/developers/resources/message, .../components/reference
"""

from typing import Any
from urllib.parse import urlsplit

from tests.platforms.discord.world import Json, Refusal

LIMITS = {"title": 256, "description": 4096}


def invalid(field: str, reason: str) -> Refusal:
    return Refusal(400, 50035, "Invalid Form Body", errors={field: {"_errors": [{"code": "BASE", "message": reason}]}})


def checked(asked: Json, *, by_bot: bool = True) -> Json:
    """The message, if Discord takes it."""
    content = asked.get("content") or ""
    embeds = asked.get("embeds") or []
    if len(content) > 2000:
        raise invalid("content", "Must be 2000 or fewer in length.")
    if not content.strip() and not embeds:
        raise Refusal(400, 50006, "Cannot send an empty message")
    if len(embeds) > 10:
        raise invalid("embeds", "Must be 10 or fewer in length.")
    if sum(map(_embed, embeds)) > 6000:
        raise invalid("embeds", "Embed size exceeds maximum size of 6000")
    _components(asked.get("components") or [])
    if len(str(asked.get("nonce") or "")) > 25:
        raise invalid("nonce", "Must be 25 or fewer in length.")
    mentions = asked.get("allowed_mentions")
    assert not by_bot or (mentions is not None and not mentions["parse"]), "nobody is mentioned unasked"
    assert not mentions or not (mentions.get("users") or mentions.get("replied_user")), "no person is mentioned"
    return asked


def _embed(embed: Json) -> int:
    texts = [embed.get(name) or "" for name in LIMITS]
    for name, most in LIMITS.items():
        _length(f"embeds.{name}", embed.get(name) or "", most)
    fields = embed.get("fields", [])
    if len(fields) > 25:
        raise invalid("embeds.fields", "Must be 25 or fewer in length.")
    for each in fields:
        if not each["name"].strip() or not each["value"].strip():
            raise invalid("embeds.fields", "This field is required")
        _length("embeds.fields.name", each["name"], 256)
        _length("embeds.fields.value", each["value"], 1024)
        texts += [each["name"], each["value"]]
    author = embed.get("author", {}).get("name", "")
    _length("embeds.author.name", author, 256)
    if embed.get("url") and (urlsplit(embed["url"]).scheme not in {"http", "https"} or " " in embed["url"]):
        raise invalid("embeds.url", "Not a well formed URL.")
    if not any(text.strip() for text in (*texts, author)):
        raise Refusal(400, 50006, "Cannot send an empty message")
    return sum(map(_units, (*texts, author)))


def _components(rows: list[Any]) -> None:
    if len(rows) > 5:
        raise invalid("components", "Must be 5 or fewer in length.")
    ids = []
    for row in rows:
        if not 1 <= len(row["components"]) <= 5:
            raise invalid("components", "Must be between 1 and 5 in length.")
        for button in row["components"]:
            if not 1 <= len(button["custom_id"]) <= 100:
                raise invalid("components.custom_id", "Must be between 1 and 100 in length.")
            if not button["label"].strip() or len(button["label"]) > 80:
                raise invalid("components.label", "Must be between 1 and 80 in length.")
            ids.append(button["custom_id"])
    if len(set(ids)) < len(ids):
        raise invalid("components", "Component custom id cannot be duplicated")


def _length(where: str, text: str, most: int) -> None:
    if _units(text) > most:
        raise invalid(where, f"Must be {most} or fewer in length.")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
