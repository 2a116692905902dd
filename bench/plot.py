"""Plots with gnuplot: this writes its script. Lines over sizes, both axes logarithmic, with the interval of each median."""
import shutil
import subprocess
import sys

COLOURS = ("#000000", "#0072b2", "#d55e00", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8a8a8a")  # told apart by the colour-blind too

MARGIN = 1.6  # beside the first and the last point


def require():
    if not shutil.which("gnuplot"):
        sys.exit("plots need gnuplot (Debian: gnuplot-nox)")


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def series(name, number, points):
    """A block of data, and how it is drawn. Points are (x, Estimate)."""
    lines = [f"{x} {value.middle:.6g} {value.low:.6g} {value.high:.6g}" for x, value in points]
    colour = COLOURS[number % len(COLOURS)]
    return "\n".join([f"$side{number} << END", *lines, "END"]), \
        f"$side{number} using 1:2:3:4 with yerrorlines title {quoted(name)} lw 1.5 pt {number + 4} ps 0.6 lc rgb '{colour}'"


def script(title, x_label, y_label, sides, ticks):
    """The program for gnuplot. `sides`: name → points; `ticks`: (text, x), ascending."""
    blocks, plots = zip(*(series(name, number, points) for number, (name, points) in enumerate(sides.items())))
    return "\n".join([
        "set terminal svg size 800,500 font 'sans-serif,13' background 'white'",
        f"set title {quoted(title)} noenhanced",
        f"set xlabel {quoted(x_label)}",
        f"set ylabel {quoted(y_label)}",
        "set logscale xy",
        f"set xtics ({', '.join(f'{quoted(text)} {x}' for text, x in ticks)})",
        "set format y '%g'",
        f"set xrange [{ticks[0][1] / MARGIN:g}:{ticks[-1][1] * MARGIN:g}]",
        "set grid",
        "set key below noenhanced",
        *blocks,
        "plot " + ", \\\n  ".join(plots)]) + "\n"


def write(path, *of_script):
    done = subprocess.run(["gnuplot"], input=script(*of_script).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0 or not done.stdout:
        sys.exit(f"gnuplot: {done.stderr.decode(errors='replace')}")
    path.write_bytes(done.stdout)
