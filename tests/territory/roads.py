"""Four ways to enter the money of a Caf: its pages, the back office, a workbook, the shell. Each tells what it was refused."""

import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import DecimalField, IntegerField
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.lib.errors import RuleBroken
from territory.exports import template_workbook
from territory.exports.lines import LINES, SHARES, TOTALS
from territory.models import ControlTotal, FundingImport, FundingLine, LegacyAction, Role
from territory.services import save_control_total, save_funding_line, save_split_action
from tests.territory.factories import make_user
from tests.territory.money import AT, a_kind

ON = AT.date()
LINE_HEADINGS = {
    "territory": "Code du territoire",
    "year": "Année",
    "facility": "Code équipement",
    "service": "Nature",
    "label": "Objet",
    "scheme": "Dispositif",
    "state": "État",
    "nature": "Section",
    "quantity": "Quantité",
    "unit": "Unité",
    "amount": "Montant (€)",
    "payee": "Versé à",
    "rounding": "Précision",
    "source": "Source",
    "unit_cost": "Coût par unité (€)",
    "billing": "Taux de facturation (%)",
    "family_share": "Participation des familles (€ par unité)",
    "general_scheme": "Taux de régime général (%)",
}
TOTAL_HEADINGS = {
    "territory": "Code du territoire",
    "year": "Année",
    "scheme": "Dispositif",
    "amount": "Montant annoncé (€)",
    "rounding": "Précision",
    "source": "Source",
}


class Road:
    """Somebody of the Caf who enters money; ``refusal`` is what they read when it does not go through."""

    def __init__(self, ctg) -> None:
        self.ctg, self.client, self.refusal = ctg, Client(), ""
        self.client.force_login(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))

    def lines(self, rows: list[dict]) -> None:
        for row in rows:
            self.post("funding_new", "fundingline", self.with_keys(FundingLine, {"period": "civil"} | row))

    def totals(self, rows: list[dict]) -> None:
        for row in rows:
            self.post("total_new", "controltotal", self.with_keys(ControlTotal, row))

    def with_keys(self, model, row: dict) -> dict:
        """The words of the row as the choices of a form."""
        linked = {name: model._meta.get_field(name).related_model for name in ("scheme", "service") if name in row}
        return row | {name: target.objects.get(code=row[name]).pk for name, target in linked.items() if row[name]}

    def post(self, page: str, model: str, data: dict) -> None:
        raise NotImplementedError

    def send(self, address: str, data: dict) -> None:
        response = self.client.post(address, data)
        if response.status_code != 302:
            self.refusal = plain(response.content.decode())


class Page(Road):
    def post(self, page, model, data):
        self.send(reverse(f"territory:{page}", args=[self.ctg.slug]), data)

    def share(self, contract, amount: str, units: dict) -> None:
        data = {"label": "Crèches", "service": a_kind().pk, "amount": amount}
        data |= {f"units_{facility.pk}": number for facility, number in units.items()}
        self.send(reverse("territory:legacy_action_new", args=[self.ctg.slug, contract.pk]), data)


class BackOffice(Road):
    def post(self, page, model, data):
        own = {"caf": self.ctg.caf_id, "territory": self.ctg.territory_id}
        self.send(reverse(f"admin:territory_{model}_add"), own | data)

    def share(self, contract, amount: str, units: dict) -> None:
        data = {"contract": contract.pk, "label": "Crèches", "service": a_kind().pk, "amount": amount}
        data |= {"shares-TOTAL_FORMS": len(units), "shares-INITIAL_FORMS": 0}
        for i, (facility, number) in enumerate(units.items()):
            data |= {f"shares-{i}-facility": facility.pk, f"shares-{i}-units": number, f"shares-{i}-local_amount": ""}
        self.send(reverse("admin:territory_legacyaction_add"), data)


