"""Descriptions of charts: the same one serves the page, the PDF and the reader who cannot see it.

Each description carries a title, one sentence, and what a table needs. Coordinates are ready-made text, because a
template would write 254.8 with a French comma. Colours are presentation attributes (``fill``, for WeasyPrint, which
applies no CSS to inline SVG) beside a class of the same name (for the dark theme); there is never a ``style``.
"""

from ctg_site.lib.charts.lines import LineChart, Series, line_chart
from ctg_site.lib.charts.maps import EVERYWHERE, WHERE_SHOWN, Area, Choropleth, choropleth
from ctg_site.lib.charts.marks import Bar, DotPlot, Point, Scale, bars, dot_plot
from ctg_site.lib.charts.points import PointMap, point_map
from ctg_site.lib.charts.stacks import StackChart, stack_chart
from ctg_site.lib.charts.timelines import Period, Span, Timeline, timeline

__all__ = [
    "EVERYWHERE",
    "WHERE_SHOWN",
    "Area",
    "Bar",
    "Choropleth",
    "DotPlot",
    "LineChart",
    "Period",
    "Point",
    "PointMap",
    "Scale",
    "Series",
    "Span",
    "StackChart",
    "Timeline",
    "bars",
    "choropleth",
    "dot_plot",
    "line_chart",
    "stack_chart",
    "timeline",
    "point_map",
]
