"""The course of a search: as a line of text, and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dispatch.kernel.problem import Progress

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 24


def at_times(history: Sequence[Progress], times: Sequence[float]) -> list[float]:
    """The cost of the best plan at each time; the first known before there was one."""
    costs, at = [], 0
    for moment in times:
        while at + 1 < len(history) and history[at + 1].seconds <= moment:
            at += 1
        costs.append(history[at].cost)
    return costs


def sparkline(history: Sequence[Progress], seconds: float) -> str:
    """The cost over the logarithm of time, from a hundredth of the budget to its end; the lowest bar is the end."""
    if not history:
        return ""
    times = [seconds * 10 ** (2 * (step / (WIDTH - 1) - 1)) for step in range(WIDTH)]
    costs = at_times(history, times)
    low, high = min(costs), max(costs)
    if high == low:
        return BARS[0] * WIDTH
    return "".join(BARS[round((cost - low) / (high - low) * (len(BARS) - 1))] for cost in costs)


def draw(histories: Mapping[str, Sequence[Progress]], targets: Mapping[str, float], path: Path) -> None:
    """PNG or SVG by the name's ending: the distance from the target in percent over time, one line a name."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    for name, history in histories.items():
        target = targets.get(name) or history[-1].cost
        gaps = [100 * (point.cost / target - 1) for point in history]
        axes.step([max(point.seconds, 1e-3) for point in history], gaps, where="post", label=name, linewidth=1.2)
    axes.set(xscale="log", xlabel="seconds", ylabel="above the best known, %")
    axes.set_yscale("symlog", linthresh=1)
    axes.axhline(0, linewidth=0.8, linestyle=":")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="x-small", ncols=2)
    figure.savefig(path, dpi=140)
    plt.close(figure)
