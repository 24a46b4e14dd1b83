"""What is measured: which estimator with which optimizer, on which networks."""

from .. import estimators as es
from .. import optimizers as op
from .. import systems

SYSTEMS = {"leaky RNN": systems.LeakyRNN, "GRU": systems.GRU, "LSTM": systems.LSTM}
SIGNAL = "leaky RNN, signal"  # the leaky network, of a signal of four components
SGD = op.SGD(1e-5)
KALMAN = {"rate": 0.01, "fading": 1e-3, "prior": 100.0}  # on random text a filter of large networks explodes at rate 1
CASES = [  # estimator, optimizer, largest leaky network, largest gated network
    (es.NoBackTrack(), SGD, 512, 128),
    (es.NoBackTrack(4), SGD, 256, 0),
    (es.NoBackTrack(16), SGD, 256, 0),
    (es.NoBackTrack(), op.Adam(1e-5), 512, 0),
    (es.NoBackTrack(), op.DiagonalKalman(**KALMAN), 512, 128),
    (es.NoBackTrack(), op.QuasiDiagonalKalman(**KALMAN), 512, 0),
    (es.NoBackTrack(), op.BlockKalman(**KALMAN), 128, 0),
    (es.NoBackTrack(), op.Kalman(**KALMAN), 16, 0),
    (es.ReducedNoBackTrack(4), SGD, 128, 0),
    (es.UORO(), SGD, 512, 0),
    (es.BPTT(16), SGD, 512, 128),
    (es.BPTT(64), SGD, 512, 0),
    (es.SlidingBPTT(16), SGD, 256, 0),
    (es.CheckpointedBPTT(64), SGD, 256, 0),
    (es.RFLO(), SGD, 512, 0),
    (es.RTRL(), SGD, 128, 32),
]
SINGLE = [  # beside float64 in leaky networks, up to so many units; a filter of 256 explodes on random text, in float32 soon
    (es.NoBackTrack(), SGD, "float32", 256),
    (es.NoBackTrack(), op.DiagonalKalman(**KALMAN), "float32", 128),
]
SINGLE_UNITS = (64, 128, 256)
QUICK = [CASES[0], CASES[4], CASES[10], CASES[15]]
UNITS, QUICK_UNITS = (16, 32, 64, 128, 256, 512), (16, 32)


def plan(quick=False):
    """(system, units, inputs, [(estimator, optimizer), or with a dtype behind]), in the order measured."""
    for kind in SYSTEMS:
        leaky = kind == "leaky RNN"
        for inputs in (32, 80) if leaky and not quick else (32,):
            for units in QUICK_UNITS if quick else UNITS:
                if inputs == 80 and units > 256:
                    continue
                cases = QUICK if quick else CASES
                chosen = [case[:2] for case in cases if units <= (case[2] if leaky else case[3])]
                if leaky and inputs == 32 and units in SINGLE_UNITS:
                    chosen += [case[:3] for case in SINGLE if units <= case[3]]
                if chosen:
                    yield kind, units, inputs, chosen
    for units in QUICK_UNITS if quick else UNITS[:4]:
        yield SIGNAL, units, 4, [case[:2] for case in QUICK if units <= case[3] or (case[3] == 32 and units <= case[2])]
