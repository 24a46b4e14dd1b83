"""The contests of the slides' experiments, by topic, full and quick; what is compared on the way to a verdict.

Networks: on aⁿbⁿ a leaky one of 10 units; on music and Shakespeare 20 units, all to all or with a few random connections each
(the authors' form), leaky or not; and a GRU.
"""

from ..estimators import BPTT, KFRTRL, RTRL, UORO, MemoryNoBackTrack, NoBackTrack, ReducedNoBackTrack, SnAp1
from ..settings import word
from ..systems import GRU, LeakyRNN
from ..tasks import AnBn, Music, Shakespeare
from .contests import GRIDS, Contest

TOPICS = "music", "shakespeare", "anbn"
NBT, NBT4, MEMORY, REDUCED = NoBackTrack(), NoBackTrack(4), MemoryNoBackTrack(16), ReducedNoBackTrack(4)
WINDOWS = 2, 4, 8, 16, 32
RELATIVES = UORO(), KFRTRL(), SnAp1()
MORE = {("10 connections", "kalman"): (REDUCED, BPTT(1))}  # BPTT-1: what no memory pays
SPANS = 4, 8, 16, 32  # N of aⁿbⁿ: credit reaches 2 n + 1 characters back
NETWORKS = {
    "dense": LeakyRNN(20, 1.0),
    "10 connections": LeakyRNN(20, 1.0, connections=10),
    "5 connections": LeakyRNN(20, 1.0, connections=5),
    "10 connections, leak 0.5": LeakyRNN(20, 0.5, connections=10),
    "GRU": GRU(20),
}


def contests(topic, quick=False):
    """The contests of "music", "shakespeare" or "anbn". quick: the few for (b), (c), (e), short, with fewer settings."""
    return {"music": music, "anbn": anbn, "shakespeare": shakespeare}[word("topic", topic, TOPICS)](quick)


def methods(*estimators):
    """((label, estimator), ...)."""
    return tuple((one.label(), one) for one in estimators)


def music(quick=False):
    """Music: noise beside the exact gradient's curve, at the rate that the exact gradient chose and at parts of it."""
    found, exact = [], RTRL().label()
    if quick:
        for grid, scale, few in ("sgd", 0.03, GRIDS["sgd"][3:6]), ("kalman", 1.0, GRIDS["kalman"][0:5:2]):
            found.append(Contest(f"music dense {grid} x{scale:g}", Music(), LeakyRNN(20, 0.5), few, methods(RTRL(), NBT),
                                 40_000, 40_000, 10, 3, exact, scale))  # fmt: skip
        return found
    for name, connections, seeds in ("dense", 0, 20), ("10 connections", 10, 10):
        network = LeakyRNN(20, 0.5, connections)
        rivals = methods(RTRL(), NBT, NBT4)
        for grid, scale in ("sgd", 1.0), ("sgd", 0.1), ("kalman", 1.0), ("kalman", 0.1):
            found.append(Contest(f"music {name} {grid} x{scale:g}", Music(), network, GRIDS[grid], rivals, 100_000, 100_000,
                                 seeds, leader=exact, scale=scale))  # fmt: skip
    for grid in GRIDS:
        rivals = methods(RTRL(), BPTT(4), BPTT(16), NBT, NBT4, MEMORY)
        found.append(Contest(f"music dense {grid}", Music(), LeakyRNN(20, 0.5), GRIDS[grid], rivals, 100_000, 100_000))
    for grid, scale in ("sgd", 0.3), ("sgd", 0.03), ("kalman", 0.3):
        rivals = methods(RTRL(), NBT, NBT4)
        found.append(Contest(f"music dense {grid} x{scale:g}", Music(), LeakyRNN(20, 0.5), GRIDS[grid], rivals, 100_000,
                             100_000, leader=exact, scale=scale))  # fmt: skip
    return found


def anbn(quick=False):
    """aⁿbⁿ: the map over spans and truncations, and what doubling the rank buys."""
    network, found = LeakyRNN(10, 0.3), []
    if quick:
        return [Contest("anbn 8 kalman", AnBn(8), network, GRIDS["kalman"][4:7], methods(BPTT(4), NBT), 200_000, 60_000, 10, 3)]
    for grid in "kalman", "adam":
        for N in SPANS:
            rivals = methods(RTRL(), *map(BPTT, WINDOWS), NBT, NBT4, MemoryNoBackTrack(4), MemoryNoBackTrack(16))
            rivals += methods(*RELATIVES) * (N == 8)
            found.append(Contest(f"anbn {N} {grid}", AnBn(N), network, GRIDS[grid], rivals, 500_000, 200_000))
    ranks = methods(*(NoBackTrack(2**i) for i in range(5)))
    return [*found, Contest("anbn ranks", AnBn(8), network, GRIDS["kalman"], ranks, 200_000, 100_000)]


def shakespeare(quick=False):
    """Shakespeare: the map over networks, ranks and optimizers, and what doubling the rank buys. Nothing of it is quick."""
    found = []
    if quick:
        return found
    for grid, names in ("kalman", [*NETWORKS]), ("adam", ["dense", "10 connections"]), ("sgd", ["dense", "10 connections"]):
        for name in names:
            rivals = [BPTT(16), NBT, MEMORY] if name == "GRU" else [BPTT(16), NBT, NBT4, MEMORY]
            rivals += MORE.get((name, grid), ())
            found.append(_shakespeare(name, grid, methods(*rivals)))
    ranks = methods(*(NoBackTrack(2**i) for i in range(5)))
    return [*found, Contest("shakespeare ranks", Shakespeare, NETWORKS["10 connections"], GRIDS["adam"], ranks, 500_000,
                            200_000)]  # fmt: skip


def _shakespeare(network, grid, rivals):
    return Contest(f"shakespeare {network} {grid}", Shakespeare, NETWORKS[network], GRIDS[grid], rivals, 1_000_000, 200_000)
