"""The panels answer to ``.value`` and ``.click()``: what is asked, what is shown, what is said."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pandas as pd
import pytest

from workbench.errors import MissingRateError
from workbench.views.panels import close_panel, parts
from workbench.views.panels.aging_panel import AgingPanel, AgingQuestion

AS_OF, LAST_CLOSE = dt.date(2026, 10, 31), dt.date(2026, 9, 30)
ITEMS = pd.DataFrame(
    [
        ("ANDINA", "SUP1", "0001", "900/1", "COP", 10_000_000_00, "not_due"),
        ("ANDINA", "SUP1", "0001", "900/2", "COP", 20_000_000_00, "d31_60"),
        ("ANDINA", "SUP2", "0002", "901/1", "COP", 30_000_000_00, "d181_360"),
        ("CARIBE", "SUP3", "0003", "902/1", "COP", 5_000_000_00, "not_due"),
        ("CARIBE", "SUP3", "0003", "<b>903</b>", "USD", 700_00, "not_due"),
    ],
    columns="cluster_id supervisor_id customer_id document_id currency open_amount bucket".split(),
)
BUCKETS = ("not_due", "d31_60", "d181_360")


class Desk:
    """Answers from the frame above and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[AgingQuestion] = []

    def items(self, question: AgingQuestion) -> pd.DataFrame:
        self.asked.append(question)
        chosen = ITEMS[ITEMS["currency"] == question.currency]
        for column, value in question.where:
            chosen = chosen[chosen[column] == value]
        if question.as_of < AS_OF:
            chosen = chosen[chosen["bucket"] == "not_due"]
        return chosen.assign(pending_applications=0, days_overdue=1).reset_index(drop=True)

    def summarise(self, question: AgingQuestion) -> pd.DataFrame:
        items = self.items(question)
        for name in BUCKETS:
            items[name] = items["open_amount"].where(items["bucket"] == name, 0)
        items["unapplied"] = 0
        items["total"] = items["open_amount"]
        figures = [*BUCKETS, "unapplied", "total", "pending_applications"]
        return items.groupby([*question.by, "currency"])[figures].sum().reset_index()


def a_panel(desk: Desk | None = None, **more: Any) -> AgingPanel:
    desk = desk or Desk()
    told: dict[str, Any] = {
        "summarise": desk.summarise,
        "list_items": desk.items,
        "as_of": AS_OF,
        "currencies": ["COP", "USD"],
        "last_close": LAST_CLOSE,
        "lang": "es",
        **more,
    }
    return AgingPanel(**told)


def test_the_page_opens_with_figures_and_their_change_since_the_last_close() -> None:
    panel = a_panel()
    assert "65,0" in panel.figures.value
    assert "+50,0 desde el cierre del 30/09/2026" in panel.figures.value
    assert "76,9 % del saldo" in panel.figures.value
    assert "65.000.000,00 COP" in panel.figures.value, "the exact figure on hover"
    assert "2 filas, 65.000.000 COP" in panel.table_title.value


def test_each_filter_is_asked_for() -> None:
    desk = Desk()
    panel = a_panel(desk)
    panel.basis.value = "document"
    assert desk.asked[-1].basis == "document"
    panel.credits.value = "net"
    assert desk.asked[-1].credits == "net"
    panel.as_of.value = dt.date(2026, 10, 15)
    assert desk.asked[-1].as_of == dt.date(2026, 10, 15)
    panel.dimension.value = "customer_id"
    assert desk.asked[-1].by == ("customer_id",)
    panel.currency.value = "USD"
    assert {question.currency for question in desk.asked[-2:]} == {"USD"}


def test_drilling_goes_from_cluster_to_document_and_back() -> None:
    panel = a_panel()
    assert panel.drill.layout.display == "none"
    for dimension, value in (("cluster_id", "ANDINA"), ("supervisor_id", "SUP2"), ("customer_id", "0002")):
        assert panel.dimension.value == dimension
        panel.table.selected_rows = [list(panel.rows[dimension]).index(value)]
        assert value in panel.detail.value
        panel.drill.click()
    assert panel.where == (("cluster_id", "ANDINA"), ("supervisor_id", "SUP2"), ("customer_id", "0002"))
    assert list(panel.rows["document_id"]) == ["901/1"]
    panel.table.selected_rows = [0]
    assert "30.000.000,00" in panel.detail.value
    assert panel.drill.layout.display == "none", "a document is the last step"
    panel.crumbs.children[1].click()
    assert panel.where == (("cluster_id", "ANDINA"),)
    assert panel.dimension.value == "supervisor_id"
    panel.crumbs.children[0].click()
    assert panel.where == ()
    assert panel.crumbs.children == ()


