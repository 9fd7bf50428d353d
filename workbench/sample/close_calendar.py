"""The closing calendar of the month: tasks with their working day and date (calendario de cierre)."""

from __future__ import annotations

from pathlib import Path

from .days import Months

#: Working day relative to the first one of the next month (DOMAIN, section 18), and the task.
TASKS = (
    (-5, "Enviar estados de cuenta y actas; pedir confirmaciones"),
    (-4, "Listar partidas bancarias de más de 30 días; certificados de retención"),
    (-3, "Corte de notas crédito y débito con los CEDI; última revisión de facturación"),
    (-2, "Identificar consignaciones; cargar archivos de banco; lista previa a 180 días"),
    (-1, "Terminar aplicación de pagos; primer cruce de notas crédito"),
    (1, "Archivos de banco del último día; aplicación final; segundo cruce de notas crédito"),
    (
        2,
        "Conciliación bancaria y su aprobación; diferencia en cambio con la última TRM y giros sin legalizar",
    ),
    (3, "Traslado de más de 180 días; provisión; aprobación de castigos"),
    (4, "Cuadre del auxiliar con contabilidad; congelar cartera por edades; cerrar el período"),
    (5, "Estadísticas e indicadores; actas enviadas; lecciones aprendidas"),
)


def write_calendar(path: Path, months: Months) -> Path:
    """One row a task: working day, date, task."""
    rows = ["periodo,dia_habil,fecha,tarea"]
    for day, task in TASKS:
        date = months.working.close_day(months.closing, day)
        rows.append(f"{months.closing},{day:+d},{date.isoformat()},{task}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path
