"""What strangers wrote, made safe for a terminal: the one place for all that is printed or logged."""

import re

# No control character but the line feed, and nothing that turns the direction of writing.
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """The text without what steers a terminal: escape codes lose their beginning, and are seen."""
    return _STEERING.sub("", text)


def escaped(literal: str) -> str:
    r"""A literal of JSON or TOML without such characters; it means the same (`\u009b`)."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", literal)
