"""The shapes of what people type; every form ends by calling a service."""

from governance.forms.agreements import (
    AgreementForm,
    ArticleForm,
    DeliberationForm,
    PartyForm,
    SignatoryFormSet,
    SignatureForm,
)
from governance.forms.committees import AttendanceForm, CommitteeForm, DecisionForm, HoldForm, MeetingForm
from governance.forms.evaluations import MeasurementFormSet, MethodForm, ReviewForm, SummaryForm

__all__ = [
    "AgreementForm",
    "ArticleForm",
    "AttendanceForm",
    "CommitteeForm",
    "DecisionForm",
    "DeliberationForm",
    "HoldForm",
    "MeasurementFormSet",
    "MeetingForm",
    "MethodForm",
    "PartyForm",
    "ReviewForm",
    "SignatoryFormSet",
    "SignatureForm",
    "SummaryForm",
]
