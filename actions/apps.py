from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "3. Plan d’actions"
    default_auto_field = "django.db.models.BigAutoField"
