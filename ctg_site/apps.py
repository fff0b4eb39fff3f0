from django.apps import AppConfig


class CtgSiteConfig(AppConfig):
    name = "ctg_site"
    verbose_name = "Conventions territoriales"
    default_auto_field = "django.db.models.BigAutoField"
