"""What holds over donors: tests, estimates, the mixed model, how far responses differ."""
