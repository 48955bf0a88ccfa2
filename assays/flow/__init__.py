"""From FCS files to populations, readings and inhibition."""
