"""What a sample sheet lacks or gets wrong, told before and after a run."""
