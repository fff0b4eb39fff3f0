"""The back office, in the order of what a Caf does there: its home, its menu and where each list says one is."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite, action
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse


@dataclass(frozen=True)
class Room:
    """Lists that serve one gesture, each with what it is for."""

    slug: str
    name: str
    purpose: str
    lists: dict[str, str]


ROOMS = [
    Room(
        "ctg",
        "Les Ctg",
        "Les conventions de la Caf, ce qu’on y a demandé, ce qu’on s’y dit.",
        {
            "territory.Ctg": "Nom, période et communes ; portrait et calendrier à publier ou à retirer.",
            "territory.CtgFact": "Les dates des étapes franchies, écrites par l’étape elle-même.",
            "territory.AskedGesture": "Ce qui attend une vérification avant de paraître.",
            "territory.Comment": "Les commentaires des pages : les lire, les régler, les rouvrir.",
        },
    ),
    Room(
        "personnes",
        "Les personnes et les organismes",
        "Qui est partenaire, qui a quel rôle, qui n’a pas encore répondu.",
        {
            "territory.Organisation": "L’annuaire : communes, intercommunalités, associations, services.",
            "territory.Contact": "À qui parler dans un organisme ; jamais de familles.",
            "territory.Membership": "Donner un rôle ou le retirer, sur une Ctg ou sur la Caf.",
            "territory.Invitation": "Suivre les invitations aux équipes, relancer, annuler.",
            "diagnostic.Guest": "Les partenaires invités à contribuer par un lien : relancer, annuler.",
            "territory.Caf": "Les Caf qui travaillent ici.",
            "accounts.User": "Les comptes : ouvrir, fermer, changer un mot de passe.",
        },
    ),
    Room(
        "equipements",
        "Les équipements et l’argent",
        "Crèches, accueils de loisirs, relais… et ce qui les finance.",
        {
            "territory.Facility": "Le registre : nature, gestionnaire, commune, capacité.",
            "territory.FacilityFact": "Les quatre conditions datées du bonus territoire, équipement par équipement.",
            "territory.FundingLine": "Ce que la Caf finance : un équipement, un dispositif, une année.",
            "territory.ControlTotal": "Les totaux d’un document, comparés à la somme des lignes.",
            "territory.FundingAgreement": "Les conventions d’objectifs et de financement (Cof) des équipements.",
            "territory.Payment": "Acomptes et soldes versés.",
            "territory.Justification": "Les pièces reçues, année par année.",
            "territory.FundingImport": "Les classeurs de lignes reçus, gardés comme preuve.",
            "territory.FundingRollup": "Les sommes par dispositif et par année, tenues à jour d’elles-mêmes.",
        },
    ),
    Room(
        "cej",
        "Du Cej au bonus territoire",
        "Ce que le contrat enfance jeunesse garantissait, et ce que donnera le bonus.",
        {
            "territory.LegacyContract": "Les contrats enfance jeunesse finis ou à finir.",
            "territory.LegacyAction": "Les actions d’un contrat et leur montant.",
            "territory.LegacyShare": "Ce qui revient à chaque équipement, au centime.",
            "territory.Scenario": "Les simulations gardées.",
            "territory.ScenarioLine": "Leur détail, équipement par équipement.",
        },
    ),
    Room(
        "diagnostic",
        "Le diagnostic partagé",
        "Étape 1 : ce que les groupes constatent.",
        {
            "diagnostic.Diagnosis": "Synthèse, phases et publication ; validé par un comité.",
            "diagnostic.ThematicGroup": "Les groupes de travail, leurs dates et leur pilote.",
            "diagnostic.GroupMember": "Qui siège dans quel groupe, et depuis quand.",
            "diagnostic.Contribution": "Ce que les partenaires ont écrit : à lire, jamais à réécrire.",
            "diagnostic.Finding": "Les forces, fragilités et besoins retenus.",
            "diagnostic.Idea": "Les pistes proposées par les groupes.",
            "diagnostic.Priority": "Les priorités et les constats qui les fondent.",
            "diagnostic.Scoring": "Les votes des groupes : dates et nombre de bulletins.",
            "diagnostic.Photograph": "Les chiffres retenus, tels qu’ils étaient ce jour-là.",
        },
    ),
    Room(
        "plan",
        "Le plan d’actions",
        "Étapes 2 à 5 : ce qu’on fera, avec qui, à quel coût.",
        {
            "actions.ActionPlan": "Introduction et publication ; les dates viennent des décisions.",
            "actions.Objective": "L’arbre des axes et des objectifs.",
            "actions.Action": "Les fiches : pilote, calendrier, partenaires, étapes.",
            "actions.Cost": "Ce que coûte chaque action, année par année.",
            "actions.Financing": "Qui paie : prévu et versé.",
            "actions.Target": "Ce qu’on mesurera : point de départ et cible.",
            "actions.PlanImport": "Les plans reçus en classeur : relire, appliquer.",
            "actions.HeadingChoice": "Ce que veulent dire les intitulés de vos classeurs.",
        },
    ),
    Room(
        "comites",
        "Les comités et leurs décisions",
        "Qui se réunit, quand, et ce qui a été décidé.",
        {
            "governance.Committee": "Les comités de chaque Ctg.",
            "governance.Meeting": "Le calendrier : prévoir, tenir, annuler une réunion.",
            "governance.Attendance": "Qui était là, qui s’est excusé.",
            "governance.Decision": "Les décisions prises : à lire, jamais à réécrire.",
        },
    ),
    Room(
        "convention",
        "La convention et ses signatures",
        "Étape 6 : le texte, ses parties, leurs délibérations.",
        {
            "governance.Agreement": "Les textes : préambule, lieu, arrêt et signature.",
            "governance.Article": "Les articles de chaque texte, tant qu’il n’est pas arrêté.",
            "governance.Party": "La Caf et les collectivités qui signent.",
            "governance.Signatory": "Qui signe pour chaque partie, et à quel titre.",
            "governance.Deliberation": "Numéro, date et transmission en préfecture.",
        },
    ),
    Room(
        "evaluation",
        "L’évaluation annuelle",
        "Étape 7 : ce qui a été fait, ce que cela a changé.",
        {
            "governance.EvaluationMethod": "Les questions posées chaque année ; validée par un comité.",
            "governance.Evaluation": "Une évaluation par année : ouverte, validée, publiée.",
            "governance.ActionReview": "L’avancement de chaque action et sa suite.",
            "governance.Measurement": "La valeur de chaque indicateur d’évaluation, ou pourquoi elle manque.",
        },
    ),
    Room(
        "chiffres",
        "Les chiffres",
        "Ce qui est arrivé, d’où, et ce que le public n’en voit pas.",
        {
            "territory.FigureFile": "Déposer un fichier, relire son aperçu, l’appliquer.",
            "territory.Release": "Les livraisons appliquées et leur date de publication.",
            "territory.Value": "Un chiffre, un territoire, une année : à chercher ici, à corriger sur la page « Chiffres » d’une Ctg.",
            "territory.Withholding": "Les chiffres que la Caf a choisi de masquer, et qui l’a décidé.",
            "territory.Rank": "La place de chaque territoire, calculée à l’arrivée des chiffres.",
        },
    ),
    Room(
        "geographie",
        "La géographie",
        "Communes, intercommunalités, départements et périmètres des Ctg.",
        {
            "territory.Territory": "Les territoires officiels et les périmètres de la Caf.",
            "territory.Belonging": "Quelle commune est dans quel ensemble, d’un jour à l’autre.",
            "territory.Succession": "Les communes fusionnées ou séparées.",
            "territory.Outline": "Le dessin de chaque territoire sur les cartes.",
            "territory.VintageFile": "Les millésimes de la géographie reçus et appliqués.",
        },
    ),
    Room(
        "references",
        "Les références communes à toutes les Caf",
        "Écrites par l’administration du site ; les Caf les lisent.",
        {
            "territory.Indicator": "Le catalogue : définition, unité, thème, source.",
            "territory.Source": "Qui produit les chiffres, sous quelle licence.",
            "territory.SecrecyRule": "À partir de quel effectif un chiffre se publie.",
            "territory.ConsistencyRule": "Ce qui doit tenir entre deux chiffres.",
            "territory.Scheme": "Les dispositifs qui financent.",
            "territory.ServiceKind": "Les natures d’équipement et de service.",
            "territory.Rate": "Les montants officiels, avec leurs dates.",
            "actions.ModelAction": "Des actions toutes prêtes, à reprendre dans un plan.",
            "actions.Criterion": "Les questions de la faisabilité.",
            "governance.Clause": "Les articles qu’un nouveau texte reprend.",
            "governance.GateRule": "Quel comité peut clore quelle étape.",
        },
    ),
    Room(
        "technique",
        "La surveillance du site",
        "Qui a fait quoi, qui s’est connecté, ce qui tourne en tâche de fond.",
        {
            "audit.Entry": "Le journal des gestes : qui, quoi, quand.",
            "axes.AccessLog": "Les connexions réussies.",
            "axes.AccessAttempt": "Les essais en cours de blocage.",
            "axes.AccessFailureLog": "Les mots de passe refusés.",
            "django_tasks_database.DBTaskResult": "Les tâches de fond : faites, en cours, en échec.",
        },
    ),
]
_ROOM_OF = {name.lower(): room for room in ROOMS for name in room.lists}
_PURPOSES = {name.lower(): purpose for room in ROOMS for name, purpose in room.lists.items()}


@action(permissions=["delete"], description="Supprimer les lignes cochées")
def delete_chosen(*args: Any) -> Any:
    """In words that agree with every name: « les lignes sélectionnés » is what Django makes of a French one."""
    return delete_selected(*args)


class BackOffice(AdminSite):
    site_title = "Administration Ctg"
    index_title = "Administration"
    empty_value_display = "–"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_action(delete_chosen, "delete_selected")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The rooms in their order, with what this person may open of each; a list that no room names comes last, never lost."""
        found = {_name(row["model"]): row for app in super().get_app_list(request, app_label) for row in app["models"]}
        shown = []
        for room in ROOMS:
            rows = [
                found.pop(name.lower()) | {"purpose": purpose}
                for name, purpose in room.lists.items()
                if name.lower() in found
            ]
            if rows:
                shown.append(self._listed(room.slug, room.name, room.purpose, rows))
        if found:
            shown.append(self._listed("autres", "Autres listes", "", list(found.values())))
        return shown

    def _listed(self, slug: str, name: str, purpose: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        address = f"{reverse('admin:index', current_app=self.name)}#{slug}"
        return {"app_label": slug, "name": name, "app_url": address, "purpose": purpose, "models": rows}

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Our rooms cross the applications: there is one home."""
        return redirect("admin:index")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Where one is: the room of the list, and what the list is for."""
        match = request.resolver_match
        app_and_model = (match.url_name or "").rpartition("_")[0] if match else ""
        place = next((name for name in _ROOM_OF if name.replace(".", "_") == app_and_model), "")
        return {**super().each_context(request), "room": _ROOM_OF.get(place), "purpose": _PURPOSES.get(place, "")}


def _name(model: Any) -> str:
    return str(model._meta.label).lower()


class BackOfficeConfig(AdminConfig):
    default_site = "ctg_site.back_office.BackOffice"
