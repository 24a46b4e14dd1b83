"""A contest's runs again, live: Race with the very settings of an experiment, the same text, weights and signs."""

import numpy as np

from ..estimators import BPTT, RTRL, NoBackTrack
from ..experiments.contests import FRESH
from ..experiments.results import Results
from ..experiments.statistics import WORST
from ..settings import require, word
from .asks import Guesses
from .race import Race

TASKS = {"AnBn": ("anbn", {"N": "N"}), "Music": ("music", {"cycle": "cycle"}), "Text": ("shakespeare", {})}
OPTIMIZERS = {"SGD": ("sgd", {"rate": "rate"}), "Adam": ("adam", {"rate": "adam_rate"}),
              "DiagonalKalman": ("kalman", {"rate": "kalman_rate", "fading": "fading", "prior": "prior"})}  # fmt: skip
OWN = [(RTRL, "RTRL", {}), (BPTT, "BPTT", {"window": "window"}), (NoBackTrack, "NoBackTrack", {"rank": "rank", "beta": "beta"})]

TITLES = {Race.title: {"BPTT", "NoBackTrack"},
          "Which gradient learns better: the exact or the noisy one?": {"RTRL", "NoBackTrack"}}  # fmt: skip
ASKED = {"leader": {"BPTT", "NoBackTrack"}, "curve": {"NoBackTrack"}}  # of Race's asks: who must run


def again(results, *methods, seed=FRESH, **values):
    """A `Race` of a contest's methods (by their names in `results.methods`; all by default), each as it was tuned.

    Its learners make the runs of that seed once more: it waits for machine code, since interpreted numbers part from compiled
    ones by rounding, which long runs amplify (as they do that of another machine). `values` are further dials. What a method's
    optimizer is stands in its code; where all have the same, dials move it.
    """
    require(isinstance(results, Results), "results", results, "of a contest: nbt.experiments.shipped()['anbn 8 kalman'], say")
    names = [word("each of methods", name, results.methods) for name in methods] or [*results.methods]
    dials, estimators, optimizers = _task(results) | _network(results), {}, {}
    for name in names:
        place = _place(results.estimator(name), dials)
        if place is None:
            estimators[name] = results.estimator(name)
        optimizers[place or name] = results.optimizer(name)
    require("methods" in dials, "methods", names, "with RTRL, a BPTT or a NoBackTrack among them, which are Race's own")
    first = next(iter(optimizers.values()))
    kind, fields = OPTIMIZERS[type(first).__name__]
    dials |= {"optimizer": kind} | {dial: getattr(first, field) for field, dial in fields.items()}
    others = {} if len({*optimizers.values()}) == 1 else optimizers
    race = Race(estimators=estimators, optimizers=others, seed=seed, **dials | values)
    race.asks = tuple(_asked(one, results.settings["chars"]) for one in Race.asks if ASKED[one.name] <= {*race.learners})
    race.guesses, race.patient, race.shown = Guesses(race.asks), True, _ends([results.curves(name) for name in names])
    race.title = next((said for said, who in TITLES.items() if who <= {*race.learners}), "Which gradient learns better?")
    return race


def _ends(curves):
    """The axis of bits on which all runs of a contest are seen: from 0, unless all stay in its upper half."""
    seen = [one[one < WORST] for one in curves]
    low, high = min(one.min() for one in seen), max(np.quantile(one, 0.995) for one in seen)
    return (low - 0.1 * (high - low) if low > high / 2 else 0.0), high + 0.25 * (high - low)


def _asked(ask, chars):
    """What Race asks, of the contest's own end."""
    return ask._replace(question=ask.question.replace(f"{ask.at:,}", f"{chars:,}"), at=chars)


def _task(results):
    about = results.settings["task"]
    name, fields = TASKS[about["class"]]
    return {"task": name} | {dial: about[field] for field, dial in fields.items()}


def _network(results):
    about = results.settings["network"]
    if about["class"] == "GRU":
        return {"cell": "gru", "units": about["units"]}
    sparse = {"cell": "sparse", "connections": about["connections"]} if about["connections"] else {}
    return {"units": about["units"], "leak": about["leak"]} | sparse


def _place(estimator, dials):
    """Which of Race's own methods an estimator becomes, its dials set; None for one that joins as it is."""
    for kind, name, fields in OWN:
        if type(estimator) is kind and name not in dials.get("methods", ()):
            dials["methods"] = (*dials.get("methods", ()), name)
            dials |= {dial: getattr(estimator, field) for field, dial in fields.items()}
            return name
    return None
