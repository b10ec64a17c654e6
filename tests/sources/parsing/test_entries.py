"""Titles of posts that have none."""

import pytest

from bot.sources.parsing.entries import headline


@pytest.mark.parametrize(
    ("post", "title"),
    [
        ("Boats left Kestrel at dawn. Nobody saw them.", "Boats left Kestrel at dawn."),
        ("Fire! Boats left Kestrel. More soon.", "Fire! Boats left Kestrel."),
        ("Varn denies claims by Lt. Gen. Hale. More soon.", "Varn denies claims by Lt. Gen. Hale."),
        ("По словам ген. Орлова, гавань закрыта. Подробности позже.", "По словам ген. Орлова, гавань закрыта."),
        ("Ущерб превысил 3 млн. По данным порта, он вырос. Ещё.", "Ущерб превысил 3 млн. По данным порта, он вырос."),
        ("Sirens in Kestrel tonight. 🔴 Details follow.", "Sirens in Kestrel tonight."),
        ("Boats of the U.S. that left Varn came back.", "Boats of the U.S. that left Varn came back."),
    ],
)
def test_a_title_is_a_whole_sentence(post: str, title: str) -> None:
    assert headline(post) == title
