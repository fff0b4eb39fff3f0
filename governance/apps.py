from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "4. Gouvernance, convention, évaluation"
    default_auto_field = "django.db.models.BigAutoField"
