"""Plain records that leave a journey: parameters, sampled curves, pictures' data, tables.

No masks and no events: whatever draws, writes or stores a run needs nothing else.
"""
