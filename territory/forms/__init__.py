from territory.forms.files import AnswerForm, FileForm, TemplateForm
from territory.forms.money import (
    AgreementForm,
    CompletedLineForm,
    ControlTotalForm,
    FacilityFactForm,
    FacilityForm,
    FundingLineForm,
    ImportForm,
    JustificationForm,
    PaymentForm,
)
from territory.forms.pages import AcceptForm, CommentForm, FigureForm, InviteForm, LocalFigureForm
from territory.forms.scenarios import LegacyActionForm, LegacyContractForm, ScenarioForm
from territory.forms.secrecy import WithholdForm
from territory.forms.vintages import VintageForm

__all__ = [
    "AcceptForm",
    "AgreementForm",
    "AnswerForm",
    "CommentForm",
    "CompletedLineForm",
    "ControlTotalForm",
    "FacilityFactForm",
    "FacilityForm",
    "FigureForm",
    "FileForm",
    "FundingLineForm",
    "ImportForm",
    "InviteForm",
    "JustificationForm",
    "LegacyActionForm",
    "LegacyContractForm",
    "LocalFigureForm",
    "PaymentForm",
    "ScenarioForm",
    "TemplateForm",
    "VintageForm",
    "WithholdForm",
]
