"""The dated rules of secrecy; what a Caf masks besides, and shows again."""

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Caf, Indicator, SecrecyRule, Territory, Value, Withholding
from territory.services.catalogue import judged_again
from territory.withholding import settle


@transaction.atomic
def add_secrecy_rule(rule: SecrecyRule, *, by: User | None) -> SecrecyRule:
    """From its year on, the small counts it forbids are masked at once; the worker then judges again what would give them
    back, in all of France and in each Caf."""
    if rule.pk:
        raise RuleBroken("Une règle du secret ne se modifie pas : ajoutez une nouvelle ligne, avec sa première année.")
    with judged_again():
        save_checked(rule)
    record(by, "secrecy.rule_added", rule, first_year=rule.first_year, threshold=rule.threshold, method=rule.method)
    return rule


@transaction.atomic
def write_withholding(
    *, caf: Caf, indicator: Indicator, territory: Territory, year: int, by: User | None
) -> Withholding:
    """The choice alone; what is masked is still to be settled, in the same transaction."""
    figures = Value.objects.filter(release__caf=caf, indicator=indicator, territory=territory, year=year)
    if not figures.filter(number__isnull=False).exists():
        raise RuleBroken("Seul un chiffre de votre Caf se masque : celui-ci est publié par un autre producteur.")
    row = Withholding(caf=caf, indicator=indicator, territory=territory, year=year, decided_by=by)
    save_checked(row)
    return row


@transaction.atomic
def withhold_value(*, caf: Caf, indicator: Indicator, territory: Territory, year: int, by: User | None) -> Withholding:
    """A figure of the Caf is masked so that another one stays secret; its ranks are made again."""
    row = write_withholding(caf=caf, indicator=indicator, territory=territory, year=year, by=by)
    settle(caf, [indicator.pk], [year])
    record(by, "secrecy.withheld", row, caf_code=caf.code, year=year)
    return row


@transaction.atomic
def show_value(row: Withholding, *, by: User | None) -> None:
    """What other figures need to stay masked does."""
    record(by, "secrecy.shown", row, caf_code=row.caf.code, year=row.year)
    row.delete()
    settle(row.caf, [row.indicator_id], [row.year])
