"""What the method, the text and an evaluation lack before their decision: one list, shown on the page, refused by the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from territory.models import Organisation

if TYPE_CHECKING:
    from governance.models import Agreement, Evaluation, EvaluationMethod, Party

PLACEHOLDERS = ("{caf}", "{territory}", "{starts_on}", "{ends_on}")


@dataclass(frozen=True)
class Lack:
    """A sentence, and where to go to mend it."""

    text: str
    place: str
    pk: int | None = None


def texts_before_method(method: "EvaluationMethod") -> list[str]:
    return [lack.text for lack in lacks_before_method(method)]


def lacks_before_method(method: "EvaluationMethod") -> list[Lack]:
    parts = {
        "Les questions évaluatives ne sont pas écrites": method.questions,
        "Les critères et indicateurs ne sont pas écrits": method.criteria,
        "L’organisation de l’évaluation n’est pas écrite (qui évalue, quand, avec qui)": method.organisation,
    }
    return [Lack(sentence, "method_text") for sentence, text in parts.items() if not text.strip()]


def texts_before_freeze(agreement: "Agreement") -> list[str]:
    return [lack.text for lack in lacks_before_freeze(agreement)]


def lacks_before_freeze(agreement: "Agreement") -> list[Lack]:
    return [*_earlier_steps(agreement), *_text_lacks(agreement), *_party_lacks(agreement)]


def _earlier_steps(agreement: "Agreement") -> Iterator[Lack]:
    if not agreement.plan.is_adopted:
        yield Lack("Le plan d’actions définitif n’est pas encore validé par le comité de pilotage", "plan")
    method = getattr(agreement.ctg, "evaluation_method", None)
    if method is None or method.validated_on is None:
        yield Lack("La méthode d’évaluation n’est pas encore validée par le comité de pilotage", "method")


def _text_lacks(agreement: "Agreement") -> Iterator[Lack]:
    if not agreement.preamble.strip():
        yield Lack("Le préambule n’est pas rédigé", "preamble")
    articles = list(agreement.articles.all())
    if not articles:
        yield Lack("La convention n’a aucun article", "articles")
    for place, article in enumerate(articles, start=1):
        if not article.body.strip():
            yield Lack(f"Article {place} « {article.title} » : il n’a pas de texte", "article", article.pk)
        left = [mark for mark in PLACEHOLDERS if mark in article.body]
        if left:
            yield Lack(f"Article {place} « {article.title} » : remplacez {', '.join(left)}", "article", article.pk)


def _party_lacks(agreement: "Agreement") -> Iterator[Lack]:
    parties = list(agreement.parties.all())
    if not any(party.organisation.kind == Organisation.Kind.CAF for party in parties):
        yield Lack("La Caf n’est pas parmi les parties", "parties")
    if not any(party.organisation.is_local_authority for party in parties):
        yield Lack("Aucune collectivité n’est parmi les parties", "parties")
    for party in parties:
        if not party.signatories.all():
            yield Lack(f"{party} : il manque son signataire", "party", party.pk)
        if party.organisation.is_local_authority:
            yield from _deliberation_lacks(party)


def _deliberation_lacks(party: "Party") -> Iterator[Lack]:
    deliberation = getattr(party, "deliberation", None)
    if deliberation is None:
        yield Lack(f"{party} : il manque sa délibération", "deliberation", party.pk)
        return
    if not deliberation.number.strip():
        yield Lack(f"{party} : il manque le numéro de sa délibération", "deliberation", party.pk)
    if deliberation.adopted_on is None:
        yield Lack(f"{party} : il manque la date de sa délibération", "deliberation", party.pk)


def texts_before_validation(evaluation: "Evaluation") -> list[str]:
    return [lack.text for lack in lacks_before_validation(evaluation)]


def lacks_before_validation(evaluation: "Evaluation") -> list[Lack]:
    reviews = evaluation.reviews.select_related("action").order_by("action__code", "pk")
    measurements = evaluation.measurements.select_related("target__action").order_by("target__action__code", "pk")
    return lacks_of_year(evaluation, reviews, measurements)


def lacks_of_year(evaluation, reviews, measurements) -> list[Lack]:
    """No query: what was read, looked at."""
    rows = [] if evaluation.summary.strip() else [Lack("Le bilan de l’année n’est pas rédigé", "summary")]
    review_of = {review.action_id: review.pk for review in reviews}
    for review in reviews:
        if not review.progress:
            rows.append(Lack(f"Action {review.action.code} : il manque son avancement", "review", review.pk))
    for measurement in measurements:
        if measurement.value is None and not measurement.missing_reason.strip():
            target = measurement.target
            text = (
                f"Action {target.action.code} : l’indicateur « {target.label} » n’a ni valeur ni raison de son absence"
            )
            rows.append(Lack(text, "review", review_of.get(target.action_id)))
    return rows
