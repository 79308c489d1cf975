"""Intervals as text. Imports nothing, so that processes that must start fast may import it."""


def interval_text(months: int, days: int, nanoseconds: int) -> str:
    """An interval as DuckDB writes it: ``1 year 2 months 3 days 04:05:06.5``."""
    years, months = (abs(months) // 12 * (-1 if months < 0 else 1), abs(months) % 12 * (-1 if months < 0 else 1))
    counts = ((years, "year"), (months, "month"), (days, "day"))
    parts = [f"{n} {unit}{'' if abs(n) == 1 else 's'}" for n, unit in counts if n]
    seconds, rest = divmod(abs(nanoseconds) // 1000, 1_000_000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    clock += f".{rest:06}".rstrip("0") if rest else ""
    if nanoseconds or not parts:
        parts.append(f"-{clock}" if nanoseconds < 0 else clock)
    return " ".join(parts)
