"""Raw spectral events: recognised, and unmixed with the spectra of single stains."""
