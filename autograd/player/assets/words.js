// Numbers and sentences. A sentence is a list of lines, a line a list of parts [text, kind]; a kind is a colour.

/** As the drawing writes it: Python's format(x, ".5g"), a whole number in full. */
function shortNumber(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(x); // of −0 as well "0"
  const [digits, exponent] = rounded(x).split("e");
  if (exponent >= -4 && exponent < 5) return String(Number(`${digits}e${exponent}`));
  return `${Number(digits)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** To five digits; a tie goes to the even digit as in Python, where JavaScript rounds up. */
function rounded(x) {
  const exact = x.toExponential(40);
  if (!/^-?\d\.\d{3}[02468]50*e/.test(exact)) return x.toExponential(4);
  return exact.slice(0, exact.indexOf(".") + 5) + exact.slice(exact.indexOf("e"));
}

const written = (x) => shortNumber(x).replaceAll("-", "−");

/** A template with its places filled in; a negative number in the middle of a formula stands in parentheses. */
function filled(template, texts) {
  const parts = template.split(/\{(\w+)\}/);
  let text = parts[0];
  for (let i = 1; i < parts.length; i += 2) {
    const part = texts[parts[i]];
    const alone = /(^|\(|, |\|)$/.test(text) && !/^[\^⁰¹²³⁴-⁻]/.test(parts[i + 1]);
    text += (part.startsWith("−") && !alone ? `(${part})` : part) + parts[i + 1];
  }
  return text;
}

/** A formula that is multiplied: in parentheses unless it is a product itself. */
function factor(formula) {
  let depth = 0;
  for (const character of formula.replaceAll(" · ", "·")) {
    depth += (character === "(") - (character === ")");
    if (depth === 0 && /[+−/ ]/.test(character)) return `(${formula})`;
  }
  return formula;
}

/** The sentences of a graph: its nodes, their wordings, and how each node is called. */
class Sentences {
  constructor(data) {
    this.nodes = data.nodes;
    this.wordings = data.wordings;
    this.root = data.nodes.length - 1;
  }

  name(i) {
    return this.nodes[i].symbol ?? this.nodes[i].name;
  }

  partial(i) {
    return `∂${this.name(this.root)}/∂${this.name(i)}`;
  }

  /** x > 0, or with values 2 > 0 */
  condition([op, left, right], values) {
    const side = (x) => (!isNode(x) ? written(Number(x)) : values ? written(values[x]) : this.name(x));
    return `${side(left)} ${SIGNS[op]} ${side(right)}`;
  }

  /** What the places of a node's wording stand for: the names of its operands, or their numbers. */
  places(i, values) {
    const { of, wording, condition } = this.nodes[i];
    const shown = of.map((x) => (!isNode(x) ? written(Number(x)) : values ? written(values[x]) : this.name(x)));
    if (condition) shown.if = this.condition(condition, values);
    return { ...shown, y: values ? written(values[i]) : this.name(i), f: this.wordings[wording].f };
  }

  words(i) {
    const text = filled(this.wordings[this.nodes[i].wording].words, this.places(i));
    return text[0].toUpperCase() + text.slice(1);
  }

  /** a · b, or with values 2 · 3 */
  formula(i, values) {
    return filled(this.wordings[this.nodes[i].wording].value, this.places(i, values));
  }

  /** v = a · b, or v = f(…) where that is long. */
  equation(i, most = 48) {
    const formula = this.formula(i);
    const short = formula.length <= most ? formula : `${this.wordings[this.nodes[i].wording].f}(…)`;
    return `${this.name(i)} = ${short}`;
  }

  /** v = a · b = 2 · 3 = 6 */
  forward(i, { values }) {
    const [symbols, numbers] = [this.formula(i), this.formula(i, values)];
    const line = [[this.name(i), "name"], [` = ${symbols}`, "plain"]];
    if (numbers !== symbols && numbers !== written(values[i])) line.push([` = ${numbers}`, "plain"]);
    return [[...line, [" = ", "plain"], [written(values[i]), "value"]]];
  }

  /** For each operand: ∂L/∂a = ∂L/∂v · b = 0.5 · 3 = 1.5, and the sum where several gradients meet. */
  backward(i, state, most = 6) {
    const places = this.nodes[i].of.map((x, place) => place).filter((place) => isNode(this.nodes[i].of[place]));
    const lines = places.slice(0, most).flatMap((place) => this.flow(i, place, state));
    return places.length > most ? [...lines, [[`… and so to ${places.length - most} more`, "plain"]]] : lines;
  }

  flow(i, place, { gradients, partials, flows, uses }) {
    const operand = this.nodes[i].of[place];
    const partial = this.wordings[this.nodes[i].wording].partials[place];
    const local = partial ? factor(filled(partial, this.places(i))) : `∂${this.name(i)}/∂${this.name(operand)}`;
    const { flow, before, nth, none } = flows[i][place];
    if (none) return [[[this.partial(operand), "plain"], [" gets nothing: where takes another side", "note"]]];
    const alone = uses[operand] === 1;
    const line = [
      [this.partial(operand), alone ? "name" : "plain"],
      [alone ? " = " : " gets ", "plain"],
      [this.partial(i), "gradient"],
      [" · ", "plain"],
      [local, "local"],
      [" = ", "plain"],
      [written(gradients[i]), "gradient"],
      [" · ", "plain"],
      [inProduct(partials[i][place]), "local"],
      [" = ", "plain"],
      [written(flow), alone ? "result" : "gradient"],
    ];
    if (alone) return [line];
    line.push([` (${nth} of ${uses[operand]})`, "note"]);
    return nth === 1 ? [line] : [line, this.sum(operand, flow, before, nth === uses[operand])];
  }

  /** ∂L/∂b so far 0.35 + 0.2 = 0.55 */
  sum(operand, flow, before, last) {
    return [
      [this.partial(operand), "name"],
      [last ? " = " : " so far ", "plain"],
      [`${written(before)} + ${inProduct(flow)}`, "gradient"],
      [" = ", "plain"],
      [written(before + flow), "result"],
    ];
  }
}

const inProduct = (x) => (x < 0 ? `(${written(x)})` : written(x));
