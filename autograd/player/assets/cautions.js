// What the page can't follow, or follows though it isn't drawn: said beside the picture, and marked in it.

const SIGNS = { lt: "<", le: "≤", gt: ">", ge: "≥", eq: "=", ne: "≠" };

class Cautions {
  constructor(data, sentences, picture) {
    Object.assign(this, { data, sentences, picture });
    this.unknown = [...data.nodes.keys()].filter((i) => data.nodes[i].rule === "where/1");
  }

  /** What holds of these values: comparisons that come out otherwise than Python's, and where that takes its other side. */
  at({ values }) {
    const turned = (condition) => holds(condition, values) !== condition[3];
    const wheres = [...this.data.nodes.keys()].filter((i) => this.data.nodes[i].condition);
    return {
      branched: this.data.questions.filter(turned),
      chosen: wheres.filter((i) => turned(this.data.nodes[i].condition)),
    };
  }

  /** Mark the boxes concerned, and write the sentences into ``list``; whether the numbers may be wrong. */
  tell(state, changed, list) {
    const { branched, chosen } = this.at(state);
    const marked = new Set([...(changed ? this.unknown : []), ...chosen, ...branched.flatMap(([, left, right]) => [left, right].filter(isNode))]);
    this.data.boxes.forEach((node, i) => mark(this.picture.boxes[i], { turned: marked.has(node) }));
    const unsure = changed && (this.data.unseen > 0 || this.unknown.length > 0);
    const lines = [...branched.map((q) => this.branch(q)), ...chosen.map((i) => this.choice(i, state))];
    if (unsure) lines.push("A number has changed: what can't be followed here may have come out otherwise with it.");
    list.replaceChildren(...lines.map(sentenceElement));
    return { wrong: branched.length > 0, unsure };
  }

  branch(question) {
    const said = this.sentences.condition(question);
    const [then, now] = question[3] ? ["held", "doesn't hold"] : ["didn't hold", "holds"];
    return `When Python computed this, ${said} ${then}. Now it ${now}: the numbers are those of the branch that was taken then.`;
  }

  choice(i, { values }) {
    const { condition, of } = this.data.nodes[i];
    const taken = of[holds(condition, values) ? 0 : 1];
    const side = isNode(taken) ? `${this.sentences.name(taken)} = ${written(values[taken])}` : written(Number(taken));
    const outcome = condition[3] ? "doesn't hold" : "holds";
    const said = this.sentences.condition(condition);
    return `${this.sentences.name(i)} = where(${said}, …) follows: ${said}, compared just before it, ${outcome} now. It takes ${side}; the picture has the other side.`;
  }
}

function sentenceElement(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}
