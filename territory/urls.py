"""Pages of a Ctg, below /ctg/<slug>/."""

from django.urls import path

from territory.views import discussions, facilities, figures, funding, members, publication, scenarios

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
    path("financements.xlsx", funding.funding_xlsx, name="funding_xlsx"),
    path("financements.csv", funding.funding_csv, name="funding_csv"),
    path("equipements/", facilities.facilities, name="facilities"),
    path("equipements/ajouter/", facilities.facility_new, name="facility_new"),
    path("equipements/<int:pk>/", facilities.facility, name="facility"),
    path("equipements/<int:pk>/modifier/", facilities.facility_edit, name="facility_edit"),
    path("equipements/<int:pk>/condition/", facilities.facility_fact, name="facility_fact"),
    path("simulation/", scenarios.scenarios, name="scenarios"),
    path("simulation.xlsx", scenarios.scenarios_xlsx, name="scenarios_xlsx"),
    path("simulation/ajouter/", scenarios.scenario_new, name="scenario_new"),
    path("simulation/<int:pk>/", scenarios.scenario_edit, name="scenario_edit"),
    path("simulation/<int:pk>/partager/", scenarios.scenario_share, name="scenario_share"),
    path("simulation/<int:pk>/inscrire/", scenarios.scenario_plan, name="scenario_plan"),
    path("simulation/<int:pk>/supprimer/", scenarios.scenario_delete, name="scenario_delete"),
    path("simulation/cej/", scenarios.contracts, name="contracts"),
    path("simulation/cej/ajouter/", scenarios.contract_new, name="contract_new"),
    path("simulation/cej/<int:pk>/", scenarios.contract_edit, name="contract_edit"),
    path("simulation/cej/<int:pk>/repartir/", scenarios.action_new, name="legacy_action_new"),
    path("simulation/actions/<int:pk>/", scenarios.action_edit, name="legacy_action_edit"),
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
