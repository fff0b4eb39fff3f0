from django.urls import path

from ctg_site.drafts import views

app_name = "drafts"

urlpatterns = [
    path("enregistrer/", views.save, name="save"),
    path("oublier/", views.discard, name="discard"),
]
