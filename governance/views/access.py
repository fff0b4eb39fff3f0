"""The only way a view gets a Ctg, a meeting, a text or an evaluation.

Outside is 404; inside but not allowed is 403 with the reason; what a decision closed sends back to its page, and says why.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from ctg_site.lib.errors import RuleBroken
from governance import perms
from governance.models import Agreement, Evaluation, Meeting
from territory.models import Ctg
from territory.perms import require
from territory.views.fetching import own_ctg

STEERERS_ONLY = (
    "Convoquer un comité et enregistrer ses décisions revient à la Caf et à la personne chargée de coopération."
)
WRITERS_ONLY = "Seules les personnes qui rédigent cette Ctg modifient le texte de la convention."
SIGNATURES_ONLY = "Les signatures sont enregistrées par la Caf ou par la personne chargée de coopération."
METHOD_ONLY = "Seules les personnes qui rédigent cette Ctg écrivent la méthode d’évaluation."
EVALUATION_ONLY = "Seules les personnes qui rédigent cette Ctg ouvrent et écrivent ses évaluations."
REVIEW_ONLY = "Seules les personnes qui rédigent cette Ctg et le ou la pilote de l’action écrivent son bilan."
PUBLISH_ONLY = "Publier une évaluation revient à la Caf et à la personne chargée de coopération."

CTG = ("caf__territory", "territory__parent")
OF_AGREEMENT = "plan__diagnosis__ctg"


View = Callable[..., HttpResponse]


def back_when_closed(page: str) -> Callable[[View], View]:
    """A page that edits what is closed by now: back to ``page``, which shows it, with the sentence."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **kwargs: int) -> HttpResponse:
            try:
                return view(request, slug, **kwargs)
            except RuleBroken as refusal:
                messages.error(request, str(refusal))
                return redirect(page, slug, *(kwargs[name] for name in ("year",) if name in kwargs))

        return guarded

    return decorate


def refuse(closed: bool, sentence: str) -> None:
    if closed:
        raise RuleBroken(sentence)


def ctg_to_steer(request: HttpRequest, slug: str) -> Ctg:
    ctg = own_ctg(request, slug)
    require(perms.can_convene(request.user, ctg), STEERERS_ONLY)
    return ctg


def ctg_with_calendar(request: HttpRequest, slug: str) -> Ctg:
    """For those inside, and for everyone once the calendar is published."""
    mine = Ctg.objects.visible_to(request.user).values("pk")
    rows = Ctg.objects.filter(pk__in=mine) | Ctg.objects.filter(calendar_published_at__isnull=False)
    return get_object_or_404(rows.select_related(*CTG).prefetch_related("facts"), slug=slug)


def shown_meeting(request: HttpRequest, slug: str, pk: int) -> Meeting:
    return _meeting(Meeting.objects.open_to(request.user), slug, pk)


def meeting_to_steer(request: HttpRequest, slug: str, pk: int) -> Meeting:
    meeting = _meeting(Meeting.objects.visible_to(request.user), slug, pk)
    require(perms.can_convene(request.user, meeting.ctg), STEERERS_ONLY)
    return meeting


def agreement_inside(request: HttpRequest, slug: str) -> Agreement:
    return _found(_last(Agreement.objects.visible_to(request.user), slug))


def shown_agreement(request: HttpRequest, slug: str) -> Agreement:
    return _found(shown_agreement_or_none(request, slug))


def shown_agreement_or_none(request: HttpRequest, slug: str) -> Agreement | None:
    return _last(Agreement.objects.open_to(request.user), slug)


def agreement_to_edit(request: HttpRequest, slug: str) -> Agreement:
    agreement = agreement_inside(request, slug)
    require(perms.can_edit_agreement(request.user, agreement.ctg), WRITERS_ONLY)
    refuse(agreement.is_frozen, Agreement.CLOSED)
    return agreement


def shown_evaluation(request: HttpRequest, slug: str, year: int) -> Evaluation:
    return _evaluation(Evaluation.objects.open_to(request.user), slug, year)


def evaluation_inside(request: HttpRequest, slug: str, year: int) -> Evaluation:
    return _evaluation(Evaluation.objects.visible_to(request.user), slug, year)


def evaluation_to_write(request: HttpRequest, slug: str, year: int) -> Evaluation:
    evaluation = evaluation_inside(request, slug, year)
    require(perms.can_write_evaluation(request.user, evaluation.ctg), EVALUATION_ONLY)
    refuse(evaluation.is_validated, Evaluation.CLOSED)
    return evaluation


def _meeting(rows: QuerySet[Meeting], slug: str, pk: int) -> Meeting:
    joined = [f"committee__ctg__{path}" for path in CTG]
    rows = rows.select_related(*joined).prefetch_related("committee__ctg__facts")
    return get_object_or_404(rows, committee__ctg__slug=slug, pk=pk)


def _last(rows, slug: str) -> Agreement | None:
    """The text of the last version of the plan."""
    return rows.filter(**{f"{OF_AGREEMENT}__slug": slug}).for_page().order_by("-plan__version").first()


def _found(agreement: Agreement | None) -> Agreement:
    if agreement is None:
        raise Http404("Aucune convention ici.")
    return agreement


def _evaluation(rows: QuerySet[Evaluation], slug: str, year: int) -> Evaluation:
    path = f"agreement__{OF_AGREEMENT}"
    rows = rows.select_related(*(f"{path}__{end}" for end in CTG)).prefetch_related(f"{path}__facts")
    found = rows.filter(**{f"{path}__slug": slug, "year": year}).order_by("-agreement__plan__version").first()
    if found is None:
        raise Http404("Aucune évaluation ici.")
    return found
