"""The table of apps: a row buys every contract test, here and in the browser."""

from typing import NamedTuple

from toy import Toy

from nbt_edu.apps.chain import Chain
from nbt_edu.apps.cloud import Cloud
from nbt_edu.apps.influence import Influence
from nbt_edu.apps.metric import Metric
from nbt_edu.apps.race import Race
from nbt_edu.apps.signs import Signs
from nbt_edu.apps.strip import Strip
from nbt_edu.apps.variance import Variance


class Row(NamedTuple):
    """An app, and how to meet it: settings of a small one, units that show something, settings that make it diverge."""

    make: type
    small: dict
    steps: int
    diverges: dict = None


APPS = [
    Row(Race, {}, 60, {"task": "text", "text": "abcd efgh", "optimizer": "sgd", "rate": 1e12}),
    Row(Race, {"methods": ("BPTT", "second NoBackTrack"), "optimizer": "adam"}, 60),
    Row(Signs, {}, 60),
    Row(Chain, {}, 60),
    Row(Strip, {}, 60, {"rate": 10.0}),
    Row(Influence, {}, 30),
    Row(Variance, {}, 60, {"rate": 1e12}),
    Row(Variance, {"look": "rank", "horizon": 4}, 60),
    Row(Metric, {}, 60, {"rate": 10.0, "noise": 1e150}),
    Row(Cloud, {}, 60),
    Row(Toy, {}, 30),
]
