"""The files of figures of a Caf, below /fichiers/."""

from django.urls import path

from territory.views import files, vintages

app_name = "files"

urlpatterns = [
    path("", files.files, name="files"),
    path("modele.xlsx", files.template, name="template"),
    path("geographie/", vintages.vintage, name="vintage"),
    path("geographie/appliquer/", vintages.vintage_apply, name="vintage_apply"),
    path("geographie/supprimer/", vintages.vintage_discard, name="vintage_discard"),
    path("<int:pk>/", files.file, name="file"),
    path("<int:pk>/compte-rendu.xlsx", files.file_report, name="file_report"),
    path("<int:pk>/repondre/", files.file_answer, name="file_answer"),
    path("<int:pk>/appliquer/", files.file_apply, name="file_apply"),
    path("<int:pk>/annuler/", files.file_undo, name="file_undo"),
    path("<int:pk>/relire/", files.file_read, name="file_read"),
    path("<int:pk>/supprimer/", files.file_discard, name="file_discard"),
]
