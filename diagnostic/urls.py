"""Under /ctg/<slug>/: the diagnosis, its groups, what they found, what it leads to."""

from django.urls import path

from diagnostic import views

app_name = "diagnostic"

diagnosis_urls = [
    path("diagnostic/", views.diagnosis, name="diagnosis"),
    path("diagnostic/modifier/", views.diagnosis_edit, name="diagnosis_edit"),
    path("diagnostic/diagnostic.xlsx", views.diagnosis_xlsx, name="diagnosis_xlsx"),
    path("diagnostic/diagnostic.pdf", views.diagnosis_pdf, name="diagnosis_pdf"),
    path("diagnostic/elus/", views.diagnosis_brief, name="diagnosis_brief"),
    path("diagnostic/versions/", views.diagnosis_versions, name="diagnosis_versions"),
    path("diagnostic/versions/<int:version>/", views.diagnosis_version, name="diagnosis_version"),
    path("diagnostic/versions/<int:version>/diagnostic.pdf", views.diagnosis_version_pdf, name="diagnosis_version_pdf"),
    path(
        "diagnostic/versions/<int:version>/diagnostic.xlsx", views.diagnosis_version_xlsx, name="diagnosis_version_xlsx"
    ),
    path("diagnostic/rouvrir/", views.diagnosis_reopen, name="diagnosis_reopen"),
    path("diagnostic/publier/", views.diagnosis_publish, name="diagnosis_publish"),
    path("diagnostic/depublier/", views.diagnosis_unpublish, name="diagnosis_unpublish"),
]

group_urls = [
    path("groupes/nouveau/", views.group_new, name="group_new"),
    path("groupes/<int:pk>/", views.group, name="group"),
    path("groupes/<int:pk>/modifier/", views.group_edit, name="group_edit"),
    path("groupes/<int:pk>/supprimer/", views.group_delete, name="group_delete"),
    path("groupes/<int:pk>/membres/", views.group_members, name="group_members"),
    path("groupes/<int:pk>/membres/retirer/", views.group_member_remove, name="group_member_remove"),
    path("groupes/<int:pk>/contribuer/", views.contribute, name="contribute"),
    path("groupes/<int:pk>/notation/", views.group_scoring, name="group_scoring"),
    path("groupes/<int:pk>/notation/ouvrir/", views.scoring_edit, name="scoring_edit"),
    path("groupes/<int:pk>/notation/prevenir/", views.scoring_call, name="scoring_call"),
    path("groupes/<int:pk>/notation/clore/", views.scoring_close, name="scoring_close"),
    path("groupes/<int:pk>/notation/bulletin/", views.ballot, name="ballot"),
]

contribution_urls = [
    path("contributions/", views.campaign, name="campaign"),
    path("contributions/dates/", views.campaign_dates, name="campaign_dates"),
    path("contributions/inviter/", views.guests_invite, name="guests_invite"),
    path("contributions/relancer/", views.guests_remind, name="guests_remind"),
    path("contributions/invites/<int:pk>/relancer/", views.guest_remind, name="guest_remind"),
    path("contributions/invites/<int:pk>/annuler/", views.guest_revoke, name="guest_revoke"),
    path("contributions/<int:pk>/repondre/", views.contribution_answer, name="contribution_answer"),
    path("contributions/<int:pk>/piece-jointe/", views.contribution_attachment, name="contribution_attachment"),
    path("mes-contributions/", views.my_contributions, name="my_contributions"),
    path("contribuer/<str:token>/", views.contribute_by_link, name="contribute_by_link"),
    path("contribuer/<str:token>/notation/<int:pk>/", views.ballot_by_link, name="ballot_by_link"),
    path("contribuer/<str:token>/suivi/", views.contributions_by_link, name="contributions_by_link"),
]

finding_urls = [
    path("constats/nouveau/", views.finding_new, name="finding_new"),
    path("constats/<int:pk>/", views.finding, name="finding"),
    path("constats/<int:pk>/modifier/", views.finding_edit, name="finding_edit"),
    path("constats/<int:pk>/supprimer/", views.finding_delete, name="finding_delete"),
    path("constats/<int:pk>/chiffres/", views.finding_figures, name="finding_figures"),
    path("constats/<int:pk>/chiffres/reprendre/", views.finding_figure_retake, name="finding_figure_retake"),
    path("pistes/nouvelle/", views.idea_new, name="idea_new"),
    path("pistes/<int:pk>/modifier/", views.idea_edit, name="idea_edit"),
    path("pistes/<int:pk>/supprimer/", views.idea_delete, name="idea_delete"),
]

priority_urls = [
    path("priorites/nouvelle/", views.priority_new, name="priority_new"),
    path("priorites/<int:pk>/", views.priority, name="priority"),
    path("priorites/<int:pk>/modifier/", views.priority_edit, name="priority_edit"),
    path("priorites/<int:pk>/deplacer/", views.priority_move, name="priority_move"),
    path("priorites/<int:pk>/supprimer/", views.priority_delete, name="priority_delete"),
]

urlpatterns = diagnosis_urls + group_urls + contribution_urls + finding_urls + priority_urls
