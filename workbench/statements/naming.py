"""How many documents stand behind a line, and what the first are called."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

#: So many documents of a line are named in it.
MOST_NAMED = 3


class Listed(NamedTuple):
    """By group: the first names, and how many there are."""

    names: pd.Series
    counts: pd.Series


def listed(groups: pd.Series, names: pd.Series) -> Listed:
    """The first three different names of each group in their order, and how many there are; '' is none."""
    told = pd.DataFrame({"group": groups.to_numpy(), "name": names.to_numpy()})
    told = told[told["name"] != ""].drop_duplicates().sort_values(["group", "name"])
    counts = told.groupby("group")["name"].size()
    few = told[told.groupby("group").cumcount() < MOST_NAMED]
    joined = few.groupby("group")["name"].agg(", ".join)
    more = np.where(counts.reindex(joined.index).to_numpy() > MOST_NAMED, " …", "")
    return Listed(joined + more, counts)
