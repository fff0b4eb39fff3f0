"""Pages of a Caf, below /caf/<code>/: all its money, whatever the territory."""

from django.urls import path

from territory.views import caf, secrecy

app_name = "caf"

urlpatterns = [
    path("argent/", caf.money, name="money"),
    path("argent.xlsx", caf.register_xlsx, name="register_xlsx"),
    path("argent.csv", caf.register_csv, name="register_csv"),
    path("echeances/", caf.due, name="due"),
    path("conventions/ajouter/", caf.agreement_new, name="agreement_new"),
    path("conventions/<int:pk>/", caf.agreement, name="agreement"),
    path("conventions/<int:pk>/modifier/", caf.agreement_edit, name="agreement_edit"),
    path("conventions/<int:pk>/payer/", caf.payment_new, name="payment_new"),
    path("conventions/<int:pk>/pieces/", caf.justification_new, name="justification_new"),
    path("secret/", secrecy.unmasked, name="unmasked"),
    path("secret/verifier/", secrecy.check, name="check_secrecy"),
    path("secret/masquer/", secrecy.withhold, name="withhold"),
    path("secret/<int:pk>/montrer/", secrecy.show, name="show_again"),
    path("import/", caf.import_new, name="import_new"),
    path("import/modele.xlsx", caf.template_xlsx, name="template_xlsx"),
    path("import/<int:pk>/", caf.import_preview, name="import_preview"),
    path("import/<int:pk>/relire/", caf.import_read, name="import_read"),
    path("import/<int:pk>/appliquer/", caf.import_apply, name="import_apply"),
]
