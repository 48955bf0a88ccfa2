"""EC50s of a stimulus with and without an antagonist: shift and Schild slope."""
