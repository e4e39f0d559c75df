"""What is posted to have a report made."""

from govgrid.web.forms import Form, Moment
from govgrid.words import N_, Word


class Ending(Word):
    """What a report is exported as."""

    PDF = "pdf", N_("PDF")
    XLSX = "xlsx", N_("Excel")


class ReportForm(Form):
    """Area, month and moment of a report; without a moment, now."""

    area: str
    month: str
    as_of: Moment | None = None


class FileForm(ReportForm):
    """A report to be given at once."""

    ending: Ending = Ending.PDF
