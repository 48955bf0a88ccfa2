"""Donors as a cohort: what goes together across them."""
