"""Which documents add up to an amount: none, one set, or several; each space is searched whole or not at all.

``find_subsets`` answers as money: two sets of documents with the same amounts are one answer, for the cent
cannot tell them apart (whoever applies it takes the oldest due date and says so). ``searches`` holds the
loops, plain Python that numba compiles where it is installed. Source: PERFORMANCE, 3c; DOMAIN, section 3.
"""

from .found import Found, Verdict, find_held_back, find_subsets

__all__ = ["Found", "Verdict", "find_held_back", "find_subsets"]
