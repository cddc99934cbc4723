// The graph and its two passes, as autograd/backward.py does them; nothing here knows of the page.

/** A node's operands are the numbers of other nodes, or constants as text. */
const isNode = (operand) => typeof operand === "number";
const operandsOf = (node, values) => node.of.map((x) => (isNode(x) ? values[x] : Number(x)));

/** Whether a condition [op, left, right, …] holds. */
function holds([op, left, right], values) {
  const [a, b] = [left, right].map((x) => (isNode(x) ? values[x] : Number(x)));
  return { lt: a < b, le: a <= b, gt: a > b, ge: a >= b, eq: a === b, ne: a !== b }[op];
}

/** The nodes as the page's data has them, parents first and the root last; numbers travel as text, so that nan and −0 do. */
function decoded(data) {
  return data.nodes.map(({ of = [], partials = [], value, gradient, ...rest }) => ({
    ...rest,
    of,
    value: Number(value),
    partials: partials.map(Number),
    given: gradient === undefined ? undefined : Number(gradient),
  }));
}

/** Forward: every node's value, from those of the leaves. */
function valuesAt(nodes, leaves) {
  const values = [];
  for (const [i, node] of nodes.entries()) {
    if (node.condition) values.push(operandsOf(node, values)[holds(node.condition, values) ? 0 : 1]);
    else values.push(node.of.length ? operations[node.rule][0](...operandsOf(node, values)) : (leaves.get(i) ?? node.value));
  }
  return values;
}

/** The local derivatives of every node. */
function partialsAt(nodes, values) {
  return nodes.map((node, i) => {
    if (node.condition) return holds(node.condition, values) ? [1, 0] : [0, 1];
    return node.of.length ? operations[node.rule][1](values[i], ...operandsOf(node, values)) : [];
  });
}

/**
 * Backward: upstream × local derivative to each parent, in reverse order. Of every node its gradient, and of every
 * operand what flows to it, what had come to it before (undefined for the first), and which of its flows this is.
 * Nothing flows through the side that where doesn't take: not even 0 · inf. What is behind it alone has gradient 0.
 */
function pullBack(nodes, partials) {
  const gradients = new Array(nodes.length);
  const flows = nodes.map((node) => new Array(node.of.length));
  const arrived = nodes.map(() => 0);
  gradients[nodes.length - 1] = 1;
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (nodes[i].given !== undefined) gradients[i] = nodes[i].given;
    nodes[i].of.forEach((x, place) => {
      if (!isNode(x)) return;
      if (gradients[i] === undefined || (nodes[i].condition && partials[i][place] === 0)) {
        flows[i][place] = { flow: 0, none: true };
        return;
      }
      const flow = gradients[i] * partials[i][place];
      flows[i][place] = { flow, before: gradients[x], nth: ++arrived[x] };
      gradients[x] = gradients[x] === undefined ? flow : gradients[x] + flow;
    });
  }
  return { gradients: Array.from(gradients, (x) => x ?? 0), flows, uses: arrived };
}

/** All numbers of the graph: as it was drawn, or worked out anew where leaves (a Map from node to number) are changed. */
function evaluated(nodes, leaves) {
  const changed = leaves.size > 0;
  const values = changed ? valuesAt(nodes, leaves) : nodes.map((node) => node.value);
  const partials = changed ? partialsAt(nodes, values) : nodes.map((node) => node.partials);
  return { values, partials, ...pullBack(nodes, partials) };
}
