"""The ELISA journey: standards, limits, concentrations, acceptance."""
