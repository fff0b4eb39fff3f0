"""The files of figures of a Caf, below /fichiers/."""

from django.urls import path

from territory.views import files

app_name = "files"

urlpatterns = [
    path("", files.files, name="files"),
    path("modele.xlsx", files.template, name="template"),
    path("<int:pk>/", files.file, name="file"),
    path("<int:pk>/compte-rendu.xlsx", files.file_report, name="file_report"),
    path("<int:pk>/repondre/", files.file_answer, name="file_answer"),
    path("<int:pk>/appliquer/", files.file_apply, name="file_apply"),
    path("<int:pk>/annuler/", files.file_undo, name="file_undo"),
    path("<int:pk>/relire/", files.file_read, name="file_read"),
    path("<int:pk>/supprimer/", files.file_discard, name="file_discard"),
]
