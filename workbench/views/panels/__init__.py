"""Panels of the apps: widgets that get callables and frames, and know nothing of the book.

A panel is tested by setting ``.value`` and calling ``.click()``; what no callable was given for is not
shown, so the same panel serves readers.
"""
