"""The register of the money: lines, equipments, stated totals and their gap. The sheet of lines is also what an import reads."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ctg_site.lib.sheets import Cell, Sheet, csv_file, euro, number, workbook
from territory.models import Caf, ControlTotal, Ctg, Facility, FundingLine, LegacyShare, Rounding, Scheme, ServiceKind
from territory.reconciliation import Reconciliation, reconcile

LINES, FACILITIES, TOTALS, GAPS, SHARES = "Lignes", "Équipements", "Totaux annoncés", "Rapprochement", "Cej"

LINES_NOTE = (
    "Une ligne par équipement ou service. « à chiffrer » se lit dans le montant ; laissé vide à côté d’un coût par unité, "
    "le montant se calcule avec les barèmes de l’année."
)
TOTALS_NOTE = "Ce qu’un document annonce, gardé à côté de la somme des lignes."
SHARES_NOTE = (
    "Une ligne par action et par équipement. Le montant de l’action se partage au prorata des unités existantes, "
    "au centime ; le montant figé se calcule, il ne se saisit pas."
)

Columns = dict[str, Callable[[Any], Any]]

LINE_COLUMNS: Columns = {
    "Code du territoire": lambda line: line.territory.code,
    "Territoire": lambda line: line.territory.name,
    "Année": lambda line: Cell(line.year, "0"),
    "Rattachement": lambda line: line.get_period_display(),
    "Code équipement": lambda line: line.facility.code if line.facility else None,
    "Nature": lambda line: line.service.label,
    "Objet": lambda line: line.label,
    "Dispositif": lambda line: line.scheme.label,
    "État": lambda line: line.get_state_display(),
    "Section": lambda line: line.get_nature_display(),
    "Versé à": lambda line: line.payee.name if line.payee else None,
    "Convention": lambda line: line.agreement.reference if line.agreement else None,
    "Quantité": lambda line: number(line.quantity, 2),
    "Unité": lambda line: line.unit,
    "Montant (€)": lambda line: "à chiffrer" if line.amount is None else euro(line.amount),
    "Précision": lambda line: line.get_rounding_display(),
    "Source": lambda line: line.source,
    "Coût par unité (€)": lambda line: euro(line.unit_cost),
    "Taux de facturation (%)": lambda line: number(line.billing, 2),
    "Participation des familles (€ par unité)": lambda line: euro(line.family_share),
    "Taux de régime général (%)": lambda line: number(line.general_scheme, 2),
}

FACILITY_COLUMNS: Columns = {
    "Code équipement": lambda facility: facility.code,
    "Nom": lambda facility: facility.name,
    "Nature": lambda facility: facility.kind.label,
    "Gestionnaire": lambda facility: facility.manager.name,
    "Code Insee du siège": lambda facility: facility.seat.code,
    "Commune du siège": lambda facility: facility.seat.name,
    "Communes desservies": lambda facility: ", ".join(commune.name for commune in facility.served.all()),
    "Capacité": lambda facility: number(facility.capacity, 2),
    "Unité": lambda facility: facility.get_capacity_unit_display(),
    "Ouvert le": lambda facility: facility.opened_on,
    "Fermé le": lambda facility: facility.closed_on,
    "Agrément": lambda facility: facility.approval,
    "Démonstration": lambda facility: facility.is_demo,
}

TOTAL_COLUMNS: Columns = {
    "Code du territoire": lambda total: total.territory.code,
    "Territoire": lambda total: total.territory.name,
    "Année": lambda total: Cell(total.year, "0"),
    "Dispositif": lambda total: total.scheme.label,
    "Montant annoncé (€)": lambda total: euro(total.amount),
    "Précision": lambda total: total.get_rounding_display(),
    "Source": lambda total: total.source,
}

SHARE_COLUMNS: Columns = {
    "Contrat": lambda share: share.action.contract.name,
    "Action": lambda share: share.action.label,
    "Nature": lambda share: share.action.service.label,
    "Montant de l’action (€)": lambda share: euro(share.action.amount),
    "Code équipement": lambda share: share.facility.code,
    "Équipement": lambda share: share.facility.name,
    "Unités existantes": lambda share: number(share.units, 2),
    "Participation de la collectivité (€)": lambda share: euro(share.local_amount),
    "Montant figé (€)": lambda share: euro(share.amount),
}

GAP_COLUMNS: Columns = {
    "Territoire": lambda gap: gap[0],
    "Année": lambda gap: Cell(gap[1], "0"),
    "Somme des lignes, services (€)": lambda gap: euro(gap[2].lines_sum),
    "Totaux annoncés (€)": lambda gap: euro(gap[2].stated),
    "Écart (€)": lambda gap: euro(gap[2].gap),
    "Écart (% des totaux annoncés)": lambda gap: number(gap[2].gap_percent, 3),
    "Les arrondis peuvent l’expliquer": lambda gap: gap[2].rounding_can_explain,
    "Aides aux projets (€)": lambda gap: euro(gap[3]),
    "Lignes et projets (€)": lambda gap: euro(gap[2].lines_sum + gap[3]),
    "Totaux annoncés et projets (€)": lambda gap: euro(gap[2].stated + gap[3]),
}


def lines_of(caf: Caf, ctg: Ctg | None = None) -> list[FundingLine]:
    rows = FundingLine.objects.filter(caf=caf)
    if ctg is not None:
        rows = rows.filter(territory=ctg.territory)
    related = rows.select_related("territory", "service", "scheme", "facility", "payee", "agreement")
    return list(related.order_by("territory__name", "-year", "state", "-amount", "pk"))


def register_workbook(caf: Caf, *, on: date, ctg: Ctg | None = None) -> bytes:
    """Everything of a Caf, or of one of its Ctgs; its sheet of lines, sent back unchanged, changes nothing."""
    lines = lines_of(caf, ctg)
    facilities = Facility.objects.of(ctg) if ctg else Facility.objects.filter(caf=caf)
    totals = ControlTotal.objects.filter(caf=caf).select_related("territory", "scheme")
    if ctg is not None:
        totals = totals.filter(territory=ctg.territory)
    stated = list(totals.order_by("territory__name", "-year", "scheme__position", "pk"))
    sheets = [
        Sheet(LINES, LINE_COLUMNS, lines, "Une ligne par équipement ou service, dispositif, année et état."),
        Sheet(FACILITIES, FACILITY_COLUMNS, facilities.for_list()),
        Sheet(TOTALS, TOTAL_COLUMNS, stated, TOTALS_NOTE),
        Sheet(GAPS, GAP_COLUMNS, gaps_of(lines, stated), "L’écart est montré, jamais corrigé."),
    ]
    if ctg is None:  # the Cej is the business of the Caf, not of the public workbook of a territory
        sheets.append(Sheet(SHARES, SHARE_COLUMNS, shares_of(caf), SHARES_NOTE))
    return workbook(f"Financements, {ctg or caf}", sheets, source=caf.name, on=on)


def shares_of(caf: Caf) -> list[LegacyShare]:
    rows = LegacyShare.objects.filter(action__contract__caf=caf)
    related = rows.select_related("action__contract", "action__service", "facility")
    return list(related.order_by("action__contract__name", "action__label", "facility__name", "pk"))


def lines_csv(caf: Caf, ctg: Ctg | None = None) -> bytes:
    return csv_file(Sheet(LINES, LINE_COLUMNS, lines_of(caf, ctg)))


def template_workbook(caf: Caf, *, on: date) -> bytes:
    """Empty sheets to fill, and the words that their cells accept."""
    words = [("Nature", str(kind)) for kind in ServiceKind.objects.order_by("position", "label", "pk")]
    words += [("Dispositif", str(scheme)) for scheme in Scheme.objects.order_by("position", "label", "pk")]
    for heading, labels in [
        ("Rattachement", FundingLine.Period.labels),
        ("État", FundingLine.State.labels),
        ("Section", FundingLine.Nature.labels),
        ("Précision", Rounding.labels),
    ]:
        words += [(heading, str(label)) for label in labels]
    columns: Columns = {"Colonne": lambda word: word[0], "Valeur admise": lambda word: word[1]}
    sheets = [
        Sheet(LINES, LINE_COLUMNS, [], LINES_NOTE),
        Sheet(TOTALS, TOTAL_COLUMNS, [], TOTALS_NOTE),
        Sheet(SHARES, SHARE_COLUMNS, [], SHARES_NOTE),
        Sheet("Valeurs admises", columns, words),
    ]
    return workbook("Modèle d’import des financements", sheets, source=caf.name, on=on)


def gaps_of(
    lines: Sequence[FundingLine], totals: Iterable[ControlTotal]
) -> list[tuple[str, int, Reconciliation, Decimal]]:
    """By territory and year where a total is stated: against the real lines, or the best known ones."""
    groups: dict[tuple[int, int], list[ControlTotal]] = {}
    for total in totals:
        groups.setdefault((total.territory_id, total.year), []).append(total)
    rows = []
    for (territory, year), stated in groups.items():
        own = best_known([line for line in lines if (line.territory_id, line.year) == (territory, year)])
        services = [line for line in own if not line.service.is_project]
        projects = sum((line.amount or Decimal(0) for line in own if line.service.is_project), Decimal(0))
        if (found := reconcile(services, stated)) is not None:
            rows.append((stated[0].territory.name, year, found, projects))
    return rows


def best_known(lines: Sequence[FundingLine]) -> list[FundingLine]:
    """One state, the surest that has lines: states are never added together."""
    for state in (FundingLine.State.ACTUAL, FundingLine.State.UPDATED, FundingLine.State.PLANNED):
        if found := [line for line in lines if line.state == state]:
            return found
    return []
