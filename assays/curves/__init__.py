"""Standard curves: fit them, read samples back from them."""
