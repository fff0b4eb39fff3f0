"""Under /ctg/<slug>/: the plan, its tree, its actions and their money."""

from django.urls import path

from actions import views

app_name = "actions"

plan_urls = [
    path("plan/", views.plan, name="plan"),
    path("plan/modifier/", views.plan_edit, name="plan_edit"),
    path("plan/plan-d-actions.xlsx", views.plan_xlsx, name="plan_xlsx"),
    path("plan/publier/", views.plan_publish, name="plan_publish"),
    path("plan/depublier/", views.plan_unpublish, name="plan_unpublish"),
    path("plan/rouvrir/", views.plan_reopen, name="plan_reopen"),
    path("plan/relancer/", views.plan_remind, name="plan_remind"),
    path("plan/versions/", views.plan_versions, name="plan_versions"),
    path("plan/versions/<int:version>/", views.plan_version, name="plan_version"),
    path("plan/versions/<int:version>/comparer/", views.plan_compare, name="plan_compare"),
]

objective_urls = [
    path("plan/objectifs/nouveau/", views.objective_new, name="objective_new"),
    path("plan/objectifs/<int:pk>/modifier/", views.objective_edit, name="objective_edit"),
    path("plan/objectifs/<int:pk>/deplacer/", views.objective_move, name="objective_move"),
    path("plan/objectifs/<int:pk>/supprimer/", views.objective_delete, name="objective_delete"),
]

action_urls = [
    path("actions/commencer/", views.action_begin, name="action_begin"),
    path("actions/nouvelle/", views.action_new, name="action_new"),
    path("actions/<int:pk>/", views.action, name="action"),
    path("actions/<int:pk>/modifier/", views.action_edit, name="action_edit"),
    path("actions/<int:pk>/modifier/<slug:step>/", views.action_step, name="action_step"),
    path("actions/<int:pk>/etapes/", views.steps_done, name="steps_done"),
    path("actions/<int:pk>/supprimer/", views.action_delete, name="action_delete"),
    path("actions/<int:pk>/faisabilite/", views.action_support, name="action_support"),
    path("actions/<int:pk>/proposer/", views.action_submit, name="action_submit"),
    path("actions/<int:pk>/brouillon/", views.action_return, name="action_return"),
    path("actions/<int:pk>/avis/", views.action_verdict, name="action_verdict"),
    path("actions/<int:pk>/budget/", views.budget, name="budget"),
    path("actions/<int:pk>/realise/", views.payments, name="payments"),
    path("actions/<int:pk>/indicateurs/nouveau/", views.target_new, name="target_new"),
]

target_urls = [
    path("indicateurs/<int:pk>/modifier/", views.target_edit, name="target_edit"),
    path("indicateurs/<int:pk>/supprimer/", views.target_delete, name="target_delete"),
]

urlpatterns = plan_urls + objective_urls + action_urls + target_urls
