"""Pages, workbooks and figures, made from records."""
