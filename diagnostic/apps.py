from django.apps import AppConfig


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    verbose_name = "2. Diagnostic partagé"
    default_auto_field = "django.db.models.BigAutoField"
