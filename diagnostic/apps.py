from django.apps import AppConfig

from territory.subjects import discuss


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    verbose_name = "2. Diagnostic partagé"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        discuss("constat", self.get_model("Finding"), "diagnosis__ctg", key="key")
        discuss("priorite", self.get_model("Priority"), "diagnosis__ctg", key="key")
        discuss("diagnostic", self.get_model("Diagnosis"), "ctg", key="ctg")
