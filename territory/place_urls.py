"""Pages of a place, below /territoires/<kind>-<code>/; a custom perimeter is a place too."""

from django.urls import path, register_converter

from territory.views import place_files, places


class FormatConverter:
    regex = "csv|xlsx|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DrawingConverter(FormatConverter):
    regex = "(?:comparaison|courbe|carte|barres)"


class ImageConverter(FormatConverter):
    regex = "svg|png"


register_converter(FormatConverter, "data_format")
register_converter(DrawingConverter, "drawing")
register_converter(ImageConverter, "image_format")

app_name = "places"

urlpatterns = [
    path("", places.portrait, name="portrait"),
    path("comparer/", places.compare, name="compare"),
    path("portrait.pdf", place_files.portrait_pdf, name="portrait_pdf"),
    path("donnees.<data_format:extension>", place_files.data, name="data"),
    path("indicateurs/<slug:indicator>/", places.indicator, name="indicator"),
    path(
        "indicateurs/<slug:indicator>/donnees.<data_format:extension>",
        place_files.indicator_data,
        name="indicator_data",
    ),
    path(
        "indicateurs/<slug:indicator>/<drawing:drawing>.<image_format:image>",
        place_files.drawing,
        name="indicator_drawing",
    ),
    path("<slug:theme>/", places.theme, name="theme"),
]
