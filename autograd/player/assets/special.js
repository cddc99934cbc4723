// Special functions, as autograd/rules/special.py has them or the C library; the constants come from there.

/** 2/√π·exp(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!!: no term is negative, so nothing cancels. */
function erf(x) {
  if (abs(x) > 6) return copysign(1, x);
  let total = x;
  let term = x;
  for (let n = 1; abs(term) > 1e-17 * abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / sqrt(Math.PI)) * exp(-x * x) * total;
}

/** From 2 on exp(−x²)/√π over the continued fraction x + ½/(x + 1/(x + 1½/(x + …))). */
function erfc(x) {
  if (!(x > 2)) return 1 - erf(x);
  let fraction = x;
  for (let k = 80; k > 0; k--) fraction = x + (0.5 * k) / fraction;
  return exp(-x * x) / (sqrt(Math.PI) * fraction);
}

/** log |Γ(x)|: the Taylor series at 2 and log Γ(x + 1) = log Γ(x) + log x; from 10 on Stirling's; the reflection. */
function lgamma(x) {
  if (abs(x) === Infinity || (x <= 0 && x === floor(x))) return Infinity;
  if (x >= 10) return (x - 0.5) * (log(x) - 1) - 0.5 + 0.5 * log(2 * Math.PI) + polynomial(STIRLING, 1 / x / x) / x;
  if (x <= -20) return log(Math.PI / abs(sinpi(x) * x)) - lgamma(-x);
  const { z, sign, factors } = fromTwo(x);
  return polynomial(LGAMMA_AT_2, z) * z + sign * log(abs(factors.reduce(mul, 1)));
}

/** z from −½ to ½, and Γ(x)/Γ(2 + z) as its sign in the exponent and its factors, which lie between 2 and x. */
function fromTwo(x) {
  const n = round(x) - 2;
  const factors = Array.from({ length: abs(n) || 0 }, (_, k) => (n > 0 ? x - k - 1 : x + k));
  return { z: x - (n + 2), sign: n < 0 ? -1 : 1, factors };
}

/** c₀ + c₁x + c₂x² + … */
const polynomial = (coefficients, x) => coefficients.reduceRight((total, c) => total * x + c, 0);
const STIRLING = BERNOULLI.map((b, i) => b / ((2 * i + 1) * (2 * i + 2)));

/** Γ(x): of 2 + z by the series of its logarithm, from 7 on by Stirling's formula, left of −7 reflected. */
function gamma(x) {
  if (isPole(x)) return x === 0 ? 1 / x : NaN;
  if (abs(x) > 190) return x > 0 ? Infinity : 0 * sinpi(x);
  if (abs(x) >= 7) {
    const [rest, half] = stirling(abs(x));
    return x > 0 ? rest * half * half : -Math.PI / (x * sinpi(x)) / rest / half / half;
  }
  const { z, sign, factors } = fromTwo(x);
  const [atTwo, product] = [exp(polynomial(LGAMMA_AT_2, z) * z), factors.reduce(mul, 1)];
  return sign > 0 ? atTwo * product : atTwo / product;
}

/** Γ(x) without the power xˣ⁻½, and the root of that. */
function stirling(x) {
  const half = pow(x, 0.5 * x - 0.25);
  return [SQRT_2PI * exp(polynomial(STIRLING, 1 / x / x) / x) * exp(-x), half];
}

/** exp(x²) times the n-th integral of erfc from x to ∞, by the ratios of each to the one before. */
function erfc_integral(n, x) {
  if (!(x >= 0.5)) return NaN;
  let ratio = 0;
  let product = 2 / sqrt(Math.PI);
  for (let k = 60 + trunc((sqrt(n) + 14.2 / x) ** 2); k >= 0; k--) {
    ratio = 1 / (2 * x + 2 * (k + 1) * ratio);
    if (k <= n) product *= ratio;
  }
  return product;
}

function expm1_rest(x) {
  if (abs(x) > 1) return x > -Infinity ? (1 - x) * exp(x) - 1 : -1;
  let term = 0.5;
  let total = 0;
  for (let k = 2; k < 22; k++) {
    total -= (k - 1) * term * x ** k;
    term /= k + 1;
  }
  return total;
}

/** sin(πx), exact at whole numbers: reduced to [−½, ½] before π comes in. */
function sinpi(x) {
  let r = x % 2;
  if (abs(r) > 1.5) r -= copysign(2, r);
  else if (abs(r) > 0.5) r = copysign(1, r) - r;
  return sin(Math.PI * r);
}

