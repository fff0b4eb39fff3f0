"""The only way a view gets a diagnosis or a group: outside is 404, inside but not allowed is 403 with the reason."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from ctg_site.accounts.requests import Request
from diagnostic import perms
from diagnostic.models import FROZEN, Diagnosis, ThematicGroup
from territory.perms import require

WRITERS_ONLY = "Seules les personnes qui rédigent cette Ctg modifient le diagnostic."
GROUP_ONLY = "Seules les personnes qui rédigent cette Ctg et l’animateur ou l’animatrice du groupe modifient ce que le groupe écrit."
STEERERS_ONLY = "Le diagnostic est publié par la Caf ou par la personne chargée de la coopération."
REOPENERS_ONLY = "Le diagnostic est rouvert par la Caf ou par la personne chargée de la coopération."
CONTRIBUTORS_ONLY = (
    "Votre rôle permet de lire cette Ctg, pas d’y contribuer. Demandez à l’équipe de la Ctg le rôle de contributeur."
)


def shown_diagnosis(request: Request, slug: str) -> Diagnosis:
    """The last version that this visitor may open: a draft for those inside, a published one for the others."""
    return _last(Diagnosis.objects.open_to(request.user), slug)


def diagnosis_of(request: Request, group: ThematicGroup) -> Diagnosis:
    """The same, for a group already at hand."""
    rows = Diagnosis.objects.open_to(request.user).filter(ctg=group.ctg_id)
    levels = "ctg__caf", "ctg__territory__parent__parent__parent__parent"
    diagnosis = rows.select_related(*levels).order_by("-version").first()
    if diagnosis is None:
        raise Http404("Aucun diagnostic ici.")
    return diagnosis


def diagnosis_inside(request: Request, slug: str) -> Diagnosis:
    return _last(Diagnosis.objects.visible_to(request.user), slug)


def diagnosis_to_edit(request: Request, slug: str) -> Diagnosis:
    diagnosis = diagnosis_inside(request, slug)
    require(perms.can_edit_diagnosis(request.user, diagnosis.ctg), WRITERS_ONLY)
    refuse_frozen(diagnosis)
    return diagnosis


def was_replaced(diagnosis: Diagnosis, inside: bool) -> bool:
    """By a version that this visitor may open: outside, a draft does not tell that it exists."""
    later = getattr(diagnosis, "next", None)
    return later is not None and (inside or later.published_at is not None)


def refuse_frozen(diagnosis: Diagnosis) -> None:
    require(not diagnosis.is_validated, FROZEN)


def shown_group(request: Request, slug: str, pk: int) -> ThematicGroup:
    return get_object_or_404(ThematicGroup.objects.open_to(request.user).for_page(), ctg__slug=slug, pk=pk)


def group_inside(request: Request, slug: str, pk: int) -> ThematicGroup:
    return get_object_or_404(ThematicGroup.objects.visible_to(request.user).for_page(), ctg__slug=slug, pk=pk)


def group_to_edit(request: Request, slug: str, pk: int) -> ThematicGroup:
    group = group_inside(request, slug, pk)
    require(perms.can_edit_group(request.user, group), GROUP_ONLY)
    return group


def editable_groups(request: Request, diagnosis: Diagnosis) -> list[ThematicGroup]:
    """The groups in whose name this person may write; nobody's is a 403."""
    groups = list(diagnosis.ctg.groups.order_by("position", "pk"))
    for group in groups:
        group.ctg = diagnosis.ctg
    mine = [group for group in groups if perms.can_edit_group(request.user, group)]
    require(bool(mine) or perms.can_edit_diagnosis(request.user, diagnosis.ctg), GROUP_ONLY)
    return mine


def _last(diagnoses, slug: str) -> Diagnosis:
    diagnosis = diagnoses.filter(ctg__slug=slug).for_page().order_by("-version").first()
    if diagnosis is None:
        raise Http404("Aucun diagnostic ici.")
    return diagnosis
