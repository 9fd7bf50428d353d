"""Documents that leave the house as PDF: a customer's statement, and the act that both sides sign.

``shapes`` is what a document says, plain data without the book; ``pages`` makes the PDF; ``bulk`` makes many;
``signing`` puts a digital signature on one. What comes back is read by ``sources.signed_copies``.
"""
