from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "territory"
    verbose_name = "1. Territoires, chiffres, financements"
    default_auto_field = "django.db.models.BigAutoField"
