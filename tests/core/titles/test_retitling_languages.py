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
OTHERS = {
    "ro": (
        ("Drone au intrat în Kestrel", "Dronele nu au intrat în Kestrel"),
        ("Explozie în portul Varn", "Nicio explozie în portul Varn"),
        ("Ambasadorul confirmă întâlnirea de la Varn", "Ambasadorul dezminte întâlnirea de la Varn"),
        ("Doi morți după o explozie la Varn", "Explozie la Varn: niciun mort"),
        ("Guvernul a acceptat propunerea", "Guvernul a respins propunerea"),
    ),
    "hu": (
        ("Drónok repültek be Kestrelbe", "Nem repültek be drónok Kestrelbe"),
        ("Robbanás volt Varn kikötőjében", "Nem volt robbanás Varn kikötőjében"),
        ("A nagykövet megerősítette a varni találkozót", "A nagykövet cáfolta a varni találkozót"),
        ("Két halott egy varni robbanásban", "Senki nem halt meg a varni robbanásban"),
        ("Kestrel elfogadta a javaslatot", "Kestrel elutasította a javaslatot"),
    ),
    "bg": (
        ("Взрив в пристанището на Варн", "Няма взрив в пристанището на Варн"),
        ("Посланикът потвърди срещата във Варн", "Посланикът отрече срещата във Варн"),
        ("Двама загинали при взрив във Варн", "Взрив във Варн: няма загинали"),
        ("Кестрел прие предложението", "Кестрел отхвърли предложението"),
        ("Дронът падна край Варн", "Дронът не падна край Варн"),
    ),
    "cs": (
        ("Drony vlétly do Kestrelu", "Drony do Kestrelu nevlétly"),
        ("Výbuch v přístavu Varn", "Žádný výbuch v přístavu Varn"),
        ("Velvyslanec potvrdil schůzku ve Varnu", "Velvyslanec popřel schůzku ve Varnu"),
        ("Dva mrtví po výbuchu ve Varnu", "Výbuch ve Varnu: žádní mrtví"),
        ("Kestrel přijal návrh", "Kestrel odmítl návrh"),
    ),
    "sk": (
        ("Drony vleteli do Kestrelu", "Drony do Kestrelu nevleteli"),
        ("Výbuch v prístave Varn", "Žiadny výbuch v prístave Varn"),
        ("Veľvyslanec potvrdil stretnutie vo Varne", "Veľvyslanec poprel stretnutie vo Varne"),
        ("Dvaja mŕtvi po výbuchu vo Varne", "Výbuch vo Varne: žiadni mŕtvi"),
        ("Kestrel prijal návrh", "Kestrel odmietol návrh"),
    ),
    "et": (
        ("Plahvatus Varni sadamas", "Varni sadamas plahvatust ei olnud"),
        ("Suursaadik kinnitas kohtumist Varnis", "Suursaadik eitas kohtumist Varnis"),
        ("Kaks hukkunut plahvatuses Varnis", "Plahvatuses Varnis keegi ei hukkunud"),
        ("Kestrel võttis ettepaneku vastu", "Kestrel lükkas ettepaneku tagasi"),
        ("Kestrel sulges piiri", "Kestrel ei sulgenud piiri"),
    ),
    "lv": (
        ("Droni ielidoja Kestrelā", "Droni neielidoja Kestrelā"),
        ("Sprādziens Varnas ostā", "Sprādziena Varnas ostā nebija"),
        ("Vēstnieks apstiprina tikšanos Varnā", "Vēstnieks noliedz tikšanos Varnā"),
        ("Divi bojāgājušie sprādzienā Varnā", "Sprādzienā Varnā bojāgājušo nav"),
        ("Kestrela pieņēma priekšlikumu", "Kestrela noraidīja priekšlikumu"),
    ),
    "lt": (
        ("Dronai įskrido į Kestrelį", "Dronai neįskrido į Kestrelį"),
        ("Sprogimas Varno uoste", "Sprogimo Varno uoste nebuvo"),
        ("Ambasadorius patvirtino susitikimą Varne", "Ambasadorius paneigė susitikimą Varne"),
        ("Du žuvusieji per sprogimą Varne", "Sprogimas Varne: žuvusiųjų nėra"),
        ("Kestrelis priėmė pasiūlymą", "Kestrelis atmetė pasiūlymą"),
    ),
    "fi": (
        ("Räjähdys Varnin satamassa", "Varnin satamassa ei ollut räjähdystä"),
        ("Suurlähettiläs vahvisti tapaamisen Varnissa", "Suurlähettiläs kiisti tapaamisen Varnissa"),
        ("Kaksi kuollut räjähdyksessä Varnissa", "Kukaan ei kuollut räjähdyksessä Varnissa"),
        ("Kestrel hyväksyi ehdotuksen", "Kestrel hylkäsi ehdotuksen"),
        ("Kestrel sulki rajan", "Kestrel ei sulkenut rajaa"),
    ),
    "sv": (
        ("Drönare flög in över Kestrel", "Drönare flög inte in över Kestrel"),
        ("Explosion i hamnen i Varn", "Ingen explosion i hamnen i Varn"),
        ("Ambassadören bekräftar mötet i Varn", "Ambassadören dementerar mötet i Varn"),
        ("Två döda i explosion i Varn", "Ingen död i explosion i Varn"),
        ("Kestrel godkände förslaget", "Kestrel avvisade förslaget"),
    ),
    "no": (
        ("Droner fløy inn over Kestrel", "Droner fløy ikke inn over Kestrel"),
        ("Eksplosjon i havnen i Varn", "Ingen eksplosjon i havnen i Varn"),
        ("Ambassadøren bekrefter møtet i Varn", "Ambassadøren avkrefter møtet i Varn"),
        ("To døde i eksplosjon i Varn", "Ingen døde i eksplosjon i Varn"),
        ("Kestrel godtok forslaget", "Kestrel avviste forslaget"),
    ),
    "da": (
        ("Droner fløj ind over Kestrel", "Droner fløj ikke ind over Kestrel"),
        ("Eksplosion i havnen i Varn", "Ingen eksplosion i havnen i Varn"),
        ("Ambassadøren bekræfter mødet i Varn", "Ambassadøren afviser mødet i Varn"),
        ("To døde i eksplosion i Varn", "Ingen døde i eksplosion i Varn"),
        ("Kestrel lukkede grænsen", "Kestrel lukkede ikke grænsen"),
    ),
}
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
    ("ro", "Drone deasupra Kestrelului", "Drone deasupra Kestrelului, nu sunt victime"),
    ("hu", "Kestrel lezárta a határt Volgiával", "Kestrel lezárja a határt Volgiával"),
    ("bg", "Дронове над Кестрел", "Дронове над Кестрел, няма пострадали"),
    ("cs", "Kestrel uzavřel hranici", "Kestrel uzavírá hranici"),
    ("sk", "Drony nad Kestrelom", "Drony nad Kestrelom, nikto nie je zranený"),
    ("et", "Droonid Kestreli kohal", "Droonid Kestreli kohal, keegi viga ei saanud"),
    ("lv", "Kestrela slēdza robežu", "Kestrela slēdz robežu"),
    ("lt", "Dronai virš Kestrelio", "Dronai virš Kestrelio, nukentėjusių nėra"),
    ("fi", "Kestrel sulki rajan", "Kestrel sulkee rajan"),
    ("sv", "Drönare över Kestrel", "Drönare över Kestrel, ingen skadad"),
    ("no", "Kestrel stengte grensen", "Kestrel stenger grensen"),
    ("da", "Droner over Kestrel", "Droner over Kestrel, ingen kom til skade"),
)


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        (lang, *pair)
        for lang, pairs in (("de", GERMAN), ("uk", UKRAINIAN), ("pl", POLISH), ("fr", FRENCH), *OTHERS.items())
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
