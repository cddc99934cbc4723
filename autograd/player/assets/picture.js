// The drawing: its labels follow the numbers, its classes the steps.

class Picture {
  constructor(svg, pane, data, moments) {
    Object.assign(this, { svg, pane, data, moments });
    this.boxes = data.boxes.map((_, i) => svg.querySelector(`#n${i}`));
    this.edges = data.edges.map((_, i) => svg.querySelector(`#e${i}`));
    this.folded = this.boxes.map((box) => box.classList.contains("folded"));
    Object.assign(moments, boxMomentsOf(data.boxes, data.nodes, moments));
    this.marks = this.edges.map((edge) => (numberIn(edge, ".gradient")?.textContent ?? "").split(" ").slice(1));
    const titled = [...this.boxes, ...this.edges];
    this.titles = new Map(titled.map((element) => [element, element.querySelector("title").textContent]));
    const { width, height } = svg.viewBox.baseVal;
    svg.style.setProperty("--natural", `${width}px`);
    svg.style.setProperty("--aspect", width / height);
  }

  /** Whether an edge (the node it comes from, the one that uses it, at which place) is the root's own. */
  isOutput([source, user]) {
    return user === null && source === this.data.nodes.length - 1;
  }

  /** Write the numbers of the edges, and those that show on hovering; what was drawn of their sizes is stale if changed. */
  label({ values, gradients, partials, flows }, changed) {
    this.svg.classList.toggle("stale", changed);
    this.data.edges.forEach((edge, i) => {
      const [source, user, place] = edge;
      const output = this.isOutput(edge);
      if (user === null && !output) return this.retell(this.edges[i], 0, {}, changed);
      const gradient = output ? gradients[source] : flows[user][place].flow;
      setText(this.edges[i], ".value", shortNumber(values[source]));
      setText(this.edges[i], ".gradient", [shortNumber(gradient), ...(changed ? [] : this.marks[i])].join(" "));
      const local = output ? {} : { "local derivative": partials[user][place], upstream: gradients[user] };
      this.retell(this.edges[i], 0, { value: values[source], gradient, ...local }, changed);
    });
    this.data.boxes.forEach((node, i) => {
      if (node !== null) this.retell(this.boxes[i], 1, { value: values[node], gradient: gradients[node] }, changed);
    });
  }

  /** The hover text: in its lines "value …", "gradient …" new numbers, the first ones kept; of what is stale nothing. */
  retell(element, kept, numbers, changed) {
    const lines = this.titles.get(element).split("\n").map((line, k) => {
      if (k < kept) return line;
      const word = Object.keys(numbers).find((name) => line.startsWith(`${name} `));
      return word ? `${word} ${exact(numbers[word] + 0)}` : changed ? line.replace(STALE, "") : line;
    });
    element.querySelector("title").textContent = lines.filter(Boolean).join("\n");
  }

  /** Pale what has no number yet at a step, and emphasise where it is. */
  show(at, { phase, node }) {
    const { valued, sent, seeded, boxValued, boxSent } = this.moments;
    const forward = phase === "forward";
    this.boxes.forEach((box, i) => {
      const shown = this.data.boxes[i];
      const known = shown !== null ? valued[shown] : this.folded[i] ? boxValued[i] : 0;
      mark(box, { pale: known > at, current: shown !== null && shown === node, back: !forward });
    });
    this.data.edges.forEach((edge, i) => {
      const [[source, user], [tail, head]] = [edge, this.data.ends[i]];
      const output = this.isOutput(edge);
      const known = source !== null ? valued[source] : this.folded[tail] ? boxValued[tail] : 0;
      const flowed = output ? seeded : user !== null ? sent[user] : boxSent[head];
      mark(this.edges[i], {
        "no-value": known > at,
        "no-gradient": seeded < 0 || flowed > at,
        "current-value": forward && (user === node || source === node),
        "current-gradient": phase === "seed" ? output : phase === "backward" && user === node,
      });
    });
  }

  /** Whether the picture is scaled down to fit the pane, so that there is a larger one to see. */
  isScaledDown() {
    return this.svg.getBoundingClientRect().width < 0.98 * this.svg.viewBox.baseVal.width;
  }

  /** Bring a node into the middle of the pane. */
  reveal(node) {
    const box = this.boxes[this.data.boxes.indexOf(node ?? 0)];
    if (!box) return;
    const [shape, pane] = [box.getBoundingClientRect(), this.pane.getBoundingClientRect()];
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.pane.scrollBy({
      left: shape.x + shape.width / 2 - pane.x - pane.width / 2,
      top: shape.y + shape.height / 2 - pane.y - pane.height / 2,
      behavior: smooth ? "smooth" : "instant",
    });
  }
}

function mark(element, classes) {
  for (const [name, on] of Object.entries(classes)) element.classList.toggle(name, on);
}

function setText(element, selector, text) {
  const found = numberIn(element, selector);
  if (found) found.textContent = text;
}

/** Where the number is: alone, or after the name of what it is. */
const numberIn = (element, selector) => element.querySelector(`${selector} .number`) ?? element.querySelector(selector);

const STALE = /(?<=(values|gradients)), (from|all) .*|^\w+: the gradient .*/; // ranges of many, and what is wrong with one

const exact = (x) => (Number.isFinite(x) ? (Object.is(x, -0) ? "-0" : String(x)) : shortNumber(x));
