// The float functions of autograd/rules/ieee.py: the values of the rule table's elementary operations.

const { abs, acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, ceil, cos, cosh, exp, expm1, floor, hypot } = Math;
const { log, log10, log1p, log2, sin, sinh, sqrt, tan, tanh, trunc } = Math;

// -- arithmetic ----------------------------------------------------------------------------------

const add = (a, b) => a + b;
const sub = (a, b) => a - b;
const mul = (a, b) => a * b;
const div = (a, b) => a / b;
const neg = (x) => -x;
const fmod = (a, b) => a % b;
const identity = (x) => x;
const where = identity; // its node records the chosen side
const relu = (x) => (x > 0 ? x : x === x ? 0 : NaN);
const step = (x) => (x > 0 ? 1 : x === x ? 0 : NaN);
const exp2 = (x) => 2 ** x;

const negative = (x) => x < 0 || Object.is(x, -0);
const copysign = (a, b) => (negative(b) ? -abs(a) : abs(a));

/** a % b with the sign of b, as Python's. */
function mod(a, b) {
  const rest = a % b;
  if (rest === 0) return copysign(0, b);
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** a // b as Python's: of what is left without the rest, which is nearly whole; a zero divisor gives ±inf or nan. */
function floordiv(a, b) {
  if (b === 0) return a / b;
  const whole = (a - (a % b)) / b - (a % b !== 0 && a % b < 0 !== b < 0 ? 1 : 0);
  if (whole === 0) return copysign(0, a / b);
  return floor(whole) + (whole - floor(whole) > 0.5 ? 1 : 0);
}

const floor_quotient = (a, b) => (Number.isFinite(a) && b !== 0 ? floordiv(a, b) : a / b);

function trunc_quotient(a, b) {
  if (!Number.isFinite(a) || b === 0) return a / b;
  return copysign(round((a - (a % b)) / b), copysign(1, a) * copysign(1, b));
}

/** a ** b as C's: JavaScript has nan for 1 ** nan and (±1) ** ±inf. */
const pow = (a, b) => (a === 1 || (a === -1 && abs(b) === Infinity) ? 1 : a ** b);
const power = pow;

/** To the nearest whole number, halves to the even one: above 2⁵² all are whole. */
function round(x) {
  const whole = 2 ** 52;
  return abs(x) < whole ? copysign(abs(x) + whole - whole, x) : x;
}

// -- of many -------------------------------------------------------------------------------------

const { max, min } = Math; // nan if any is, +0 above −0: as the table's
const maximum = max;
const minimum = min;
const norm = hypot;

/** Whether a sum has left the range of floats on the way, though no operand has. */
const overflown = (total, xs) => !Number.isFinite(total) && xs.every(Number.isFinite);

/** From left to right; if need be without overflow. */
function sum(...xs) {
  const total = xs.length ? xs.reduce(add) : 0;
  return overflown(total, xs) ? 2 ** 64 * sum(...xs.map((x) => 2 ** -64 * x)) : total;
}

function mean(...xs) {
  const total = xs.reduce(add);
  return overflown(total, xs) ? sum(...xs.map((x) => x / xs.length)) : total / xs.length;
}

/** a1·b1 + … + an·bn of the operands a1 … an, b1 … bn, from left to right; if need be without overflow. */
function dot(...xs) {
  const half = xs.length / 2;
  const total = half ? xs.slice(0, half).map((x, i) => x * xs[half + i]).reduce(add) : 0;
  return overflown(total, xs) ? 2 ** 550 * (2 ** 550 * dot(...xs.map((x) => 2 ** -550 * x))) : total;
}

/** The product from left to right, the exponents apart: nothing over- or underflows on the way. */
function prod(...xs) {
  let [mantissa, exponent] = [1, 0];
  for (const x of xs) {
    const [fraction, power] = frexp(x);
    const [rest, shift] = frexp(mantissa * fraction);
    mantissa = rest;
    exponent += power + shift;
  }
  return ldexp(mantissa, exponent);
}

/** x as [fraction, exponent], x = fraction · 2 ** exponent, ½ ≤ |fraction| < 1. */
function frexp(x) {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = max(-1022, floor(log2(abs(x))));
  let fraction = x * 2 ** -exponent;
  for (; abs(fraction) < 0.5; exponent--) fraction *= 2;
  for (; abs(fraction) >= 1; exponent++) fraction /= 2;
  return [fraction, exponent];
}

/** x · 2 ** exponent in two steps, for the power alone may over- or underflow. */
function ldexp(x, exponent) {
  const whole = max(-2140, min(2046, exponent));
  const half = trunc(whole / 2);
  return x * 2 ** half * 2 ** (whole - half);
}

/** The unit vector, 0 at the origin; a single infinite component is the whole direction. */
function directions(...xs) {
  const infinite = xs.filter((x) => abs(x) === Infinity).length;
  if (infinite) {
    const lone = infinite === 1 && !xs.some(Number.isNaN);
    return xs.map((x) => (lone ? copysign(abs(x) === Infinity ? 1 : 0, x) : NaN));
  }
  const length = hypot(...xs);
  if (length === 0) return xs.map(() => 0);
  if (length > 1e-290 && length < Infinity) return xs.map((x) => x / length);
  const scale = length > 1 ? 2 ** -60 : 2 ** 600; // before the division over- or underflows
  const scaled = xs.map((x) => x * scale);
  return scaled.map((x) => x / hypot(...scaled));
}

const direction = (...xs) => directions(...xs)[0];

/** exp(x − top), the rounding of x − top made good to first order. */
function exp_difference(x, top) {
  const d = x - top;
  const back = x - d;
  const rest = x - (d + back) + (back - top);
  return rest === rest ? exp(d) * (1 + rest) : exp(d);
}

/** Σ exp(x − top) over all but one of the largest. */
function rest_of(xs, top) {
  const first = max(xs.indexOf(top), 0);
  return sum(...xs.filter((_, i) => i !== first).map((x) => exp_difference(x, top)));
}

function logsumexp(...xs) {
  const top = max(...xs);
  return Number.isFinite(top) ? top + log1p(rest_of(xs, top)) : top;
}

function softmaxes(...xs) {
  const top = max(...xs);
  const weights = xs.map((x) => exp_difference(x, top));
  const total = sum(...weights);
  return weights.map((weight) => weight / total);
}

const softmax = (...xs) => softmaxes(...xs)[0];

function log_softmax(...xs) {
  const top = max(...xs);
  return -(log1p(rest_of(xs, top)) + (top - xs[0]));
}
