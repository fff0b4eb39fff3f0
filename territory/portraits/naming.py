"""The name of a place inside a French sentence: « de Conflent-Canigó », « du Vallespir », « des Pyrénées-Orientales »."""

import re

from ctg_site.lib.text import of_place, search_key
from territory.models import Territory

# What the official code says of the article of each département and région, the others taking « de » or « d’ ».
ARTICLES = {
    "du": """Calvados, Cantal, Cher, Doubs, Finistère, Gard, Gers, Jura, Loir-et-Cher, Loiret, Lot, Lot-et-Garonne, Morbihan,
        Nord, Pas-de-Calais, Puy-de-Dôme, Bas-Rhin, Haut-Rhin, Rhône, Tarn, Tarn-et-Garonne, Var, Vaucluse,
        Territoire de Belfort, Val-de-Marne, Val-d’Oise, Centre-Val de Loire, Grand Est""",
    "de la": """Charente, Charente-Maritime, Corrèze, Côte-d’Or, Creuse, Dordogne, Drôme, Corse-du-Sud, Haute-Corse,
        Haute-Garonne, Gironde, Loire, Haute-Loire, Loire-Atlantique, Lozère, Manche, Marne, Haute-Marne, Mayenne, Meuse,
        Moselle, Nièvre, Haute-Saône, Sarthe, Savoie, Haute-Savoie, Seine-Maritime, Somme, Vendée, Vienne, Haute-Vienne,
        Seine-Saint-Denis, Guadeloupe, Martinique, Guyane, Nouvelle-Aquitaine""",
    "des": """Alpes-de-Haute-Provence, Hautes-Alpes, Alpes-Maritimes, Ardennes, Bouches-du-Rhône, Côtes-d’Armor, Landes,
        Pyrénées-Atlantiques, Hautes-Pyrénées, Pyrénées-Orientales, Yvelines, Deux-Sèvres, Vosges, Hauts-de-Seine,
        Hauts-de-France, Pays de la Loire""",
    "de l’": """Ain, Aisne, Allier, Ardèche, Ariège, Aube, Aude, Aveyron, Eure, Hérault, Indre, Isère, Oise, Orne, Yonne,
        Essonne""",
}
_ARTICLE_OF = {
    search_key(name): article for article, names in ARTICLES.items() for name in " ".join(names.split()).split(", ")
}
_WITH_ARTICLES = (Territory.Kind.DEPARTEMENT, Territory.Kind.REGION)
_FULL_NAME = re.compile(
    r"(?:Communauté (?:de communes|d’agglomération|urbaine)|Métropole) (?P<rest>(?:du|de la|des|de|d’|de l’)[\s’]?.+)"
)


def of(place: Territory) -> str:
    """An EPCI has its article in its legal name: « Communauté de communes du Vallespir »."""
    if place.kind in _WITH_ARTICLES and (article := _ARTICLE_OF.get(search_key(place.name))):
        return f"{article}{place.name}" if article.endswith("’") else f"{article} {place.name}"
    if place.kind == Territory.Kind.EPCI:
        found = next(filter(None, map(_FULL_NAME.fullmatch, place.aliases)), None)
        return found["rest"] if found else of_place(place.name)
    return of_place(place.name)


def than(name: str) -> str:
    """« que Vallespir », « qu’Aspres »."""
    return f"qu’{name}" if search_key(name)[:1] in "aeiouy" else f"que {name}"


def ordinal(rank: int) -> str:
    return "1er" if rank == 1 else f"{rank}e"
