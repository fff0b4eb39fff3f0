"""Figures photographed for a finding, and all of them when the diagnosis is validated."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Diagnosis, Finding, Photograph
from diagnostic.photographs import is_known, pose
from diagnostic.services.writing import draft
from territory.models import Indicator
from territory.portraits.figures import Figures, read_figures
from territory.portraits.stage import stage_of


@transaction.atomic
def photograph_figures(finding: Finding, *, indicators: Iterable[Indicator], by: User | None, on: date) -> Finding:
    """``indicators`` are all those the finding rests on: what is there already does not move, the rest is taken or removed."""
    diagnosis = draft(finding.diagnosis)
    wanted = {indicator.pk for indicator in indicators}
    kept = set(finding.photographs.values_list("indicator", flat=True))
    removed = kept - wanted
    finding.photographs.filter(indicator__in=removed).delete()
    taken = _take(diagnosis, Q(pk__in=wanted - kept), on)
    if len(taken) < len(wanted - kept):
        raise RuleBroken("Un de ces chiffres n’est pas connu sur ce territoire : il ne se photographie pas.")
    _keep(taken, finding)
    record(by, "finding.photographed", finding, ctg=diagnosis.ctg, taken=len(taken), removed=len(removed))
    return finding


@transaction.atomic
def retake_photograph(photograph: Photograph, *, by: User | None, on: date) -> Photograph:
    """The group chooses to rest on the figure of today instead; the history keeps the former text."""
    diagnosis = draft(photograph.diagnosis)
    if photograph.finding is None:
        raise RuleBroken("Ce chiffre est celui du diagnostic validé : il ne se reprend pas.")
    taken = _take(diagnosis, Q(pk=photograph.indicator_id), on)
    if not taken:
        raise RuleBroken("Ce chiffre n’est plus connu sur ce territoire : la photographie reste.")
    finding, before = photograph.finding, photograph.text
    photograph.delete()
    _keep(taken, finding)
    record(by, "finding.photographed_again", finding, ctg=diagnosis.ctg, figure=taken[0].label, before=before)
    return taken[0]


def photograph_all(diagnosis: Diagnosis, *, on: date) -> None:
    """Every figure known here, the day a committee validates the diagnosis; the caller holds the lock."""
    _keep(_take(diagnosis, Q(), on), None)


def _take(diagnosis: Diagnosis, which: Q, on: date) -> list[Photograph]:
    figures: Figures = read_figures(stage_of(diagnosis.ctg.territory), diagnosis.ctg.caf, which)
    known = [indicator for indicator in figures.indicators.values() if is_known(indicator, figures)]
    return [pose(indicator, figures, diagnosis=diagnosis, on=on) for indicator in known]


def _keep(photographs: list[Photograph], finding: Finding | None) -> None:
    for photograph in photographs:
        photograph.finding = finding
    Photograph.objects.bulk_create(photographs)
