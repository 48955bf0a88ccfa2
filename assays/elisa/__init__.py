"""From a plate's readings to concentrations: the ELISA journey."""
