from django.apps import AppConfig


class DraftsConfig(AppConfig):
    name = "ctg_site.drafts"
    verbose_name = "Brouillons"
    default_auto_field = "django.db.models.BigAutoField"
