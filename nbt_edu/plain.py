"""NoBackTrack in plain numpy: a network that learns while it reads and never looks back. The first file to read.

Run it: `python -m nbt_edu.plain`. It imports nothing of the package, whose tests hold the package against it.

A recurrent network of n units reads a symbol x and gives a probability p to each of the m symbols that may come next:

    psi = [h; onehot(x); 1]          a = psi theta          (so a = W h + R[:, x] + b)                       (1)
    h' = (1 - leak) h + leak tanh(a)                                                                         (2)
    p = softmax([h'; 1] out)         loss = -log2 p[y], in bits, when the symbol y comes                     (3)

The gradient of the loss needs G = dh/dtheta, n numbers for each parameter. Exactly, G' = J G + sum_i e_i b_i, where
J = dh'/dh, e_i is the i-th unit vector, and row b_i = dh'_i/dtheta at fixed h: too much to carry. NoBackTrack carries one
vector v and one w, shaped as theta, instead, and tosses a coin eps_i = +-1 for each unit at each step:

    v' = lam0 J v + sum_i eps_i lam_i e_i                   lam0 = (|w| / |J v|)^(1/2)                       (4)
    w' = w / lam0 + sum_i eps_i b_i / lam_i                 lam_i = |b_i|^(1/2)                              (5)
    E v w = G, since the coins' products are 0 on average;  so   E (dloss/dh . v) w = dloss/dtheta           (6)

Cost per character: time and memory proportional to the number of parameters, however long the past. Bias: none while theta
stands still. Variance: large, so the rate must be small; lam0 and lam_i keep it down by giving both factors equal norms.
Source: Yann Ollivier, slides "Learn as you go: training recurrent networks online without backtracking", 2015;
arXiv:1507.07680.
"""

import itertools

import numpy as np

TINY = 1e-12  # keeps lam0 and lam_i finite and positive where a norm is zero; any positive numbers are unbiased


class PlainNoBackTrack:
    """n units, m symbols. theta (n + m + 1, n): rows W, R, b, transposed. out (n + 1, m). h, v (n,). w as theta."""

    def __init__(self, units, symbols, leak, rate, rng):
        self.leak, self.rate, self.rng = leak, rate, rng
        self.theta = rng.normal(size=(units + symbols + 1, units))
        self.theta[:units] /= np.sqrt(units)
        self.theta[-1] = 0.0
        self.out = np.zeros((units + 1, symbols))
        self.h, self.v, self.w = np.zeros(units), np.zeros(units), np.zeros_like(self.theta)

    def step(self, x, y, signs=None):
        """Read x, predict, see y, learn. Answers the loss in bits. signs: the coins (n,), drawn when not given."""
        self.read(x, self.rng.choice([-1, 1], self.h.size) if signs is None else signs)
        loss, by_theta, by_out = self.gradients(y)
        self.theta -= self.rate * by_theta
        self.out -= self.rate * by_out
        return loss

    def read(self, x, signs):
        """From h, v, w to the next ones."""
        n, m = self.h.size, self.out.shape[1]
        psi = np.concatenate((self.h, np.arange(m) == x, [1.0]))  # (1)
        f = np.tanh(psi @ self.theta)
        slope = self.leak * (1 - f * f)  # dh'_i/da_i, so that b_i is slope_i psi in column i of theta, and zero elsewhere
        Jv = (1 - self.leak) * self.v + slope * (self.v @ self.theta[:n])
        lam0 = np.sqrt((np.linalg.norm(self.w) + TINY) / (np.linalg.norm(Jv) + TINY))
        lam = np.sqrt(slope * np.linalg.norm(psi) + TINY)
        self.v = lam0 * Jv + signs * lam  # (4)
        self.w = self.w / lam0 + np.outer(psi, signs * slope / lam)  # (5)
        self.h = (1 - self.leak) * self.h + self.leak * f  # (2)

    def gradients(self, y):
        """The loss in bits when y comes, its estimated gradient by theta, and its exact gradient by out."""
        seen = np.append(self.h, 1.0)
        p = np.exp(seen @ self.out)
        p /= p.sum()  # (3)
        error = (p - (np.arange(p.size) == y)) / np.log(2)  # dloss/d(seen out)
        by_h = self.out[:-1] @ error
        return -np.log2(p[y]), (by_h @ self.v) * self.w, np.outer(seen, error)  # (6)


def anbn(N, rng):
    """Endless symbols 0 (a), 1 (b), 2 (new line): n times a, a new line, n times b, a new line, n from 1 to N."""
    while True:
        n = rng.integers(1, N + 1)
        yield from [0] * n + [2] + [1] * n + [2]


def main(N=4, chars=100_000, every=10_000, seed=0):
    """Learn a^n b^n, printing how well the last characters were predicted: a few seconds. Ctrl-C stops it.

    The way down is not smooth: now and then the noise throws the network back.
    """
    rng = np.random.default_rng(seed)
    network, symbols, losses = PlainNoBackTrack(8, 3, leak=0.5, rate=0.01, rng=rng), anbn(N, rng), []
    print(f"a^n b^n, n up to {N}. The floor, below which no predictor gets: {np.log2(N) / (N + 3):.3f} bits per character.")
    try:
        for x, y in itertools.islice(itertools.pairwise(symbols), chars):
            losses.append(network.step(x, y))
            if len(losses) % every == 0:
                print(f"{len(losses):9,} characters: {np.mean(losses[-every:]):.3f} bits per character")
    except KeyboardInterrupt:
        print(f"Stopped after {len(losses):,} characters.")


if __name__ == "__main__":
    main()
