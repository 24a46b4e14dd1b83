"""The symbols, and what the parts owe each other: read this first.

    paper        code            shape             meaning
    h(t)         h               (c n,)            state: c components for each of n units, flat
    x(t)         x               int, or (m,)      the input read: a symbol, one of m, or a signal
    y(t)         y               int, or (m',)     the target: the symbol or the values to be predicted after reading x(t)
    theta        theta           (n + m + 1, g n)  recurrent parameters, P = theta.size: one row a source, g gates a unit
    psi          source, x, 1    (n + m + 1,)      [source activity; x or onehot(x); 1], never written down
    F            system.step                       h(t+1) = F(h(t), x(t), theta)
    J            system.jvp/vjp  (c n, c n)        dF/dh
    b_i          S (x) psi                         dF_i/dtheta, row i of the immediate derivative
    D, S         tape.D, tape.S  (c,c,n), (c,g,n)  dF/dh at fixed gates, and dF/da, both unit by unit
    G(t)         state.G         (c n, P)          influence: dh(t)/dtheta
    v, w         state.v, .w     (k, ...)          NoBackTrack's vectors: E v w^T = G
    eps_i        noise           (vectors, c n)    independent signs +-1
    lambda, beta lam, beta                         scaling lambda^beta: 0 none, 1 equal norms
    l_t          loss            float             in bits: -log2 p(y)
    q            outcome.q, Q[0] (n,)              dl_t/dh, of the visible state
    N da/dh      Q[1:]           (m', n)           what a Kalman filter asks besides; N^T N: Hessian of the loss by outputs a
    M            M               as theta          what an optimizer multiplies the entries of a gradient by: `Optimizer.gains`
    eta          rate            float             learning rate
    T            window          int               truncation of BPTT, steps

A network is described (`Network`) and then built (`System`), a readout as well. Each is a class under `@implements(protocol)`:
an immutable NamedTuple whose fields are its settings or arrays. A method below with a body *follows* from the others, and
need not be written; a *shortcut* is one that may be written for speed alone. States are NamedTuples of arrays, which change
in place.

An estimator is asked for row vectors times G, Q (R, n), Q[0] = q first; it answers Q G as a product A B, A (R, K) and
B (K, P), so that nothing need be written down: NoBackTrack answers (Q v_k, w_k), RTRL (Q, G), BPTT, which answers for q alone
and late, (1, gradient); K = 0 says "not yet". B may be factors itself, `kernels.Kronecker`: KF-RTRL answers (Q, u (x) A).
NoBackTrack needs only Q v_k: a learner asks by `gradient_for`, and the readout multiplies without Q written down.

There are two blocks of parameters, theta and the readout's. An optimizer is begun with both and learns of both at each step
(`begin_both`, `apply_both`), by default each alone. Before a step an estimator may look at the optimizer (`heed`): none need.

May be imported here: kernels.
"""

from .entries import Entries, Positive, Steps
from .follows import follows
from .learning import Estimator, Optimizer, Task
from .networks import Cell, Network, System
from .readouts import Outcome, Readout

__all__ = [
    "Cell", "Entries", "Estimator", "Network", "Optimizer", "Outcome", "Positive", "Readout", "Steps", "System", "Task",
    "follows",
]  # fmt: skip
