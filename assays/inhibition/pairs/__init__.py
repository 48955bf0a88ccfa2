"""Two inhibitors at once: what is expected of each alone, and the excess."""