function cospi(x) {
  const r = abs(x) % 2;
  const s = r > 1 ? 2 - r : r;
  return s > 0.25 && s < 0.75 ? sinpi(0.5 - s) : cos(Math.PI * s);
}

const sinc = (x) => (x === 0 ? 1 : abs(x) === Infinity ? 0 : sinpi(x) / (Math.PI * x));

/** The n-th derivative: from n·f⁽ⁿ⁻¹⁾ + x·f⁽ⁿ⁾ = πⁿ⁻¹ sin(πx + nπ/2) upwards, or the Taylor series where that cancels. */
function sinc_derivative(n, x) {
  if (abs(x) < 0.4 + 0.1 * n) return sinc_series(n, x);
  if (abs(x) === Infinity) return 0;
  const waves = [sinpi(x), cospi(x), -sinpi(x), -cospi(x)];
  let f = sinc(x);
  for (let k = 1; k <= n; k++) f = (Math.PI ** (k - 1) * waves[k % 4] - k * f) / x;
  return f;
}

/** Σ over k of (−1)ᵏ π²ᵏ x²ᵏ⁻ⁿ / ((2k+1)·(2k−n)!). */
function sinc_series(n, x) {
  let k = floor((n + 1) / 2);
  let power_ = (-1) ** k * Math.PI ** (2 * k) * (n % 2 ? x : 1); // π²ᵏ x²ᵏ⁻ⁿ / (2k−n)!
  let total = 0;
  let term = power_ / (2 * k + 1);
  while (abs(term) > 1e-17 * abs(total)) {
    total += term;
    k += 1;
    power_ *= -((Math.PI * x) ** 2) / ((2 * k - n) * (2 * k - n - 1));
    term = power_ / (2 * k + 1);
  }
  return total;
}

const isPole = (x) => x !== x || x === -Infinity || (x <= 0 && x === floor(x));

function digamma(x) {
  if (isPole(x)) return NaN;
  if (x < -20) return digamma(1 - x) - (Math.PI * cospi(x)) / sinpi(x);
  if (x === Infinity) return Infinity;
  if (x >= 10) {
    const tail = polynomial(BERNOULLI.map((b, i) => b / (2 * i + 2)), 1 / x / x);
    return log(x) - (0.5 / x + tail / x / x);
  }
  const d = x - DIGAMMA_ROOT - DIGAMMA_ROOT_LOW;
  if (abs(d) < 0.25) return polynomial(DIGAMMA_AT_ROOT, d) * d;
  const { z, sign, factors } = fromTwo(x);
  const series = polynomial(LGAMMA_AT_2.map((c, i) => (i + 1) * c), z);
  return series + sign * sum(...factors.map((factor) => 1 / factor));
}

/** The n-th derivative of digamma: ±n!·Σ 1/(x + k)ⁿ⁺¹, the poles on either side of a negative x summed apart. */
function polygamma(n, x) {
  if (n === 0) return digamma(x);
  if (isPole(x)) return NaN;
  const sign = n % 2 ? 1 : -1;
  if (x > 0) return sign * sumOverPoles(n, x, 0);
  const d = x - round(x);
  const [left, right] = [1 - d, 1 + d];
  const beyond = sumOverPoles(n, left, 1 - left - d) - sumOverPoles(n, 1 - x, 0);
  return beyond + sign * (sumOverPoles(n, right, d - (right - 1)) + falling(n, n) * pow(d, -(n + 1)));
}

/** n·(n − 1)·… of so many factors */
const falling = (n, count) => (count > 0 ? n * falling(n - 1, count - 1) : 1);

/** n!·Σ 1/(x + rest + k)ⁿ⁺¹ over k ≥ 0, by recurrence up to where the asymptotic series holds. */
function sumOverPoles(n, x, rest) {
  if (x === Infinity) return 0;
  const shift = max(0, ceil(16 + n - x));
  const exponent = max(0, frexp(x)[1]);
  const inverse = (k, m) => {
    const t = x + k; // and the rounding of x + k made good
    return pow(ldexp(t, -exponent), -m) * (1 - (m * (x - (t - k) + rest)) / t);
  };
  const top = x + shift;
  const choose = (k) => falling(2 * k + n - 1, n - 1) / falling(n - 1, n - 1);
  const tail = polynomial(BERNOULLI.map((b, i) => b * choose(i + 1)), 1 / top / top);
  let series = 0;
  for (let k = shift - 1; k >= 0; k--) series += inverse(k, n + 1);
  series = ldexp(n * series, -exponent) + inverse(shift, n) * (1 + (0.5 * n + tail / top) / top);
  const [factorial, bits] = frexp(falling(n - 1, n - 1));
  return ldexp(factorial * series, bits - n * exponent);
}
