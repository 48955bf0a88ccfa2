"""Gating strategies of other programs: Gating-ML, FlowJo, BD FACSDiva."""
