"""A page gets its Ctg here and nowhere else: what is not yours, and not public, does not exist."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from territory.models import Ctg

PAGE = ("caf__territory", "territory__parent")


def open_ctg(request: HttpRequest, slug: str) -> Ctg:
    return get_object_or_404(
        Ctg.objects.open_to(request.user).select_related(*PAGE).prefetch_related("facts"), slug=slug
    )


def own_ctg(request: HttpRequest, slug: str) -> Ctg:
    return get_object_or_404(
        Ctg.objects.visible_to(request.user).select_related(*PAGE).prefetch_related("facts"), slug=slug
    )
