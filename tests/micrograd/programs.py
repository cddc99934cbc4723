"""Programs as people write them after micrograd's lecture. Each leaves what it computed in ``result``, numbers in a list."""

IMPORT = "from micrograd.engine import Value\n"

NETWORK = """
import random

class Neuron:
    def __init__(self, nin, nonlin=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self):
        return self.w + [self.b]

class Layer:
    def __init__(self, nin, nout, **kwargs):
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x):
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]

class MLP:
    def __init__(self, nin, nouts):
        sizes = [nin] + nouts
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != len(nouts) - 1) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = 0
"""

# the demo: hinge loss, L2, accuracy, a learning rate that falls
DEMO = f"""{IMPORT}{NETWORK}
import math
random.seed(1337)
X, y = [], []
for i in range(30):
    angle, side = math.pi * i / 30, 2 * (i % 2) - 1
    X.append([math.cos(angle) * side + (side < 0), math.sin(angle) * side + 0.5 * (side < 0)])
    y.append(side)
model = MLP(2, [8, 8, 1])
result = []

def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum((p * p for p in model.parameters()))
    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores)]
    return data_loss + reg_loss, sum(accuracy) / len(accuracy)

for k in range(6):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    result += [total_loss.data, acc]
result += [p.data for p in model.parameters()] + [p.grad for p in model.parameters()]
"""

# one neuron with names, drawn as text, its backward pass by hand, in topological order, and by backward()
LECTURE = f"""{IMPORT}
def inputs():
    x1 = Value(2.0, label='x1')
    x2 = Value(0.0, label='x2')
    w1 = Value(-3.0, label='w1')
    w2 = Value(1.0, label='w2')
    b = Value(6.8813735870195432, label='b')
    return x1, x2, w1, w2, b

def neuron(x1, x2, w1, w2, b):
    x1w1 = x1*w1; x1w1.label = 'x1*w1'
    x2w2 = x2*w2; x2w2.label = 'x2*w2'
    x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = 'x1*w1 + x2*w2'
    n = x1w1x2w2 + b; n.label = 'n'
    e = (2*n).exp()
    o = (e - 1) / (e + 1); o.label = 'o'
    return [x1w1, x2w2, x1w1x2w2, n, e, o]

def trace(root):
    nodes, edges = set(), set()
    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)
    build(root)
    return nodes, edges

def draw_dot(root):
    lines = []
    nodes, edges = trace(root)
    for n in nodes:
        uid = str(id(n))
        lines.append("{{ %s | data %.4f | grad %.4f }}" % (n.label, n.data, n.grad))
        if n._op:
            lines.append("op " + ("" if n._op is None else "of " + n.label))
            assert uid + n._op
    for n1, n2 in edges:
        assert str(id(n1)) != str(id(n2)) + n2._op
    return sorted(line for line in lines if "|  |" not in line and "{{  |" not in line and line != "op of ")

drawn, result = [], []
leaves = inputs()
inside = neuron(*leaves)
o = inside[-1]
drawn.append(draw_dot(o))

topo, visited = [], set()
def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build_topo(child)
        topo.append(v)
build_topo(o)
o.grad = 1.0
for node in reversed(topo):
    node._backward()
drawn.append(draw_dot(o))
result += [v.grad for v in leaves]

leaves = inputs()
inside = neuron(*leaves)
inside[-1].backward()
drawn.append(draw_dot(inside[-1]))
result += [v.grad for v in leaves]

a = Value(3.0, label='a')
b = a + a; b.label = 'b'
b.backward()
result += [a.grad, b.grad, len(b._prev), a in b._prev, b in b._prev, Value(3.0) in b._prev]

a = Value(-2.0, label='a'); b = Value(3.0, label='b')
d = a * b; d.label = 'd'
e = a + b; e.label = 'e'
f = d * e; f.label = 'f'
f.backward()
result += [v.grad for v in (a, b, d, e, f)]
for v in (a, b):
    v.data += 0.01 * v.grad
result += [(a * b * (a + b)).data]
"""

# the net of the end of the lecture: four rows, squares, 20 steps of gradient descent
SQUARES = f"""{IMPORT}{NETWORK.replace("act.relu()", "act.tanh()").replace("self.nonlin else act", "True else act")}
random.seed(42)
xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
n = MLP(3, [4, 4, 1])
result = []
for k in range(20):
    ypred = [n(x) for x in xs]
    loss = sum((yout - ygt)**2 for ygt, yout in zip(ys, ypred))
    for p in n.parameters():
        p.grad = 0.0
    loss.backward()
    for p in n.parameters():
        p.data += -0.1 * p.grad
    result.append(loss.data)
result += [y.data for y in ypred] + [n.layers[0].neurons[0].w[0].grad]
"""

