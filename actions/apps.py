from django.apps import AppConfig

from territory.subjects import discuss


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "3. Plan d’actions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        discuss("action", self.get_model("Action"), "plan__diagnosis__ctg", key="key")
        discuss("objectif", self.get_model("Objective"), "plan__diagnosis__ctg", key="key")
        discuss("plan", self.get_model("ActionPlan"), "diagnosis__ctg")
