from territory.exports.lines import lines_csv, register_workbook, template_workbook
from territory.exports.portrait import SECRECY, cell, portrait_workbook
from territory.exports.scenarios import scenarios_workbook

__all__ = [
    "SECRECY",
    "cell",
    "lines_csv",
    "portrait_workbook",
    "register_workbook",
    "scenarios_workbook",
    "template_workbook",
]
