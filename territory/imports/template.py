"""The workbook that a Caf fills in: one sheet a theme, one row a territory, one column an indicator and a year."""

from collections.abc import Iterable
from datetime import date

from ctg_site.lib.sheets import Sheet, workbook
from territory.models import Ctg, Indicator, Territory

HOW_TO = [
    "Une feuille par thème, une ligne par territoire, une colonne par indicateur.",
    "Remplissez ce que vous avez, laissez le reste vide : une case vide ne change rien.",
    "Ne changez ni les codes, ni la partie entre crochets des intitulés : c’est elle qui dit de quel indicateur il s’agit.",
    "L’année est à la fin de l’intitulé ; changez-la au besoin. Pour une évolution, écrivez les deux années : 2014-2019.",
    "Vous pouvez ajouter des lignes (avec leur code) et retirer des colonnes ou des feuilles.",
    "Un pourcentage s’écrit 43 % ; 0,43 sans le signe % vous vaudra une question.",
    "« s » pour un chiffre secret, « n.d. » pour un chiffre non disponible, « so » quand il est sans objet.",
    "N’écrivez aucun nom de personne, aucun numéro d’allocataire ou de sécurité sociale : le fichier serait refusé.",
]
SPAN = 5  # years that an evolution usually covers
LEVELS = {kind.value: kind.label for kind in Territory.Kind}


def template_workbook(ctg: Ctg, *, year: int, on: date) -> bytes:
    places = _places(ctg)
    themes = [(theme, list(Indicator.objects.filter(theme=theme.value))) for theme in Indicator.Theme]
    sheets = [Sheet("Mode d’emploi", {"Consigne": str}, HOW_TO, "À lire avant de remplir.")]
    sheets += [_theme_sheet(str(theme.label), indicators, places, year) for theme, indicators in themes if indicators]
    return workbook(f"Chiffres à remplir : {ctg}", sheets, source=ctg.caf.name, on=on)


def heading_of(indicator: Indicator, year: int) -> str:
    unit = f" ({indicator.unit_words})" if indicator.unit != Indicator.Unit.COUNT else ""
    years = f"{year - SPAN}-{year}" if indicator.is_evolution else str(year)
    return f"{indicator.label}{unit} [{indicator.code}] {years}"


def _theme_sheet(title: str, indicators: Iterable[Indicator], places: list[Territory], year: int) -> Sheet:
    columns = {
        "Niveau": lambda place: LEVELS[place.kind],
        "Code": lambda place: place.code,
        "Territoire": lambda place: place.name,
    }
    return Sheet(title, columns | {heading_of(indicator, year): lambda place: None for indicator in indicators}, places)


def _places(ctg: Ctg) -> list[Territory]:
    """The territory of the figures, its communes, then the levels it is compared with."""
    above, place = [], ctg.territory.parent
    while place:
        above.append(place)
        place = place.parent
    communes = ctg.communes.order_by("name", "pk") if ctg.territory.kind != Territory.Kind.COMMUNE else []
    return [ctg.territory, *communes, *above]
