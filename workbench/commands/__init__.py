"""Groups of commands that stand beside ``cli``, which gathers them; ``door`` is what each one is given."""
