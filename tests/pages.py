"""The pages of the site, read from the URLconf: what a test walks is never a list by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from actions.models import Action, Objective, PlanImport, Target
from diagnostic.models import Contribution, Diagnosis, Finding, Guest, Idea, Priority, ThematicGroup
from governance.models import ActionReview, Article, Committee, Meeting, Party
from territory.links import invitation_token, signed_token
from territory.models import (
    ControlTotal,
    Ctg,
    Facility,
    FigureFile,
    FundingAgreement,
    FundingImport,
    FundingLine,
    Invitation,
    LegacyAction,
    LegacyContract,
    Withholding,
)
from territory.services import local_figures_of, typed_figures_of

OUR_APPS = (
    "",
    "accounts",
    "drafts",
    "territory",
    "caf",
    "invitations",
    "files",
    "diagnostic",
    "actions",
    "governance",
    "places",
)


@dataclass(frozen=True)
class Page:
    name: str
    parameters: tuple[str, ...]

    def url(self, ctg: Ctg) -> str | None:
        """None when this Ctg has no object to show on the page."""
        values = {parameter: example(self.name, parameter, ctg) for parameter in self.parameters}
        return None if None in values.values() else reverse(self.name, kwargs=values)


def our_pages() -> list[Page]:
    """Every named URL of ours, the admin and the libraries left out."""
    return [page for page in _walk(get_resolver().url_patterns, "") if page.name.rpartition(":")[0] in OUR_APPS]


def _walk(patterns: list[URLPattern | URLResolver], namespace: str) -> Iterator[Page]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _with_outer(pattern, _walk(pattern.url_patterns, inner))
        elif pattern.name:
            yield Page(namespace + pattern.name, tuple(pattern.pattern.converters))


def _with_outer(resolver: URLResolver, pages: Iterator[Page]) -> Iterator[Page]:
    outer = tuple(resolver.pattern.converters)
    for page in pages:
        yield Page(page.name, outer + page.parameters)


# What stands for « pk » on a page, by the beginning of its name; a page without an example makes the test fail.
EXAMPLES: dict[str, Callable[[Ctg], int | str | None]] = {
    "territory:funding_line": lambda ctg: _pk(FundingLine.objects.filter(territory=ctg.territory)),
    "territory:funding": lambda ctg: _pk(FundingLine.objects.filter(territory=ctg.territory)),
    "territory:figure_delete": lambda ctg: _pk(typed_figures_of(ctg, [ctg.territory])),
    "territory:local_figure": lambda ctg: _pk(local_figures_of(ctg)),
    "territory:total": lambda ctg: _pk(ControlTotal.objects.filter(territory=ctg.territory)),
    "territory:facility": lambda ctg: _pk(Facility.objects.of(ctg)),
    "territory:scenario": lambda ctg: _pk(ctg.scenarios.all()),
    "territory:contract": lambda ctg: _pk(LegacyContract.objects.filter(territory=ctg.territory)),
    "territory:legacy_action_new": lambda ctg: _pk(LegacyContract.objects.filter(territory=ctg.territory)),
    "territory:legacy_action_edit": lambda ctg: _pk(LegacyAction.objects.filter(contract__territory=ctg.territory)),
    "caf:import": lambda ctg: _pk(FundingImport.objects.filter(caf=ctg.caf)),
    "caf:show_again": lambda ctg: _pk(Withholding.objects.filter(caf=ctg.caf)),
    "caf:": lambda ctg: _pk(FundingAgreement.objects.filter(caf=ctg.caf)),
    "territory:invitation": lambda ctg: _pk(Invitation.objects.filter(ctg=ctg)),
    "territory:discussion": lambda ctg: _pk(Finding.objects.filter(diagnosis__ctg=ctg)),
    "territory:story": lambda ctg: _pk(Finding.objects.filter(diagnosis__ctg=ctg)),
    "territory:comment": lambda ctg: _pk(ctg.comments.all()),
    "territory:member": lambda ctg: _pk(ctg.memberships.all()),
    "files:file": lambda ctg: _pk(FigureFile.objects.filter(caf=ctg.caf)),
    "diagnostic:group": lambda ctg: _pk(ThematicGroup.objects.filter(ctg=ctg)),
    "diagnostic:contribute": lambda ctg: _pk(ThematicGroup.objects.filter(ctg=ctg)),
    "diagnostic:scoring": lambda ctg: _pk(ThematicGroup.objects.filter(ctg=ctg)),
    "diagnostic:ballot": lambda ctg: _pk(ThematicGroup.objects.filter(ctg=ctg)),
    "diagnostic:ballot_by_link": lambda ctg: _pk(ThematicGroup.objects.filter(guests=_guest(ctg))),
    "diagnostic:contribution": lambda ctg: _pk(Contribution.objects.filter(group__ctg=ctg).exclude(attachment="")),
    "diagnostic:guest": lambda ctg: _pk(Guest.objects.filter(ctg=ctg)),
    "diagnostic:finding": lambda ctg: _pk(Finding.objects.filter(diagnosis=_diagnosis(ctg))),
    "diagnostic:idea": lambda ctg: _pk(Idea.objects.filter(diagnosis=_diagnosis(ctg))),
    "diagnostic:priority": lambda ctg: _pk(Priority.objects.filter(diagnosis=_diagnosis(ctg))),
    "actions:objective": lambda ctg: _pk(Objective.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:action": lambda ctg: _pk(Action.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:steps_done": lambda ctg: _pk(Action.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:plan_import": lambda ctg: _pk(PlanImport.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:budget": lambda ctg: _pk(Action.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:payments": lambda ctg: _pk(Action.objects.filter(plan__diagnosis__ctg=ctg)),
    "actions:target": lambda ctg: _pk(Target.objects.filter(action__plan__diagnosis__ctg=ctg)),
    "actions:target_new": lambda ctg: _pk(Action.objects.filter(plan__diagnosis__ctg=ctg)),
    "governance:committee": lambda ctg: _pk(Committee.objects.filter(ctg=ctg)),
    "governance:meeting": lambda ctg: _pk(Meeting.objects.filter(committee__ctg=ctg)),
    "governance:decision": lambda ctg: _pk(Meeting.objects.filter(committee__ctg=ctg)),
    "governance:article": lambda ctg: _pk(Article.objects.filter(agreement__plan__diagnosis__ctg=ctg)),
    "governance:party": lambda ctg: _pk(Party.objects.filter(agreement__plan__diagnosis__ctg=ctg)),
    "governance:deliberation": lambda ctg: _pk(Party.objects.filter(agreement__plan__diagnosis__ctg=ctg)),
    "governance:signature": lambda ctg: _pk(Party.objects.filter(agreement__plan__diagnosis__ctg=ctg)),
    "governance:review": lambda ctg: _pk(
        ActionReview.objects.filter(
            evaluation__agreement__plan__diagnosis__ctg=ctg, evaluation__year=ctg.starts_on.year
        )
    ),
}


# A page of a place: a theme, an indicator, a file of each sort.
PLACES = {
    "theme": "parentalite",
    "indicator": "population",
    "extension": "csv",
    "drawing": "barres",
    "image": "svg",
}


def _diagnosis(ctg: Ctg) -> Diagnosis:
    """The version being written, or the last one."""
    return Diagnosis.objects.current().get(ctg=ctg)


def _guest(ctg: Ctg) -> Guest | None:
    return Guest.objects.filter(ctg=ctg, revoked_at=None).order_by("pk").first()


def _pk(rows) -> int | None:  # type: ignore[no-untyped-def]
    return rows.order_by("pk").values_list("pk", flat=True).first()


def example(name: str, parameter: str, ctg: Ctg) -> object:
    kind = "constat" if name in ("territory:discussion", "territory:story") else "epci"
    fixed = {
        "slug": ctg.slug,
        "kind": kind,
        "code": ctg.territory.code,
        "year": ctg.starts_on.year,
        "version": 1,
        "step": "contenu",
        "caf": ctg.caf.code,
        **PLACES,
    }
    if parameter in fixed:
        return fixed[parameter]
    if name == "invitations:invitation":
        return invitation_token(Invitation.objects.order_by("pk")[0])
    if name.startswith("diagnostic:") and parameter == "token":
        guest = _guest(ctg)
        return signed_token(guest) if guest else None
    if name == "accounts:password_reset_confirm":
        return "essai"
    prefix = max((prefix for prefix in EXAMPLES if name.startswith(prefix)), key=len, default=None)
    if prefix is None:
        raise LookupError(f"Donnez un exemple de « {parameter} » pour la page {name} dans tests/pages.py.")
    return EXAMPLES[prefix](ctg)
