/* The yardstick: loops over characters written by hand for speed, with the same arithmetic as the library's.

   cc -O3 -march=native -ffast-math -fopenmp-simd -shared -fPIC yardstick.c -o yardstick.so -lmvec -lm

   A leaky network of n units with leak 1 (h' = tanh(a), a = W h + R x + b), m symbols, softmax readout, losses in bits, gradient
   descent at one rate for all parameters. theta (n + m + 1, n) and readout (n + 1, m) are laid out as in the library, and
   changed in place; h (n,) is the state. x holds T + 1 symbols. All functions answer the sum of the T losses. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LN2 0.6931471805599453
#define TINY 1e-12
typedef double real;

static real *room(long size) { /* zeros that begin where a cache line does */
    long bytes = (size * sizeof(real) + 63) / 64 * 64;
    return memset(aligned_alloc(64, bytes), 0, bytes);
}

static real dot(long n, const real *a, const real *b) {
    real s = 0;
    for (long i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

/* y += s theta[:n]: n sources, p columns */
static void push(long n, long p, const real *restrict theta, const real *restrict s, real *restrict y) {
    long j = 0;
    for (; j + 4 <= n; j += 4) {
        const real *t = theta + j * p;
        for (long i = 0; i < p; i++)
            y[i] += s[j] * t[i] + s[j + 1] * t[p + i] + s[j + 2] * t[2 * p + i] + s[j + 3] * t[3 * p + i];
    }
    for (; j < n; j++)
        for (long i = 0; i < p; i++) y[i] += s[j] * theta[j * p + i];
}

static void step(long n, long m, const real *theta, const real *h, long x, real *restrict next) {
    const real *r = theta + (n + x) * n, *b = theta + (n + m) * n;
    for (long i = 0; i < n; i++) next[i] = r[i] + b[i];
    push(n, n, theta, h, next);
    for (long i = 0; i < n; i++) next[i] = tanh(next[i]);
}

/* The loss in bits, and its derivatives by the outputs. */
static real predict(long n, long m, const real *readout, const real *h, long y, real *restrict error) {
    real top = -1e300, sum = 0;
    for (long k = 0; k < m; k++) error[k] = readout[n * m + k];
    push(n, m, readout, h, error);
    for (long k = 0; k < m; k++) top = fmax(top, error[k]);
    for (long k = 0; k < m; k++) error[k] = exp(error[k] - top);
    for (long k = 0; k < m; k++) sum += error[k];
    real loss = -log2(error[y] / sum);
    for (long k = 0; k < m; k++) error[k] /= sum * LN2;
    error[y] -= 1 / LN2;
    return loss;
}

/* q = readout error, and the readout's own descent, in one pass. */
static void teach(long n, long m, real *restrict readout, const real *h, const real *restrict error, real rate, real *restrict q) {
    for (long j = 0; j < n; j++) {
        real s = 0, c = rate * h[j], *row = readout + j * m;
        for (long k = 0; k < m; k++) {
            s += row[k] * error[k];
            row[k] -= c * error[k];
        }
        q[j] = s;
    }
    for (long k = 0; k < m; k++) readout[n * m + k] -= rate * error[k];
}

/* The least that a filter of blocks can do: read and write once its blocks, n of (n + m + 1)^2 numbers and m of (n + 1)^2. */
__attribute__((noinline)) static void negate(long size, real *x) {
    for (long i = 0; i < size; i++) x[i] = -x[i];
}

void blocks(long n, long m, long T, real *recurrent, real *readout) {
    for (long t = 0; t < T; t++) {
        negate(n * (n + m + 1) * (n + m + 1), recurrent);
        negate(m * (n + 1) * (n + 1), readout);
    }
}

/* The least that a descent along pairs (v, w) can do when all w are moved before the first is needed: write them, read them. */
real pairs(long size, long T, real *w) {
    real sum = 0;
    for (long t = 0; t < T; t++) {
        negate(size, w);
        for (long i = 0; i < size; i++) sum += w[i];
    }
    return sum;
}

real forward(long n, long m, long T, const real *theta, const real *readout, real *h, const long *x) {
    real *next = room(n), *error = room(m), loss = 0;
    for (long t = 0; t < T; t++) {
        step(n, m, theta, h, x[t], next);
        memcpy(h, next, n * sizeof(real));
        loss += predict(n, m, readout, h, x[t + 1], error);
    }
    free(next), free(error);
    return loss;
}

/* NoBackTrack of rank 1, beta 1: signs (T, n) of +-1. w is kept without its scale, its norm carried along. */
real nobacktrack(long n, long m, long T, real *theta, real *readout, real *h, const long *x, const signed char *signs, real rate) {
    long P = (n + m + 1) * n;
    real *next = room(n), *error = room(m), *q = room(n), *slope = room(n), *u = room(n), *v = room(n), *d = room(n), *w = room(P);
    real scale = 1, w2 = 0, loss = 0;
    for (long t = 0; t < T; t++) {
        step(n, m, theta, h, x[t], next);
        real psi2 = dot(n, h, h) + 2, u2 = 0, d2 = 0, inner = 0;
        for (long i = 0; i < n; i++) slope[i] = 1 - next[i] * next[i];
        memset(u, 0, n * sizeof(real));
        push(n, n, theta, v, u);
        for (long i = 0; i < n; i++) u[i] *= slope[i];
        u2 = dot(n, u, u);
        real lambda0 = sqrt((scale * sqrt(w2) + TINY) / (sqrt(u2) + TINY));
        scale /= lambda0;
        for (long i = 0; i < n; i++) {
            real lambda = sqrt(sqrt(psi2 * slope[i] * slope[i] + TINY * TINY));
            v[i] = lambda0 * u[i] + lambda * signs[t * n + i];
            d[i] = slope[i] * signs[t * n + i] / (scale * lambda);
            d2 += d[i] * d[i];
        }
        loss += predict(n, m, readout, next, x[t + 1], error);
        teach(n, m, readout, next, error, rate, q);
        real c = rate * scale * dot(n, q, v);
        real *input = w + (n + x[t]) * n, *bias = w + (n + m) * n;
        for (long i = 0; i < n; i++) inner += d[i] * (input[i] + bias[i]), input[i] += d[i], bias[i] += d[i];
        for (long j = 0; j < n; j++) { /* w += psi x d and theta -= c w, in one pass over the rows of units */
            real s = 0, hj = h[j], *wj = w + j * n, *tj = theta + j * n;
            for (long i = 0; i < n; i++) {
                s += wj[i] * d[i];
                wj[i] += hj * d[i];
                tj[i] -= c * wj[i];
            }
            inner += hj * s;
        }
        for (long i = n * n; i < P; i++) theta[i] -= c * w[i];
        w2 += 2 * inner + psi2 * d2;
        if (scale < 1e-15 || scale > 1e15) {
            for (long i = 0; i < P; i++) w[i] *= scale;
            scale = 1, w2 = dot(P, w, w);
        }
        memcpy(h, next, n * sizeof(real));
    }
    free(next), free(error), free(q), free(slope), free(u), free(v), free(d), free(w);
    return loss;
}

/* BPTT of windows of W characters, theta changed at the end of each, the readout at every character. */
real bptt(long n, long m, long T, long W, real *theta, real *readout, real *h, const long *x, real rate) {
    real *states = room((W + 1) * n), *q = room(W * n), *d = room(W * n), *e = room(n), *error = room(m), loss = 0;
    for (long start = 0; start + W <= T; start += W) {
        memcpy(states, h, n * sizeof(real));
        for (long t = 0; t < W; t++) {
            real *next = states + (t + 1) * n;
            step(n, m, theta, next - n, x[start + t], next);
            loss += predict(n, m, readout, next, x[start + t + 1], error);
            teach(n, m, readout, next, error, rate, q + t * n);
        }
        memset(e, 0, n * sizeof(real));
        for (long t = W - 1; t >= 0; t--) {
            real *dt = d + t * n, *next = states + (t + 1) * n;
            for (long i = 0; i < n; i++) dt[i] = (e[i] + q[t * n + i]) * (1 - next[i] * next[i]);
            for (long j = 0; j < n; j++) e[j] = dot(n, theta + j * n, dt);
        }
        for (long j = 0; j < n; j++) /* theta -= rate sum_t psi(t) x d(t) */
            for (long t = 0; t < W; t++) {
                real c = rate * states[t * n + j], *row = theta + j * n;
                for (long i = 0; i < n; i++) row[i] -= c * d[t * n + i];
            }
        for (long t = 0; t < W; t++) {
            real *r = theta + (n + x[start + t]) * n, *b = theta + (n + m) * n;
            for (long i = 0; i < n; i++) r[i] -= rate * d[t * n + i], b[i] -= rate * d[t * n + i];
        }
        memcpy(h, states + W * n, n * sizeof(real));
    }
    free(states), free(q), free(d), free(e), free(error);
    return loss;
}
