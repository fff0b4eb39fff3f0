from datetime import date
from typing import Any

from django import template

from territory.models import Ctg

register = template.Library()


@register.inclusion_tag("components/_ctg_card.html")
def ctg_card(ctg: Ctg, on: date) -> dict[str, Any]:
    return {"ctg": ctg, "state": ctg.state_on(on)}
