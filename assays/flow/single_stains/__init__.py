"""Single-stained controls become a spillover matrix, with what speaks for and against it."""
