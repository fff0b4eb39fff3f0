from territory.forms.pages import AcceptForm, ControlTotalForm, FigureForm, FundingLineForm, InviteForm

__all__ = ["AcceptForm", "ControlTotalForm", "FigureForm", "FundingLineForm", "InviteForm"]
