"""Dose series: the curve, the IC50 with its interval, and what is left open."""
