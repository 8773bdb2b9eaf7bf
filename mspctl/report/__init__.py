"""The client's report of a month, from the run log alone."""

from mspctl.report.formats.month import FORMATS, month_summary, report_month

__all__ = ["FORMATS", "month_summary", "report_month"]