def test_the_largest_balance_comes_first_and_sorts_as_a_number() -> None:
    panel = a_panel()
    assert list(panel.rows["cluster_id"]) == ["ANDINA", "CARIBE"]
    frame = panel.table.df
    assert list(frame["Saldo total"]) == ["60.000.000", "5.000.000"]
    hidden = [name for name in frame.columns if name.startswith("·")]
    assert list(frame[hidden[0]]) == [60_000_000_00.0, 5_000_000_00.0]


def test_data_is_escaped_in_the_detail() -> None:
    panel = a_panel(currencies=["USD"])
    panel.dimension.value = "document_id"
    panel.table.selected_rows = [0]
    assert "<b>903" not in panel.detail.value
    assert "&lt;b&gt;903" in panel.detail.value


def test_a_refusal_is_said_in_place_and_the_page_stays() -> None:
    desk = Desk()
    panel = a_panel(desk)
    before = panel.figures.value

    def refuse(_question: AgingQuestion) -> pd.DataFrame:
        raise MissingRateError(**{"from": "USD", "to": "COP", "on": "2026-10-31"})

    panel._summarise = refuse
    panel.basis.value = "reception"
    assert "wb-message-wrong" in panel.message.value
    assert 'role="alert"' in panel.message.value
    assert panel.figures.value == before
    panel._summarise = desk.summarise
    panel.basis.value = "due"
    assert panel.message.value == ""


def test_without_a_date_it_says_what_to_do() -> None:
    panel = a_panel()
    panel.as_of.value = None
    assert "Escoja una fecha de corte" in panel.message.value


def test_empty_says_what_would_be_here_and_how_it_gets_here() -> None:
    panel = a_panel(currencies=["EUR"], last_close=None)
    shown = panel._table_place.children[0].value
    assert "workbench import" in shown
    nothing = a_panel(currencies=[], last_close=None)
    assert "workbench import" in nothing._table_place.children[0].value


def test_a_download_asks_for_what_is_shown() -> None:
    asked: list[tuple[AgingQuestion, str]] = []

    def export(question: AgingQuestion, kind: str) -> parts.Download:
        asked.append((question, kind))
        return parts.Download(f"cartera.{kind}", b"\x00\x01", parts.XLSX)

    panel = a_panel(export=export)
    panel.table.selected_rows = [0]
    panel.drill.click()
    for button in panel.downloads:
        button.click()
    assert [kind for _, kind in asked] == ["xlsx", "csv"]
    assert asked[0][0] == panel.question
    assert asked[0][0].where == (("cluster_id", "ANDINA"),)
    handed = panel.downloads[0].handed
    assert handed is not None
    assert handed.content == b"\x00\x01"


def test_a_panel_without_an_export_has_no_downloads() -> None:
    assert a_panel().downloads == []


def test_english_by_switch() -> None:
    panel = a_panel(lang="en")
    assert "Balance (millions of COP)" in panel.figures.value
    assert "Overdue" in panel.table.df.columns
    assert "60,000,000" in list(panel.table.df["Total"])


@pytest.mark.parametrize("dark", [False, True])
def test_the_chart_asks_nothing_of_the_internet(dark: bool) -> None:
    panel = a_panel(dark=dark)
    chart = panel._chart_place.children[0]
    assert type(chart)._is_offline
    assert "esm.sh" not in str(chart._esm)
    assert ("wb-dark" in panel.widget._dom_classes) is dark


def test_a_long_recomputation_says_so_and_a_short_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    place = parts.ipywidgets.HTML("before")
    seen: list[str] = []
    place.observe(lambda change: seen.append(change["new"]), names="value")
    with monkeypatch.context() as patient:
        patient.setattr(parts, "BUSY_AFTER_SECONDS", 60)  # however slow the machine is, this is short
        with parts.busy(place, "es"):
            pass
    assert seen == []
    end = time.monotonic() + 60
    with parts.busy(place, "es"):
        while not seen and time.monotonic() < end:
            time.sleep(0.05)
    assert "Calculando" in seen[0]
    assert place.value == "before"


