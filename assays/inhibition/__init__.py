"""What blockade does: percent inhibition, dose response, combination."""
