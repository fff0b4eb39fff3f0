"""Under /ctg/<slug>/: the calendar and its decisions, the convention and its signatures, the evaluation of each year."""

from django.urls import path

from governance import views

app_name = "governance"

calendar_urls = [
    path("calendrier/", views.calendar, name="calendar"),
    path("calendrier/comites/nouveau/", views.committee_new, name="committee_new"),
    path("calendrier/comites/<int:pk>/", views.committee_edit, name="committee_edit"),
    path("calendrier/reunions/nouvelle/", views.meeting_new, name="meeting_new"),
    path("calendrier/reunions/<int:pk>/", views.meeting, name="meeting"),
    path("calendrier/reunions/<int:pk>/modifier/", views.meeting_edit, name="meeting_edit"),
    path("calendrier/reunions/<int:pk>/tenir/", views.meeting_hold, name="meeting_hold"),
    path("calendrier/reunions/<int:pk>/annuler/", views.meeting_cancel, name="meeting_cancel"),
    path("calendrier/reunions/<int:pk>/presences/", views.meeting_attendance, name="meeting_attendance"),
    path(
        "calendrier/reunions/<int:pk>/presences/retirer/",
        views.meeting_attendance_remove,
        name="meeting_attendance_remove",
    ),
    path("calendrier/reunions/<int:pk>/decider/", views.decision_take, name="decision_take"),
]

agreement_urls = [
    path("convention/", views.agreement, name="agreement"),
    path("convention/convention.pdf", views.agreement_pdf, name="agreement_pdf"),
    path("convention/preparer/", views.agreement_new, name="agreement_new"),
    path("convention/modifier/", views.agreement_edit, name="agreement_edit"),
    path("convention/articles/nouveau/", views.article_new, name="article_new"),
    path("convention/articles/<int:pk>/", views.article_edit, name="article_edit"),
    path("convention/articles/<int:pk>/deplacer/", views.article_move, name="article_move"),
    path("convention/articles/<int:pk>/supprimer/", views.article_delete, name="article_delete"),
]

party_urls = [
    path("convention/parties/nouvelle/", views.party_new, name="party_new"),
    path("convention/parties/<int:pk>/", views.party_edit, name="party_edit"),
    path("convention/parties/<int:pk>/retirer/", views.party_remove, name="party_remove"),
    path("convention/parties/<int:pk>/deliberation/", views.deliberation_edit, name="deliberation_edit"),
    path("convention/parties/<int:pk>/signature/", views.signature_record, name="signature_record"),
]

evaluation_urls = [
    path("evaluation/", views.evaluations, name="evaluations"),
    path("evaluation/methode/", views.method, name="method"),
    path("evaluation/methode/modifier/", views.method_edit, name="method_edit"),
    path("evaluation/<int:year>/", views.evaluation, name="evaluation"),
    path("evaluation/<int:year>/evaluation.xlsx", views.evaluation_xlsx, name="evaluation_xlsx"),
    path("evaluation/<int:year>/ouvrir/", views.evaluation_open, name="evaluation_open"),
    path("evaluation/<int:year>/modifier/", views.evaluation_edit, name="evaluation_edit"),
    path("evaluation/<int:year>/publier/", views.evaluation_publish, name="evaluation_publish"),
    path("evaluation/<int:year>/depublier/", views.evaluation_unpublish, name="evaluation_unpublish"),
    path("evaluation/<int:year>/actions/<int:pk>/", views.review_edit, name="review_edit"),
]

urlpatterns = calendar_urls + agreement_urls + party_urls + evaluation_urls
