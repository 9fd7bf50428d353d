"""What people see: charts, workbooks, HTML for notebooks, panels for apps. Frames and callables come in.

``theme`` holds every colour; ``columns`` says what a column is called and how its cells read; no module
here imports the book or the sources.
"""
