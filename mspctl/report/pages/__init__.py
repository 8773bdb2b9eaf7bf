"""Pages as HTML: the report of a month and the documents of a page or two."""
