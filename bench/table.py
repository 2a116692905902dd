"""Tables for a terminal and in Markdown, and how numbers are written in them. A table is a header and rows of cells, the first column
names; a name is ranged left, all else right."""


def widths_of(lines):
    return [max(len(str(line[i])) for line in lines) for i in range(len(lines[0]))]


def aligned(line, widths):
    return [str(cell).ljust(width) if i == 0 else str(cell).rjust(width) for i, (cell, width) in enumerate(zip(line, widths))]


def text(header, rows):
    widths = widths_of([header, *rows])
    return "".join("  ".join(aligned(line, widths)).rstrip() + "\n" for line in [header, *rows])


def markdown(header, rows):
    widths = widths_of([header, *rows])
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "".join("| " + " | ".join(line) + " |\n" for line in [aligned(header, widths), rule, *(aligned(row, widths) for row in rows)])


def megabytes(size):
    return f"{size / 1e6:.1f}"


def percent(factor):
    return f"{100 * (factor - 1):+.1f} %"


def change(estimate):
    """A ratio as a change, with its interval."""
    return f"{percent(estimate.middle)} ({percent(estimate.low)} to {percent(estimate.high)})"


def size(number):
    """A round number of bytes: 1 KB is 1,000."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if number >= factor:
            return f"{number / factor:g} {unit}"
    return f"{number} B"


def significant(value, digits=3):
    """Without an exponent: 0.00123, 1.23, 123, 1234."""
    if value == 0:
        return "0"
    decimals = digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:.{max(decimals, 0)}f}"


def interval(estimate):
    return f"{significant(estimate.middle)} ({significant(estimate.low)}–{significant(estimate.high)})"


def seconds(estimate):
    """A median with its interval, in milliseconds below a second."""
    unit, factor = ("ms", 1000) if estimate.middle < 1 else ("s", 1)
    scaled = estimate.scaled(factor)
    return f"{significant(scaled.middle)} {unit} ({significant(scaled.low)}–{significant(scaled.high)})"
