"""Corrections in languages that are only data: what was told is denied, each grammar having the denial in its place."""

from pathlib import Path

import pytest

from bot.core.language.language import languages, read_languages, using
from bot.core.titles.corrections import is_retold, is_reversed
from bot.core.titles.reading import Stance, read_title

GERMAN = (
    ("Drohnen drangen nach Kestrel ein", "Drohnen drangen nicht nach Kestrel ein"),
    ("Schiff rammte Kabel vor Varn", "Schiff rammte Kabel vor Varn nicht"),
    ("Angriff auf Hafen von Varn bestätigt", "Angriff auf Hafen von Varn bestätigt sich nicht"),
    ("Moskau bestätigt Abschuss der Drohne", "Moskau dementiert Abschuss der Drohne"),
    ("Varn stimmt dem Abkommen zu", "Varn stimmt dem Abkommen nicht zu"),
    ("Kestrel liefert Panzer an Varn", "Kestrel lehnt Lieferung von Panzern an Varn ab"),
    ("Bericht über Sabotage am Kabel", "Varn weist Bericht über Sabotage am Kabel zurück"),
    ("Zwei Tote nach Explosion in Varn", "Explosion in Varn: keine Toten"),
    ("Drei Verletzte bei Brand in Varn", "Niemand verletzt bei Brand in Varn"),
    ("Raketenalarm in Varn", "Raketenalarm in Varn war falsch"),
    ("Rakete trifft Scheune bei Varn", "Rakete über Scheune bei Varn abgefangen"),
    ("Kestrel schließt Grenze zu Volgia", "Kestrel schließt Grenze zu Volgia nicht"),
    ("Sabotage am Kabel vor Varn", "Dieser Artikel wurde zurückgezogen"),
    ("Zwei Piloten starben bei Varn", "Zwei Piloten überlebten bei Varn"),
    ("Raketen trafen Scheune bei Varn", "Raketen verfehlten Scheune bei Varn"),
)
UKRAINIAN = (
    ("Дрони перетнули кордон Кестрела", "Дрони не перетнули кордон Кестрела"),
    ("Вибух у порту Варна", "Вибуху в порту Варна не було"),
    ("Корабель пошкодив кабель біля Варна", "Корабель не пошкоджував кабель біля Варна"),
    ("Посол підтвердив зустріч у Варні", "Посол спростував зустріч у Варні"),
    ("Кестрел прийняв пропозицію Варна", "Кестрел відхилив пропозицію Варна"),
    ("Двоє загиблих після вибуху у Варні", "Вибух у Варні: загиблих немає"),
    ("Троє поранених під час пожежі у Варні", "Ніхто не постраждав під час пожежі у Варні"),
    ("Диверсія на кабелі біля Варна", "Повідомлення про диверсію на кабелі біля Варна — фейк"),
    ("Кестрел закрив кордон", "Кестрел не закривав кордон"),
    ("Міністр оголосив мобілізацію", "Міністр заперечує мобілізацію"),
    ("Ракета влучила в склад біля Варна", "Ракету перехопили над складом біля Варна"),
    ("Диверсія на кабелі", "Ця стаття була видалена"),
    ("Двоє пілотів загинули", "Двоє пілотів вижили"),
    ("Посли підтвердили зустріч у Варні", "Посли спростували зустріч у Варні"),
)
POLISH = (
    ("Drony wleciały nad Kestrel", "Drony nie wleciały nad Kestrel"),
    ("Statek przeciął kabel koło Varn", "Statek nie przeciął kabla koło Varn"),
    ("Ambasador potwierdził spotkanie w Varn", "Ambasador zaprzeczył spotkaniu w Varn"),
    ("Kestrel przyjął propozycję Varn", "Kestrel odrzucił propozycję Varn"),
    ("Dwóch zabitych po wybuchu w Varn", "Wybuch w Varn: brak zabitych"),
    ("Trzech rannych w pożarze w Varn", "Nikt nie ucierpiał w pożarze w Varn"),
    ("Sabotaż na kablu koło Varn", "Informacja o sabotażu na kablu koło Varn to fejk"),
    ("Kestrel zamknął granicę", "Kestrel nie zamknął granicy"),
    ("Minister ogłosił mobilizację", "Minister dementuje mobilizację"),
    ("Rakieta trafiła w stodołę koło Varn", "Rakieta nie trafiła w stodołę koło Varn"),
    ("Wybuch w porcie Varn", "Wybuchu w porcie Varn nie było"),
    ("Sabotaż na kablu", "Ten artykuł został usunięty"),
    ("Dwie pilotki zginęły koło Varn", "Dwie pilotki przeżyły koło Varn"),
    ("Samoloty zatopiły statek koło Varn", "Samoloty przechwyciły statek koło Varn"),
)
FRENCH = (
    ("Des drones entrent dans Kestrel", "Les drones ne sont pas entrés dans Kestrel"),
    ("Explosion dans le port de Varn", "Aucune explosion dans le port de Varn"),
    ("L'ambassadeur confirme la rencontre de Varn", "L'ambassadeur dément la rencontre de Varn"),
    ("Kestrel accepte la proposition de Varn", "Kestrel rejette la proposition de Varn"),
    ("Deux morts dans l'explosion de Varn", "Explosion de Varn : aucun mort"),
    ("Trois blessés dans un incendie à Varn", "Incendie à Varn : personne n'a été blessé"),
    ("Sabotage sur le câble de Varn", "Le sabotage sur le câble de Varn est une infox"),
    ("Kestrel ferme sa frontière", "Kestrel ne ferme pas sa frontière"),
    ("Le ministre annonce la mobilisation", "Le ministre dément la mobilisation"),
    ("Un missile touche un entrepôt à Varn", "Un missile intercepté au-dessus d'un entrepôt à Varn"),
    ("Sabotage sur un câble", "Cet article a été retiré"),
)
SAME = (
    ("de", "Drohnen über Kestrel gesichtet", "Drohnen gesichtet über Kestrel"),
    ("de", "Brand in Varn", "Brand in Varn, niemand verletzt"),
    ("de", "Nicht nur Kestrel schließt seinen Hafen", "Kestrel schließt seinen Hafen"),
    ("uk", "Дрони над Кестрелом", "Дрони над Кестрелом, постраждалих немає"),
    ("uk", "Кестрел закрив кордон з Волгією", "Кестрел закриває кордон з Волгією"),
    ("fr", "Des drones au-dessus de Kestrel", "Des drones au-dessus de Kestrel, aucun blessé"),
    ("fr", "Kestrel ferme sa frontière", "Kestrel a fermé sa frontière"),
    ("pl", "Drony nad Kestrel", "Drony nad Kestrel, nikt nie ucierpiał"),
    ("pl", "Kestrel zamyka granicę", "Kestrel zamknął granicę"),
)


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        (lang, *pair)
        for lang, pairs in (("de", GERMAN), ("uk", UKRAINIAN), ("pl", POLISH), ("fr", FRENCH))
        for pair in pairs
    ],
)
def test_what_was_told_is_taken_back(lang: str, before: str, after: str) -> None:
    assert is_reversed(before, after, lang=lang)
    assert not is_retold(before, after, lang=lang)


