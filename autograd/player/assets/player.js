// The page: its controls, and what they set in motion.

const STEP_TIME = 1600; // milliseconds that playing stays at a step

class Player {
  constructor(data, page) {
    this.page = page;
    this.data = { ...data, nodes: decoded(data) };
    this.steps = timelineOf(this.data.nodes, this.data.boxes.filter(isNode), data.backward);
    this.narrator = new Narrator(this.data, this.steps);
    this.picture = new Picture(page.pane.querySelector("svg"), page.pane, this.data, momentsOf(this.data.nodes, this.steps));
    this.cautions = new Cautions(this.data, this.narrator.sentences, this.picture);
    this.leaves = new Map();
    this.at = 0;
    this.rows = new Map();
    page.slider.max = this.steps.length - 1;
    const { seeded } = this.picture.moments;
    const turn = seeded < 0 ? 1 : (seeded - 0.5) / (this.steps.length - 1);
    page.slider.style.setProperty("--turn", `${(100 * turn).toFixed(2)}%`);
  }

  // -- numbers -----------------------------------------------------------------------------------

  /** Work everything out for the leaves as they are set. */
  evaluate() {
    this.state = evaluated(this.data.nodes, this.leaves);
    if (this.data.backward) this.picture.label(this.state, this.leaves.size > 0); // else nothing is known of gradients
    const root = this.data.nodes.length - 1;
    this.page.result.textContent = written(this.state.values[root]);
    const { wrong, unsure } = this.cautions.tell(this.state, this.leaves.size > 0, this.page.cautions);
    mark(this.page.player, { wrong, unsure });
    const doubt = wrong ? ", and the program branched: see below" : unsure ? ", if the program doesn't branch: see below" : "";
    this.page.drawn.textContent = this.leaves.size ? `drawn at ${written(this.data.nodes[root].value)}${doubt}` : "";
    this.page.resetAll.disabled = this.leaves.size === 0;
    for (const [leaf, row] of this.rows) row.gradient.textContent = written(this.state.gradients[leaf]);
    this.tell();
  }

  set(leaf, number) {
    if (number === undefined) this.leaves.delete(leaf);
    else this.leaves.set(leaf, number);
    this.evaluate();
  }

  addLeaves() {
    this.data.nodes.forEach((node, i) => {
      if (node.of.length) return;
      const row = new LeafRow(this.page.row, node.name, node.value, (number) => this.set(i, number));
      row.element.querySelector(".partial").textContent = this.narrator.sentences.partial(i);
      this.rows.set(i, row);
      this.page.rows.append(row.element);
    });
  }

  // -- steps -------------------------------------------------------------------------------------

  go(to) {
    this.at = Math.min(Math.max(Number.isInteger(to) ? to : 0, 0), this.steps.length - 1);
    const step = this.steps[this.at];
    this.picture.show(this.at, step);
    if (step.node !== undefined || this.at === 0) this.picture.reveal(step.node);
    this.tell();
    this.page.back.disabled = this.at === 0;
    this.page.next.disabled = this.at === this.steps.length - 1;
    this.page.slider.value = this.at;
    this.page.count.textContent = `${this.at} / ${this.steps.length - 1}`;
    this.remember();
  }

  /** The step in words. */
  tell() {
    const { where, words, lines } = this.narrator.says(this.at, this.state);
    const phase = this.steps[this.at].phase;
    this.page.step.dataset.phase = phase === "seed" ? "backward" : phase;
    this.page.where.textContent = where;
    this.page.words.replaceChildren(...words.map(partElement));
    this.page.formulas.replaceChildren(...lines.map(lineElement));
    this.page.slider.setAttribute("aria-valuetext", `step ${this.at} of ${this.steps.length - 1}: ${where}`);
  }

  /** The step in the address, once it has been there for a moment: browsers allow only so many changes. */
  remember() {
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => {
      if (stepInAddress() !== this.at) history.replaceState(null, "", `#step=${this.at}`);
    }, 150);
  }

  play(on) {
    clearInterval(this.playing);
    this.playing = on ? setInterval(() => this.tick(), STEP_TIME) : undefined;
    this.page.play.textContent = on ? "Pause" : "Play";
    this.page.play.setAttribute("aria-pressed", String(on));
    if (on) this.go(this.at === this.steps.length - 1 ? 0 : this.at + 1);
  }

  tick() {
    this.go(this.at + 1);
    if (this.at === this.steps.length - 1) this.play(false);
  }

  /** A step by hand, which ends playing. */
  turn(to) {
    if (this.playing) this.play(false);
    this.go(to);
  }

  // -- size --------------------------------------------------------------------------------------

  /** The picture in its own size, to be scrolled, or all of it fitted into the pane. */
  resize(full) {
    this.page.pane.classList.toggle("full", full);
    this.page.size.textContent = full ? "Fit" : "Full size";
    this.page.size.setAttribute("aria-pressed", String(full));
    if (full) this.picture.reveal(this.steps[this.at].node);
    this.offerSize();
  }

  offerSize() {
    this.page.size.hidden = !this.page.pane.classList.contains("full") && !this.picture.isScaledDown();
  }

  // -- controls ----------------------------------------------------------------------------------

  listen() {
    const { back, next, play, slider, resetAll, size } = this.page;
    size.addEventListener("click", () => this.resize(!this.page.pane.classList.contains("full")));
    addEventListener("resize", () => this.offerSize());
    back.addEventListener("click", () => this.turn(this.at - 1));
    next.addEventListener("click", () => this.turn(this.at + 1));
    play.addEventListener("click", () => this.play(!this.playing));
    slider.addEventListener("input", () => this.turn(Number(slider.value)));
    resetAll.addEventListener("click", () => {
      this.leaves.clear();
      for (const row of this.rows.values()) row.show(undefined, true);
      this.evaluate();
    });
    addEventListener("hashchange", () => stepInAddress() === this.at || this.turn(stepInAddress()));
    addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input")) return;
    const last = this.steps.length - 1;
    const to = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last }[event.key];
    if (to !== undefined) this.turn(to);
    else if (event.key === " " && !event.target.matches("button, summary")) this.play(!this.playing);
    else return;
    event.preventDefault();
  }
}

const stepInAddress = () => Number(/^#step=(\d{1,9})$/.exec(location.hash)?.[1] ?? 0);

/** A line of a formula: parts up to the next " = " stay together. */
function lineElement(parts) {
  const line = document.createElement("p");
  let group;
  for (const part of parts) {
    if (!group || part[0].startsWith(" = ")) line.append((group = document.createElement("span")));
    group.append(partElement(part));
  }
  return line;
}

function partElement([text, kind]) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

function start() {
  const page = Object.fromEntries([...document.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const player = new Player(JSON.parse(page.data.textContent), page);
  if (player.data.live) player.addLeaves();
  player.listen();
  player.evaluate();
  player.go(stepInAddress());
  player.offerSize();
  page.player.dataset.ready = "true";
}

start();