# operations of one's own by closures, among them one on two nodes and one that takes the same node twice
CLOSURES = f"""{IMPORT}
import math

def sine(x):
    out = Value(math.sin(x.data), (x,), 'sin')
    def _backward():
        x.grad += math.cos(x.data) * out.grad
    out._backward = _backward
    return out

def area(a, b):
    out = Value(a.data * a.data * b.data, _children=(a, b), _op='area')
    def _backward():
        a.grad += 2 * a.data * b.data * out.grad
        b.grad += a.data ** 2 * out.grad
    out._backward = _backward
    return out

x, z = Value(0.7, label='x'), Value(-1.3, label='z')
y = area(sine(x) * 2, z) + area(x, x) + sine(sine(z)).exp() * x
y.backward()
result = [y.data, x.grad, z.grad]
y = area(sine(x) * 2, z)
x.grad = z.grad = 0
y.backward()
result += [y.data, x.grad, z.grad, y.grad, len(area(x, x)._prev)]
"""

# a GPT of Values: 2 layers, 2 heads, RMS norm, relu squared, cross entropy, Adam by hand, 20 steps
GPT = f"""{IMPORT}
import math, random
random.seed(7)
docs = ["anna", "nan", "banana", "bab", "an", "naan"]
chars = ["<>"] + sorted(set("".join(docs)))
stoi = {{ch: i for i, ch in enumerate(chars)}}
n_layer, n_embd, n_head, block_size, vocab = 2, 4, 2, 8, len(chars)
head = n_embd // n_head

matrix = lambda nout, nin, std=0.2: [[Value(random.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]
state = {{'wte': matrix(vocab, n_embd), 'wpe': matrix(block_size, n_embd), 'lm_head': matrix(vocab, n_embd)}}
for i in range(n_layer):
    for name in ('wq', 'wk', 'wv', 'wo'):
        state[f'layer{{i}}.{{name}}'] = matrix(n_embd, n_embd)
    state[f'layer{{i}}.fc1'] = matrix(2 * n_embd, n_embd)
    state[f'layer{{i}}.fc2'] = matrix(n_embd, 2 * n_embd)
params = [p for mat in state.values() for row in mat for p in row]

def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(wo, x)) for wo in w]

def softmax(logits):
    top = max(v.data for v in logits)
    exps = [(v - top).exp() for v in logits]
    total = sum(exps)
    return [e / total for e in exps]

def rmsnorm(x):
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + 1e-5) ** -0.5
    return [xi * scale for xi in x]

def gpt(token, position, keys, values):
    x = [t + p for t, p in zip(state['wte'][token], state['wpe'][position])]
    x = rmsnorm(x)
    for i in range(n_layer):
        residual = x
        x = rmsnorm(x)
        q = linear(x, state[f'layer{{i}}.wq'])
        keys[i].append(linear(x, state[f'layer{{i}}.wk']))
        values[i].append(linear(x, state[f'layer{{i}}.wv']))
        attended = []
        for h in range(n_head):
            part = slice(h * head, h * head + head)
            ks, vs = [k[part] for k in keys[i]], [v[part] for v in values[i]]
            scores = [sum(a * b for a, b in zip(q[part], k)) / head**0.5 for k in ks]
            weights = softmax(scores)
            attended += [sum(weights[t] * vs[t][j] for t in range(len(vs))) for j in range(head)]
        x = [a + b for a, b in zip(linear(attended, state[f'layer{{i}}.wo']), residual)]
        residual = x
        hidden = [h.relu() ** 2 for h in linear(rmsnorm(x), state[f'layer{{i}}.fc1'])]
        x = [a + b for a, b in zip(linear(hidden, state[f'layer{{i}}.fc2']), residual)]
    return linear(x, state['lm_head'])

lr, beta1, beta2, eps = 0.02, 0.9, 0.95, 1e-8
m, v = [0.0] * len(params), [0.0] * len(params)
result = []
for step in range(20):
    doc = docs[step % len(docs)]
    tokens = [0] + [stoi[c] for c in doc] + [0]
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    losses = []
    for position in range(len(tokens) - 1):
        probs = softmax(gpt(tokens[position], position, keys, values))
        losses.append(-probs[tokens[position + 1]].log())
    loss = (1 / len(losses)) * sum(losses)
    loss.backward()
    rate = lr * 0.5 * (1 + math.cos(math.pi * step / 20))
    for i, p in enumerate(params):
        m[i] = beta1 * m[i] + (1 - beta1) * p.grad
        v[i] = beta2 * v[i] + (1 - beta2) * p.grad ** 2
        p.data -= rate * (m[i] / (1 - beta1 ** (step + 1))) / ((v[i] / (1 - beta2 ** (step + 1))) ** 0.5 + eps)
        p.grad = 0
    result.append(loss.data)
keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
result += [p.data for p in softmax([logit / 0.5 for logit in gpt(0, 0, keys, values)])]
result += [random.choices(range(vocab), weights=result[-vocab:])[0]]
result += [p.data for p in params]
"""