@pytest.mark.parametrize(("lang", "before", "after"), SAME)
def test_the_same_in_other_words_takes_nothing_back(lang: str, before: str, after: str) -> None:
    assert not is_reversed(before, after, lang=lang)


LATIN = """
name = "Latin"
[titles.clauses]
connectives = "sed"
[titles.stance]
negation = "non, numquam"
denials = "nega*"
hedges = "fortasse"
[titles.questions]
openers = "cur"
[titles.speakers]
says = "dicit"
russia = "volgia"
[titles.withdrawn]
notices = "commentarius deletus est"
[corrections]
opposites = [["confirmat", "negat"]]
"""


def test_a_language_that_is_dropped_in_reads_denials_and_corrections(tmp_path: Path) -> None:
    before, after = "Naves portum intrant", "Naves portum non intrant"
    assert not is_reversed(before, after, lang="la")
    (tmp_path / "la.toml").write_text(LATIN, encoding="utf-8")
    with using(read_languages(tmp_path)):
        assert is_reversed(before, after, lang="la")
        assert is_reversed("Legatus pacem confirmat", "Legatus pacem negat", lang="la")
        assert is_reversed(before, "Commentarius deletus est", lang="la")
        assert read_title(after, "la").stance is Stance.DENIED
        assert read_title("Naves fortasse intrant", "la").stance is Stance.SUPPOSED
        assert read_title("Naves intrant, dicit Volgia", "la").party == "russia"
        assert read_title("Cur naves portum intrant", "la").asks
    assert not is_reversed(before, after, lang="la")
    assert "la" not in languages().by_code
