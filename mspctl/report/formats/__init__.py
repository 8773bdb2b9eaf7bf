"""The report and its documents as files: PDF, XLSX, Markdown, JSON, e-invoice."""