def test_a_table_too_long_for_a_browser_is_cut_and_says_so() -> None:
    frame = pd.DataFrame({"document_id": [str(number) for number in range(parts.MOST_ROWS + 1)]})
    assert "2.001" in parts.cut_note(frame, "es")
    assert parts.cut_note(frame.head(5), "es") == ""


# The close board ---------------------------------------------------------------------------------

TASKS = pd.DataFrame(
    [
        ("bank", "Bancos", 1, "", "approved", ""),
        ("match", "Aplicar", 1, "bank", "failed", "La <corrida> falló"),
        ("age", "Edades", 2, "match", "blocked", ""),
        ("pack", "Paquete", 5, "age,bank", "not_started", ""),
    ],
    columns="task_id name working_day predecessors state cause".split(),
).assign(notebook=["", "payment_matching", "aging_review", ""], is_late=[False, True, False, False])
TIES = pd.DataFrame(
    {
        "notebook": ["payment_matching", "payment_matching"],
        "name": ["Recibido", "Filas"],
        "expected": [{"COP": 100_00, "USD": -5_00}, 12],
        "actual": [{"COP": 100_00, "USD": -5_00}, 13],
        "passed": [True, False],
    }
)


def a_board(**more: Any) -> close_panel.ClosePanel:
    told: dict[str, Any] = {
        "load": lambda: close_panel.CloseBoard(TASKS, TIES),
        "period": "2026-10",
        "lang": "es",
        **more,
    }
    return close_panel.ClosePanel(**told)


def test_who_waits_for_whom() -> None:
    waits = close_panel.with_waits(TASKS).set_index("task_id")
    assert list(waits["waits_for_ids"]) == [[], [], ["match"], ["age"]]
    assert list(waits["holds_up_ids"]) == [[], ["age"], ["pack"], []]
    assert waits.loc["pack", "waits_for"] == "Edades"


def test_the_board_counts_states_and_tie_outs() -> None:
    board = a_board()
    assert "Bloqueadas, devueltas o fallidas" in board.figures.value
    assert "wb-wrong" in board.figures.value
    assert "1.234" not in board.tie_outs.value
    assert "100,00 COP · -5,00 USD" in board.tie_outs.value
    assert "✗ no cuadra" in board.tie_outs.value
    assert "octubre de 2026" in board.widget.children[1].value


def test_a_task_shows_its_cause_its_neighbours_and_its_tie_outs() -> None:
    board = a_board()
    board.table.selected_rows = [list(board.rows["task_id"]).index("match")]
    said = board.detail.value
    assert "La &lt;corrida&gt; falló" in said
    assert "Edades: ■ Bloqueada" in said
    assert "Falló · atrasada" in said
    assert "✓ cuadra" in said


def test_the_state_filter_keeps_its_tasks_only() -> None:
    board = a_board()
    board.state.value = "blocked"
    assert list(board.rows["task_id"]) == ["age"]
    board.state.value = "skipped"
    assert "Ninguna tarea" in board._table_place.children[0].value
    board.state.value = "all"
    assert len(board.rows) == 4


def test_refresh_looks_anew_and_a_refusal_keeps_what_was_shown() -> None:
    boards = [close_panel.CloseBoard(TASKS, TIES), close_panel.CloseBoard(TASKS.assign(state="approved"))]

    def load() -> close_panel.CloseBoard:
        if not boards:
            raise MissingRateError(**{"from": "USD", "to": "COP", "on": "2026-10-31"})
        return boards.pop(0)

    board = a_board(load=load)
    board.refresh_button.click()
    assert set(board.board.tasks["state"]) == {"approved"}
    assert board.tie_outs.value == ""
    board.refresh_button.click()
    assert "wb-message-wrong" in board.message.value
    assert len(board.rows) == 4


def test_a_period_without_tasks_says_how_they_appear() -> None:
    board = a_board(load=lambda: close_panel.CloseBoard(TASKS.head(0)))
    assert "workbench close" in board._table_place.children[0].value
    assert "Tablero de cierre" in board.widget.children[1].value
