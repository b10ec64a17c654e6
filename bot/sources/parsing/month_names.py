"""The names of months in the languages of our sources and their neighbours, as Unicode CLDR has them.

Folded (see `bot.core.language.text.fold`), in the cases that dates take: English, Russian, Ukrainian, Belarusian,
German, French, Spanish, Italian, Portuguese, Polish, Czech, Slovak, Dutch, Swedish, Norwegian, Danish, Finnish,
Estonian, Latvian, Lithuanian, Romanian, Bulgarian, Turkish, Hungarian and Greek. A row a month; no name means two of
them.
"""

NAMES = (
    "january января январь сичня сичень студзеня студзень janvier enero gennaio janeiro stycznia styczen ledna "
    "leden januara januari tammikuuta jaanuar janvaris sausio sausis ianuarie януари ocak ιανουαριου ιανουαριοσ",
    "february февраля февраль лютого лютий лютага люты fevrier febrero febbraio fevereiro lutego luty unora "
    "februara helmikuuta veebruar februaris vasario vasaris februarie февруари subat φεβρουαριου φεβρουαριοσ",
    "march mar марта березня березень сакавика mars marzo marco marca marzec brezna brezen marec maart mrt marts "
    "maaliskuuta kovo kovas martie marcius μαρτιου μαρτιοσ",
    "апреля апрель квитня квитень красавика avril abril aprile kwietnia kwiecien dubna duben aprila huhtikuuta "
    "aprill aprilis balandzio balandis aprilie април nisan απριλιου απριλιοσ",
    "мая май травня травень mayo maggio maio maja kvetna kveten mei toukokuuta maijs geguzes mayis majus μαιου μαιοσ",
    "june июня июнь червня червень чэрвеня чэрвень juin junio giugno junho czerwca czerwiec cervna cvn cerven juna "
    "kesakuuta juuni junijs birzelio birzelis iunie юни haziran junius ιουνιου ιουνιοσ",
    "july июля июль липня липень липеня juillet julio luglio julho lipca lipiec cervence cvc cervenec jula "
    "heinakuuta juuli julijs liepos liepa iulie юли temmuz julius ιουλιου ιουλιοσ",
    "августа серпня серпень жниуня жнивень aout agosto sierpnia sierpien srpna srpen augusta augustus augusti "
    "elokuuta augusts rugpjucio rugpjutis agustos augusztus αυγουστου αυγουστοσ",
    "september сентября сентябрь вересня вересень верасня верасень septembre septiembre settembre setembro wrzesnia "
    "wrzesien zari septembra syyskuuta septembris rugsejo rugsejis septembrie септември eylul szeptember "
    "σεπτεμβριου σεπτεμβριοσ",
    "october октября октябрь жовтня жовтень кастрычника oktober octobre octubre ottobre outubro pazdziernika rijna "
    "rijen oktobra lokakuuta oktoober oktobris spalio spalis octombrie октомври ekim οκτωβριου οκτωβριοσ",
    "november ноября ноябрь листопада листапада novembre noviembre novembro listopada listopadu novembra "
    "marraskuuta novembris lapkricio lapkritis noiembrie ноември kasim νοεμβριου νοεμβριοσ",
    "december декабря декабрь грудня грудень снежня снежань dezember decembre diciembre dicembre dezembro grudnia "
    "grudzien prosince prosinec decembra desember joulukuuta detsember decembris gruodzio gruodis decembrie "
    "декември aralik δεκεμβριου δεκεμβριοσ",
)
