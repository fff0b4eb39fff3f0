"""A table that no family takes: what is missing in it, in the words of its own headings."""

from ctg_site.lib.text import search_key
from territory.imports.families import MEASURES, code_column
from territory.imports.headings import CNAF, IRIS, Headings

MOST_NAMED = 6
NO_CODE = (
    "Feuille « {sheet} », ligne {row} : aucune colonne ne donne le code des territoires. Ajoutez une colonne « Code Insee » "
    "(ou le numéro Siren d’une intercommunalité) : deux communes peuvent porter le même nom, un code est sûr."
)
NO_INDICATOR = (
    "Feuille « {sheet} », ligne {row} : la colonne « {code} » donne des territoires, mais aucune autre n’est un chiffre que le "
    "catalogue connaît ({others}). Nommez vos colonnes comme dans le modèle Excel, ou déposez un autre fichier."
)
YEARS_ACROSS = (
    "Feuille « {sheet} », ligne {row} : les indicateurs sont en lignes et les années en colonnes. Mettez l’année dans une colonne "
    "« Année » et le chiffre dans une colonne « Valeur », ou une colonne par indicateur et par année, comme dans le modèle Excel."
)
TURNED = (
    "Feuille « {sheet} » : les indicateurs sont en lignes et les territoires en colonnes. Mettez une ligne par territoire, avec "
    "son code, et une colonne par indicateur (dans Excel : Copier, puis Collage spécial › Transposer)."
)


def why_unknown(sheet: str, rows: list[list[str]], headings: Headings) -> str:
    """Empty where nothing in the table looks like headings of ours."""
    turned = any(_is_known(cells[0].strip(), headings) for cells in rows if cells and cells[0] and any(cells[1:]))
    for row, cells in enumerate(rows, 1):
        told = [cell.strip() for cell in cells if cell.strip()]
        code = code_column(told)
        known = [cell for cell in told if _is_known(cell, headings)]
        if code is None and len(told) > 1 and known and not turned:
            return NO_CODE.format(sheet=sheet, row=row)
        if code is None or len(told) < 2:
            continue
        if any(search_key(cell) in MEASURES for cell in told):
            return YEARS_ACROSS.format(sheet=sheet, row=row)
        others = [cell for cell in told if cell != code]
        named = ", ".join(f"« {cell[:40]} »" for cell in others[:MOST_NAMED])
        more = "…" if len(others) > MOST_NAMED else ""
        return NO_INDICATOR.format(sheet=sheet, row=row, code=code, others=named + more)
    return TURNED.format(sheet=sheet) if turned else ""


def _is_known(cell: str, headings: Headings) -> bool:
    return bool(cell) and (
        headings.dated(cell) is not None or any(headings.find(family, cell) for family in (CNAF, IRIS) if len(cell) > 2)
    )
