"""Where each thing that the method, the text or an evaluation lacks is mended."""

from collections.abc import Iterable

from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.lacks import ShownLack
from governance import perms
from governance.missing import Lack, lacks_before_freeze
from governance.models import Agreement, Evaluation
from territory.models import Ctg

PAGES_OF_ONE = {
    "article": "governance:article_edit",
    "party": "governance:party_edit",
    "deliberation": "governance:deliberation_edit",
}
PAGES = {
    "plan": "actions:plan",
    "method": "governance:method",
    "method_text": "governance:method_edit",
    "preamble": "governance:agreement_edit",
    "articles": "governance:article_new",
    "parties": "governance:party_new",
}


def shown_lacks(lacks: Iterable[Lack], user: User, ctg: Ctg) -> list[ShownLack]:
    """Of the method or of the text, without the page for those who only read."""
    can_edit = perms.can_edit_agreement(user, ctg)
    return [ShownLack(lack.text, _url(lack, ctg.slug) if can_edit else "") for lack in lacks]


def lacks_of_agreement(agreement: Agreement, user: User) -> list[ShownLack]:
    return shown_lacks(lacks_before_freeze(agreement), user, agreement.ctg)


def shown_lacks_of_year(lacks: Iterable[Lack], user: User, evaluation: Evaluation) -> list[ShownLack]:
    can_write = perms.can_write_evaluation(user, evaluation.ctg)
    return [ShownLack(lack.text, _url_in(evaluation, lack) if can_write else "") for lack in lacks]


def _url(lack: Lack, slug: str) -> str:
    if lack.place in PAGES_OF_ONE:
        return reverse(PAGES_OF_ONE[lack.place], args=[slug, lack.pk])
    return reverse(PAGES[lack.place], args=[slug])


def _url_in(evaluation: Evaluation, lack: Lack) -> str:
    year = [evaluation.ctg.slug, evaluation.year]
    if lack.place == "summary":
        return reverse("governance:evaluation_edit", args=year)
    return reverse("governance:review_edit", args=[*year, lack.pk]) if lack.pk else ""
