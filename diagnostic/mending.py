"""Where each thing that a diagnosis lacks is mended."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.lacks import ShownLack
from diagnostic import perms
from diagnostic.missing import Lack, read_lacks
from diagnostic.models import Diagnosis
from territory.models import Ctg
from territory.perms import can_type_figures

PAGES = {"groups": "group_new", "summary": "diagnosis_edit", "priorities": "priority_new"}


def shown_lacks(lacks: Iterable[Lack], user: User, ctg: Ctg) -> list[ShownLack]:
    """Without the page for those who only read."""
    can_edit, can_type = perms.can_edit_diagnosis(user, ctg), can_type_figures(user, ctg)
    return [
        ShownLack(lack.text, _url(lack, ctg.slug) if (can_type if lack.place == "figures" else can_edit) else "")
        for lack in lacks
    ]


def lacks_of_diagnosis(diagnosis: Diagnosis, user: User) -> list[ShownLack]:
    return shown_lacks(read_lacks(diagnosis), user, diagnosis.ctg)


def _url(lack: Lack, slug: str) -> str:
    if lack.place == "figures":
        return reverse("territory:figures", args=[slug])
    if lack.place == "group":
        return f"{reverse('diagnostic:finding_new', args=[slug])}?{urlencode({'groupe': lack.pk})}"
    if lack.place == "priority":
        return reverse("diagnostic:priority_edit", args=[slug, lack.pk])
    return reverse(f"diagnostic:{PAGES[lack.place]}", args=[slug])
