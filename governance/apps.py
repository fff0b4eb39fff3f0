from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "4. Gouvernance, convention, évaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from actions.services import on_reopening
        from governance.services import follow_plan

        on_reopening(follow_plan)
