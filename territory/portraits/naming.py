"""The name of a place inside a French sentence: « de Conflent-Canigó », « du Vallespir », « des Pyrénées-Orientales »."""

import re

from ctg_site.lib import numbers
from ctg_site.lib.text import at_place, of_place, search_key
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
# « en Savoie », and not « dans la Savoie ».
WITHOUT_ARTICLE = """Guadeloupe, Martinique, Guyane, Charente, Corrèze, Creuse, Dordogne, Gironde, Lozère, Mayenne, Moselle, Savoie,
    Vendée"""
_BARE = {search_key(name) for name in WITHOUT_ARTICLE.split(",")}
_TOWNS = {"paris", "mayotte", "la reunion"}  # « à », whatever their level
_FULL_NAME = re.compile(
    r"(?:Communauté (?:de communes|d’agglomération|urbaine)|Métropole) (?P<rest>(?:du|de la|des|de|d’|de l’)[\s’]?.+)"
)
# The common noun that begins the short name of an EPCI keeps its article: « du Pays de Nexon », « de l’Agglo du Pays de Dreux ».
_NOUNS = {
    "du": "pays bassin val coeur golfe",
    "de la": "metropole communaute vallee plaine cote",
    "de l’": "agglo agglomeration intercom interco intercommunale entente",
    "des": "vallees monts portes rives",
}
_ARTICLE_BEFORE = {noun: article for article, nouns in _NOUNS.items() for noun in nouns.split()}
_INSIDE = {"du": "dans le", "de la": "dans la", "des": "dans les", "de l’": "dans l’"}


def of(place: Territory) -> str:
    """An EPCI has its article in its legal name: « Communauté de communes du Vallespir »."""
    article, name = _article(place)
    if not article:
        return of_place(name)
    return article + name if article.endswith("’") else f"{article} {name}"


def inside(place: Territory) -> str:
    """« dans le Vallespir », « dans les Pyrénées-Orientales », « à Prades », « en Occitanie »."""
    kinds, key = Territory.Kind, search_key(place.name)
    if place.kind == kinds.COMMUNE or key in _TOWNS:
        return at_place(place.name)
    if place.kind == kinds.FRANCE or (key in _BARE and place.kind in _WITH_ARTICLES):
        return f"en {place.name}"
    article, name = _article(place)
    if article == "de la" and "-" in name and place.kind in _WITH_ARTICLES:
        return f"en {name}"  # « en Loire-Atlantique », « en Haute-Corse »
    if article:
        start = _INSIDE[article]
        return start + name if start.endswith("’") else f"{start} {name}"
    if place.kind in _WITH_ARTICLES:
        return f"en {name}"
    return f"dans {'le périmètre' if place.kind == kinds.PERIMETER else 'l’intercommunalité'} {of_place(name)}"


def than(place: Territory) -> str:
    """« que dans le Vallespir », « qu’à Prades »."""
    where = inside(place)
    return f"que {where}" if where.startswith("dans") else f"qu’{where}"


def _article(place: Territory) -> tuple[str, str]:
    """The article, and the name that follows it; no article where the name goes without."""
    if place.kind in _WITH_ARTICLES:
        return _ARTICLE_OF.get(search_key(place.name), ""), place.name
    if place.kind != Territory.Kind.EPCI:
        return "", place.name
    found = next(filter(None, map(_FULL_NAME.fullmatch, place.aliases)), None)
    rest = found["rest"] if found else of_place(place.name)
    for article in ("du", "des", "de la", "de l’"):
        start = article if article.endswith("’") else f"{article} "
        if rest.startswith(start):
            return article, rest[len(start) :]
    name = rest.removeprefix("d’").removeprefix("de ") if found else place.name
    return _ARTICLE_BEFORE.get(search_key(name).partition(" ")[0], ""), name


def ordinal(rank: int) -> str:
    """« 1er », « 1 194e »."""
    return "1er" if rank == 1 else f"{numbers.integer(rank)}e"
