"""Pages of a Ctg, below /ctg/<slug>/."""

from django.urls import path

from territory.views import discussions, figures, funding, members, publication

app_name = "territory"

urlpatterns = [
    path("portrait.xlsx", publication.portrait_xlsx, name="portrait_xlsx"),
    path("portrait/publier/", publication.portrait_publish, name="portrait_publish"),
    path("portrait/retirer/", publication.portrait_unpublish, name="portrait_unpublish"),
    path("calendrier/publier/", publication.calendar_publish, name="calendar_publish"),
    path("calendrier/retirer/", publication.calendar_unpublish, name="calendar_unpublish"),
    path("chiffres/", figures.figures, name="figures"),
    path("chiffres/saisir/", figures.figure_type, name="figure_type"),
    path("financements/", funding.funding, name="funding"),
    path("financements/ajouter/", funding.funding_new, name="funding_new"),
    path("financements/<int:pk>/", funding.funding_edit, name="funding_edit"),
    path("financements/<int:pk>/supprimer/", funding.funding_delete, name="funding_delete"),
    path("financements/totaux/ajouter/", funding.total_new, name="total_new"),
    path("financements/totaux/<int:pk>/", funding.total_edit, name="total_edit"),
    path("financements/totaux/<int:pk>/supprimer/", funding.total_delete, name="total_delete"),
    path("echanges/<slug:kind>/<int:pk>/", discussions.discussion, name="discussion"),
    path("echanges/<slug:kind>/<int:pk>/historique/", discussions.story, name="story"),
    path("echanges/<int:pk>/regler/", discussions.comment_settle, name="comment_settle"),
    path("echanges/<int:pk>/rouvrir/", discussions.comment_reopen, name="comment_reopen"),
    path("equipe/", members.members, name="members"),
    path("equipe/inviter/", members.invite, name="invite"),
    path("equipe/invitations/<int:pk>/relancer/", members.invitation_remind, name="invitation_remind"),
    path("equipe/invitations/<int:pk>/annuler/", members.invitation_revoke, name="invitation_revoke"),
    path("equipe/<int:pk>/retirer/", members.member_withdraw, name="member_withdraw"),
]
