"""What anyone may take away of a place: its figures, its portrait as a PDF, each drawing."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse

from ctg_site.lib import french_csv, sheets
from ctg_site.lib.charts.images import png_of
from ctg_site.lib.dates import today
from ctg_site.lib.http import attached
from territory.drawings import draw
from territory.place_documents import portrait_document
from territory.place_exports import Data, data_csv, data_json, data_workbook, read_data
from territory.portraits import naming
from territory.portraits.figures import read_figures
from territory.portraits.opened import open_indicator
from territory.views.place_fetching import Seen, seen_indicator, seen_place
from territory.views.places import chosen_figures

Write = Callable[[Data], bytes]

FORMATS: dict[str, tuple[Write, str]] = {
    "csv": (data_csv, french_csv.CONTENT_TYPE),
    "xlsx": (data_workbook, sheets.CONTENT_TYPE),
    "json": (data_json, "application/json"),
}
IMAGES = {"svg": "image/svg+xml", "png": "image/png"}


@login_not_required
def data(request: HttpRequest, kind: str, code: str, extension: str) -> HttpResponse:
    seen = seen_place(request, kind, code)
    figures = read_figures(seen.stage, seen.caf, Q(), whole=True)
    return _data(seen, read_data(figures, f"Chiffres {naming.of(seen.place)}", today()), extension, "chiffres")


@login_not_required
def indicator_data(request: HttpRequest, kind: str, code: str, indicator: str, extension: str) -> HttpResponse:
    seen, found = seen_place(request, kind, code), seen_indicator(indicator)
    figures = read_figures(seen.stage, seen.caf, Q(pk=found.pk), with_communes=True)
    title = f"{found.label}, {seen.place.name}"
    return _data(
        seen, read_data(figures, title, today(), inside_of=figures.indicators[found.code]), extension, found.code
    )


@login_not_required
def drawing(request: HttpRequest, kind: str, code: str, indicator: str, drawing: str, image: str) -> HttpResponse:
    seen, found = seen_place(request, kind, code), seen_indicator(indicator)
    figures = chosen_figures(request, seen, Q(pk=found.pk))
    opened = open_indicator(figures.indicators[found.code], figures, today())
    svg = draw(opened, drawing, on=today())
    if svg is None:
        raise Http404
    content = png_of(svg) if image == "png" else svg.encode()
    return attached(content, IMAGES[image], f"{found.code}-{drawing}-{seen.key}.{image}")


@login_not_required
def portrait_pdf(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    seen = seen_place(request, kind, code)
    content = portrait_document(seen.stage, seen.caf, is_public=seen.is_public, on=today())
    return attached(content, "application/pdf", f"portrait-{seen.key}.pdf")


def _data(seen: Seen, rows: Data, extension: str, name: str) -> HttpResponse:
    write, content_type = FORMATS[extension]
    return attached(write(rows), content_type, f"{name}-{seen.key}.{extension}")
