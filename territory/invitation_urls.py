from django.urls import path

from territory.views.invitation import invitation

app_name = "invitations"

urlpatterns = [path("<str:token>/", invitation, name="invitation")]
