"""Compares two wasmc in one session, by pairs of runs, and a session with a saved one, each metric then and now. Says whether a change lies
beyond the spread."""
import stats
import table


def changed_conditions(saved, conditions):
    """Lines that say in what the sessions differ, other than in what is measured."""
    for key in {**saved, **conditions}:
        then, now = saved.get(key), conditions.get(key)
        if then != now:
            yield f"{key}: saved with {then!r}, now {now!r}"


def mark(estimate, runs):
    """Says that the interval leaves out `no change`, if there were runs enough to say so."""
    return "*" if stats.confidence(runs) >= stats.ENOUGH and estimate.differs_from_one() else ""


def row(name, then, now, runs):
    changed = stats.quotient(now, then)
    return [name, table.significant(then.middle), table.significant(now.middle), table.change(changed), mark(changed, runs)]


def comparison(metric, saved, outcomes):
    """Header and rows; no rows where nothing is in common."""
    common = [(saved[each.name], each) for each in outcomes if each.name in saved and metric.known(each) and metric.known(saved[each.name])]
    estimates = [(metric.of(then), metric.of(now)) for then, now in common]
    runs = min((each.runs() for both in common for each in both), default=0)
    rows = [row(each.name, then, now, runs) for (_, each), (then, now) in zip(common, estimates)]
    if len(rows) > 1:
        rows.append(row("geometric mean", *(stats.mean_estimate(side) for side in zip(*estimates)), runs))
    return [metric.title, "saved", "now", "change", ""], rows


def show(saved, conditions, outcomes, metrics):
    print("\nagainst the saved session; *: more than the spread of both")
    for line in changed_conditions(saved.conditions, conditions):
        print(f"  {line}")
    for metric in metrics:
        header, rows = comparison(metric, saved.outcomes, outcomes)
        print("\n" + (table.text(header, rows) if rows else f"{metric.title}: nothing in common"), end="")


def precise(estimate):
    return f"{estimate.middle:.3f} ({estimate.low:.3f}–{estimate.high:.3f})"


def against(outcomes, field):
    """Header and rows: this wasmc as a ratio of the other one."""
    ratios = [each.ratio("wasmc", "against", field) for each in outcomes]
    best = [each.best_ratio("wasmc", "against", field) for each in outcomes]
    rows = [[each.name, precise(ratio), f"{least:.3f}", mark(ratio, each.runs())] for each, ratio, least in zip(outcomes, ratios, best)]
    if len(rows) > 1:
        mean = stats.mean_estimate(ratios)
        rows.append(["geometric mean", precise(mean), f"{stats.geometric_mean(best):.3f}", mark(mean, min(each.runs() for each in outcomes))])
    return [field, "ratio", "of best", ""], rows


def show_against(outcomes, fields):
    print("\nthis wasmc / the other one, of pairs; *: more than the spread")
    for field in fields:
        print("\n" + table.text(*against(outcomes, field)), end="")
