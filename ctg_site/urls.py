"""One include per app, in the order of the flow: diagnostic → plan → signature → evaluation."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, register_converter
from health_check.views import HealthCheckView

from ctg_site import views
from territory.views import caf


class KindConverter:
    """The level of a place in its address: letters only, so that the code may hold hyphens."""

    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

health = login_not_required(
    HealthCheckView.as_view(
        template_name="health.html",
        checks=["health_check.checks.Database", "health_check.checks.Cache", "health_check.checks.Storage"],
    )
)

urlpatterns = [
    path("", views.home, name="home"),
    path("territoires/", views.territories, name="territories"),
    path("territoires/<kind:kind>-<slug:code>/", views.territory, name="territory"),
    path("chercher/", views.search, name="search"),
    path("ce-qui-m-attend/", views.my_day, name="my_day"),
    path("ctg/nouvelle/", views.new_ctg, name="new_ctg"),
    path("ctg/<slug:slug>/", views.ctg, name="ctg"),
    path("ctg/<slug:slug>/suivi/", views.ctg_follow, name="ctg_follow"),
    path("ctg/<slug:slug>/", include("territory.urls")),
    path("ctg/<slug:slug>/", include("diagnostic.urls")),
    path("ctg/<slug:slug>/", include("actions.urls")),
    path("ctg/<slug:slug>/", include("governance.urls")),
    path("caf/<str:caf>/", include("territory.caf_urls")),
    path("baremes/", caf.rates, name="rates"),
    path("compte/", include("ctg_site.accounts.urls")),
    path("brouillons/", include("ctg_site.drafts.urls")),
    path("fichiers/", include("territory.file_urls")),
    path("invitations/", include("territory.invitation_urls")),
    path("methode/", views.method, name="method"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("mentions-legales/", views.legal, name="legal"),
    path("sante/", health, name="health"),
    path("administration/", admin.site.urls),
]

if settings.DEMO:
    urlpatterns += [path("messages-envoyes/", views.outbox, name="outbox")]
if settings.DEBUG or settings.DEMO:
    urlpatterns += [path("styleguide/", views.styleguide, name="styleguide")]