class Sent(Road):
    """One file, as the Caf sends it; what a form would know by itself is in its columns."""

    def lines(self, rows):
        self.import_rows(LINES, [self.in_columns(row, LINE_HEADINGS) for row in rows])

    def totals(self, rows):
        self.import_rows(TOTALS, [self.in_columns(row, TOTAL_HEADINGS) for row in rows])

    def in_columns(self, row: dict, headings: dict) -> dict:
        words = {
            "actual": "Réel",
            "planned": "Prévisionnel",
            "running": "Fonctionnement",
            "investment": "Investissement",
        }
        words |= {"either": "Fonctionnement ou investissement, non ventilé"}
        words |= {"0": "exact", "100": "arrondi à 100 €", "1000": "arrondi à 1 000 €"}
        row = {"territory": self.ctg.territory.code} | row
        if facility := row.get("facility"):
            row["facility"] = self.ctg.caf.facilities.get(pk=facility).code
        named = {name: words.get(str(row[name]), row[name]) for name in ("state", "nature", "rounding") if name in row}
        return {headings[name]: value for name, value in (row | named).items()}

    def import_rows(self, sheet: str, rows: list[dict]) -> None:
        self.send_file(filled(template_workbook(self.ctg.caf, on=ON), sheet, rows))

    def send_file(self, content: bytes) -> None:
        address = reverse("caf:import_new", args=[self.ctg.caf.code])
        self.client.post(address, {"file": SimpleUploadedFile("argent.xlsx", content)})
        sent = FundingImport.objects.latest("pk")
        args = [self.ctg.caf.code, sent.pk]
        self.refusal = plain(self.client.get(reverse("caf:import_preview", args=args)).content.decode())
        self.client.post(reverse("caf:import_apply", args=args))

    def share(self, contract, amount: str, units: dict) -> None:
        rows = [
            {
                "Contrat": contract.name,
                "Action": "Crèches",
                "Nature": "eaje",
                "Montant de l’action (€)": amount,
                "Code équipement": facility.code,
                "Unités existantes": number,
            }
            for facility, number in units.items()
        ]
        self.import_rows(SHARES, rows)


class Shell(Road):
    """The services, as a command or a shell calls them, with the types of the models."""

    def lines(self, rows):
        for row in rows:
            self.try_to(save_funding_line, FundingLine, row)

    def totals(self, rows):
        for row in rows:
            self.try_to(save_control_total, ControlTotal, row)

    def try_to(self, save, model, row: dict) -> None:
        fields = {name: self.value_of(model._meta.get_field(name), value) for name, value in row.items() if value != ""}
        own = {"caf": self.ctg.caf, "territory": self.ctg.territory}
        try:
            save(model(**own | {name: value for name, value in fields.items() if value is not None}), by=None)
        except RuleBroken as refusal:
            self.refusal = plain(" ".join([str(refusal), *refusal.missing]))

    def value_of(self, field, value):
        if value is None or isinstance(value, field.related_model or ()):
            return value
        if field.related_model:
            key = "code" if field.name in ("scheme", "service") else "pk"
            return field.related_model.objects.get(**{key: value})
        if isinstance(field, DecimalField):
            return Decimal(str(value).replace(",", "."))
        return int(value) if isinstance(field, IntegerField) else value

    def share(self, contract, amount: str, units: dict) -> None:
        action = LegacyAction(contract=contract, label="Crèches", service=a_kind(), amount=Decimal(amount))
        try:
            save_split_action(action, {facility: Decimal(number) for facility, number in units.items()}, by=None)
        except RuleBroken as refusal:
            self.refusal = plain(str(refusal))


def filled(content: bytes, sheet: str, rows: list[dict]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    page = book[sheet]
    names = [cell.value for cell in page[1]]
    for number, row in enumerate(rows, start=2):
        for heading, value in row.items():
            page.cell(number, names.index(heading) + 1, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").replace("&#x27;", "’").split())


ROADS = {"page": Page, "admin": BackOffice, "import": Sent, "shell": Shell}
