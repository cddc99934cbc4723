// The steps of the player, and what each of them says.

/** The leaves; forward through each drawn operation; the seed; backward through each; the end. */
function timelineOf(nodes, drawn, playsBackward) {
  const forward = [...new Set(drawn)].filter((i) => nodes[i].of.length).sort((a, b) => a - b);
  const back = forward.filter((i) => nodes[i].of.some(isNode)).reverse();
  const steps = [{ phase: "start" }, ...forward.map((node) => ({ phase: "forward", node }))];
  if (!playsBackward) return steps;
  const backward = back.map((node) => ({ phase: "backward", node }));
  return [...steps, { phase: "seed", node: nodes.length - 1 }, ...backward, { phase: "end" }];
}

/** For each node the first step that has its value, and the one that sends its gradient on: if folded, the one before. */
function momentsOf(nodes, steps) {
  const seeded = steps.findIndex(({ phase }) => phase === "seed");
  const at = (phase) => new Map(steps.flatMap((step, i) => (step.phase === phase ? [[step.node, i]] : [])));
  const [forward, backward] = [at("forward"), at("backward")];
  let [done, reached] = [0, seeded];
  const valued = nodes.map((node, i) => (node.of.length ? (done = forward.get(i) ?? done) : 0));
  const sent = [...nodes.keys()].reverse().map((i) => (reached = backward.get(i) ?? reached)).reverse();
  return { valued, sent, seeded };
}

/** The same for the boxes of the drawing, parents first: one for several nodes follows the boxes beside it. */
function boxMomentsOf(boxes, nodes, { valued, sent, seeded }) {
  let [done, reached] = [0, seeded];
  const isOperation = (node) => node !== null && nodes[node].of.length > 0;
  const boxValued = boxes.map((node) => (done = isOperation(node) ? valued[node] : done));
  const boxSent = [...boxes].reverse().map((node) => (reached = isOperation(node) ? sent[node] : reached));
  return { boxValued, boxSent: boxSent.reverse() };
}

/** What a step says: where it stands, a sentence, and formulas; each line is a list of parts. */
class Narrator {
  constructor(data, steps) {
    this.sentences = new Sentences(data);
    this.nodes = data.nodes;
    this.steps = steps;
    this.leaves = data.nodes.flatMap((node, i) => (node.of.length ? [] : [i]));
  }

  says(at, state) {
    const { phase, node } = this.steps[at];
    return { where: this.where(at), ...this[phase](state, node) };
  }

  where(at) {
    const { phase } = this.steps[at];
    const alike = this.steps.flatMap((step, i) => (step.phase === phase ? [i] : []));
    const titles = { start: "Start", forward: "Forward", seed: "Backward", backward: "Backward", end: "Done" };
    return titles[phase] + (WITH_NODE.has(phase) ? ` ${alike.indexOf(at) + 1} of ${alike.length}` : "");
  }

  start({ values }) {
    const words = plain("The inputs and parameters are given.");
    return { words, lines: this.listed((i) => [this.sentences.name(i), values[i]]) };
  }

  forward(state, node) {
    return { words: plain(`${this.sentences.words(node)}.`), lines: this.sentences.forward(node, state) };
  }

  seed({ gradients }, node) {
    const line = [[this.sentences.partial(node), "name"], [" = ", "plain"], [written(gradients[node]), "result"]];
    return { words: plain("Now backward, from the output: its derivative by itself is 1."), lines: [line] };
  }

  backward(state, node) {
    const targets = new Set(this.nodes[node].of.filter(isNode)).size;
    const words = [
      [`Back through ${this.sentences.equation(node)}: `, "plain"],
      ["what arrives", "gradient"],
      [" times ", "plain"],
      [targets > 1 ? "each local derivative" : "the local derivative", "local"],
      [".", "plain"],
    ];
    return { words, lines: this.sentences.backward(node, state) };
  }

  end({ gradients }) {
    const words = plain("The gradient is complete: how fast the output changes with each input and parameter.");
    return { words, lines: this.listed((i) => [this.sentences.partial(i), gradients[i]]) };
  }

  listed(row, most = 8) {
    const lines = this.leaves.slice(0, most).map(row);
    const more = this.leaves.length - lines.length;
    const shown = lines.map(([name, x]) => [[name, "name"], [" = ", "plain"], [written(x), "result"]]);
    return more > 0 ? [...shown, [[`… and ${more} more`, "plain"]]] : shown;
  }
}

const plain = (text) => [[text, "plain"]];
const WITH_NODE = new Set(["forward", "backward"]);
