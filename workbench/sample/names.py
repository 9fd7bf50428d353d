"""Made-up names: no company and no person of these names is meant."""

from __future__ import annotations

import unicodedata

import numpy as np

HEADS = (
    "Almacenes Distribuciones Comercializadora Ferretería Droguería Textiles Alimentos Plásticos Maderas "
    "Papelería Laboratorios Transportes Confecciones Suministros Empaques Molinos Frigorífico Calzado "
    "Repuestos Agropecuaria Lácteos Químicos Muebles Cerámicas Editorial"
).split()
MIDDLES = (
    "Quimbayola,Altomira,Cañafría,Piedraluz,Montealba,Guaduares,Rionuevo,El Arrayán,Santelmo,Valdecampo,"
    "Nubelinda,Caracolí Norte,La Totuma,Brisamar,Cumbrealta,Peñablanca,Tres Ceibas,Orocampo,Aguamansa,"
    "El Yarumo Azul,Siete Cueros,Villamistral,Candelario,Las Guacamayas,Tierramora,Samanes,Bosquefino,"
    "Puenteviejo,Matarredonda,Campoverán"
).split(",")
FORMS = ("S.A.S.", "S.A.", "Ltda.", "& Cía. S.C.A.", "S.A.S.")
FOREIGN_HEADS = (
    "Northvale,Brightmere,Calder Ridge,Oakhollow,Silverquay,Westmarrow,Harbourne,Redfern Vale,Lakemoor,"
    "Stonebrook,Alderway,Grunwaldia,Côte-Argent,Lindenhof,Porto Velmar,Ridgecombe,Ashdell,Kestrelton,"
    "Fairwick,Montclairin"
).split(",")
FOREIGN_MIDDLES = "Foods,Imports,Trading,Wholesale,Naturals,Flowers,Coffee,Produce,Supply,Markets".split(",")
FOREIGN_FORMS: dict[str, str] = {
    "US": "Inc.",
    "PA": "S.A.",
    "EC": "Cía. Ltda.",
    "DE": "GmbH",
    "ES": "S.L.",
    "CA": "Corp.",
}
CHANNELS = ("SUC VIRTUAL", "PSE", "ACH", "CORRESPONSAL", "OFICINA", "APP EMPRESAS")


def national_names(count: int, rng: np.random.Generator) -> list[str]:
    """``count`` different company names of Colombian form."""
    return _different(count, rng, HEADS, MIDDLES, [FORMS[i] for i in rng.integers(0, len(FORMS), count)])


def foreign_names(countries: list[str], rng: np.random.Generator) -> list[str]:
    """A different company name for each country given."""
    forms = [FOREIGN_FORMS[country] for country in countries]
    return _different(len(countries), rng, FOREIGN_HEADS, FOREIGN_MIDDLES, forms)


def _different(
    count: int,
    rng: np.random.Generator,
    firsts: list[str] | tuple[str, ...],
    seconds: list[str],
    forms: list[str],
) -> list[str]:
    """Every pair once in a random order, then again with a number behind it."""
    pairs = len(firsts) * len(seconds)
    order = rng.permutation(pairs)
    names = []
    for position, form in enumerate(forms[:count]):
        first, second = divmod(int(order[position % pairs]), len(seconds))
        again = f" {position // pairs + 1}" if position >= pairs else ""
        names.append(f"{firsts[first]} {seconds[second]}{again} {form}")
    return names


def bank_spelling(name: str) -> str:
    """As a bank prints it: capitals without accents, no points."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.upper().replace(".", "").replace("&", "Y").split())
