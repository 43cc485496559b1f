"""Thirty plain tests of modules and classes, as courses write them: an answer, wrong ones, and the cell that tests it."""

from __future__ import annotations

from dataclasses import dataclass

TORCH = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\nimport numpy as np\n"


@dataclass(frozen=True)
class Case:
    """Hold one exercise: the right answer, two wrong ones, the test."""

    name: str
    right: str
    wrong: tuple[str, str]
    test: str


CNN = """
class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 7 * 7, classes)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))
"""
MLP = """
class MLP(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, hidden)
        self.fc2 = nn.Linear(hidden, n_out)
    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))
"""
NORM = """
class Norm(nn.Module):
    def __init__(self, c, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(c))
        self.beta = nn.Parameter(torch.zeros(c))
        self.register_buffer("running_mean", torch.zeros(c))
        self.register_buffer("running_var", torch.ones(c))
    def forward(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (x.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + 1e-5) + self.beta
"""
DROP = """
class Drop(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
    def forward(self, x):
        if not self.training:
            return x
        return x * (torch.rand_like(x) > self.p) / (1 - self.p)
"""
SPLIT = """
class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(3, 4), nn.Linear(5, 4)
        self.mean, self.spread = nn.Linear(8, 2), nn.Linear(8, 2)
    def forward(self, a, b):
        both = torch.cat([self.left(a), self.right(b)], dim=1)
        return self.mean(both), F.softplus(self.spread(both))
"""
EMBED = """
class LM(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.out = nn.Linear(width, words, bias=False)
        self.out.weight = self.embed.weight
    def forward(self, ids):
        return self.out(self.embed(ids))
"""
FROZEN = """
class Head(nn.Module):
    def __init__(self, backbone, classes):
        super().__init__()
        self.backbone = backbone
        for p in self.backbone.parameters():
            p.requires_grad = False
        self.head = nn.Linear(6, classes)
    def forward(self, x):
        return self.head(torch.relu(self.backbone(x)))
def build(classes): return Head(nn.Linear(4, 6), classes)
"""
DEEP = """
class Deep(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.scale = nn.Parameter(torch.full((depth,), 0.5))
    def forward(self, x):
        for n, layer in enumerate(self.layers):
            x = x + self.scale[n] * torch.tanh(layer(x))
        return x
"""
SEQUENTIAL = """
def make_net(sizes):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))
"""
SQUARE = """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 2 * x * grad
def square(x): return Square.apply(x)
"""
TRAIN = """
def train(model, loader, epochs, lr):
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    model.train()
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            opt.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            opt.step()
            total += loss.item()
        losses.append(total)
    return losses
"""
VAE = """
class VAE(nn.Module):
    def __init__(self, n=6, z=2):
        super().__init__()
        self.enc, self.mu, self.logvar, self.dec = nn.Linear(n, 8), nn.Linear(8, z), nn.Linear(8, z), nn.Linear(z, n)
    def encode(self, x):
        h = torch.tanh(self.enc(x))
        return self.mu(h), self.logvar(h)
    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.dec(self.reparameterize(mu, logvar)), mu, logvar
    def num_params(self):
        return sum(p.numel() for p in self.parameters())
def kl(mu, logvar): return -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum()
"""
LAYER = """
class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(0)
        return dout @ self.W.T
"""
TWO_LAYERS = """
class TwoLayerNet:
    def __init__(self, n_in, hidden, n_out, std=1e-1):
        self.params = {"W1": std * np.random.randn(n_in, hidden), "b1": np.zeros(hidden),
                       "W2": std * np.random.randn(hidden, n_out), "b2": np.zeros(n_out)}
    def loss(self, X, y):
        p = self.params
        h = np.maximum(0, X @ p["W1"] + p["b1"])
        s = h @ p["W2"] + p["b2"]
        s = s - s.max(1, keepdims=True)
        prob = np.exp(s) / np.exp(s).sum(1, keepdims=True)
        n = len(y)
        d = prob.copy(); d[np.arange(n), y] -= 1; d /= n
        dh = d @ p["W2"].T; dh[h <= 0] = 0
        grads = {"W1": X.T @ dh, "b1": dh.sum(0), "W2": h.T @ d, "b2": d.sum(0)}
        return -np.log(prob[np.arange(n), y]).mean(), grads
"""
STACK = """
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
    def pop(self):
        if not self.items: raise IndexError("pop from an empty stack")
        return self.items.pop()
    def peek(self): return self.items[-1]
    def is_empty(self): return not self.items
    def __len__(self): return len(self.items)
    def __contains__(self, x): return x in self.items
"""
DATASET = """
from torch.utils.data import Dataset
class Squares(Dataset):
    def __init__(self, n, transform=None):
        self.x = torch.arange(n, dtype=torch.float32)
        self.transform = transform
    def __len__(self): return len(self.x)
    def __getitem__(self, i):
        x = self.x[i]
        y = x ** 2
        return (self.transform(x) if self.transform else x), y
"""
COUNTDOWN = """
class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n + 1
"""
CONTEXT = """
class Record:
    def __init__(self): self.events = []
    def __enter__(self):
        self.events.append("in"); return self
    def __exit__(self, kind, value, trace):
        self.events.append("out" if kind is None else kind.__name__)
        return kind is ValueError
"""
CIRCLE = """
class Circle:
    def __init__(self, radius): self.radius = radius
    @property
    def area(self): return np.pi * self.radius ** 2
    @property
    def radius(self): return self._radius
    @radius.setter
    def radius(self, value):
        if value < 0: raise ValueError("a radius is not negative")
        self._radius = value
    def __call__(self, scale): return Circle(self.radius * scale)
    def __repr__(self): return f"Circle({self.radius})"
"""
VECTOR = """
class Vector:
    def __init__(self, *xs): self.xs = list(xs)
    def __add__(self, other): return Vector(*[a + b for a, b in zip(self.xs, other.xs)])
    def __mul__(self, k): return Vector(*[k * a for a in self.xs])
    def __eq__(self, other): return isinstance(other, Vector) and self.xs == other.xs
    def __len__(self): return len(self.xs)
    def __getitem__(self, i): return self.xs[i]
"""

CASES = (
    Case("shapes", CNN, (CNN.replace("classes=10", "classes=5"), CNN.replace("x.flatten(1)", "x.flatten(1).sum()")),
         "net = Net()\nout = net(torch.randn(5, 1, 28, 28))\nassert out.shape == (5, 10)\nassert Net(3)(torch.zeros(2, 1, 28, 28)).shape == torch.Size([2, 3])"),
    Case("parameter count", CNN, (CNN.replace("padding=1)\n        self.fc", "padding=1, bias=False)\n        self.fc"), CNN.replace("(4, 8, 3", "(4, 8, 5").replace("F.relu(self.conv2(x))", "F.relu(F.pad(self.conv2(x), (1, 1, 1, 1)))")),
         "net = Net()\nn = sum(p.numel() for p in net.parameters() if p.requires_grad)\nassert n == 40 + 296 + 3930, f'{n} parameters'"),
    Case("kinds of layers", CNN, (CNN.replace("nn.Conv2d(4, 8, 3, padding=1)", "nn.Linear(14, 14)").replace("8 * 7", "4 * 7"), "class Net:\n    def __init__(self): pass\n"),
         "net = Net()\nassert isinstance(net, nn.Module)\nassert sum(isinstance(m, nn.Conv2d) for m in net.modules()) == 2\nassert isinstance(net.conv1, nn.Conv2d) and net.conv1.kernel_size == (3, 3) and net.conv1.padding == (1, 1)\nassert net.conv2.in_channels == net.conv1.out_channels\nassert [name for name, _ in net.named_children()] == ['conv1', 'conv2', 'fc']"),
    Case("copied weights against a reference", MLP, (MLP.replace("torch.relu", "torch.tanh"), MLP.replace("self.fc2(torch.relu(self.fc1(x)))", "torch.relu(self.fc2(torch.relu(self.fc1(x))))")),
         "torch.manual_seed(1)\nref = nn.Sequential(nn.Linear(4, 7), nn.ReLU(), nn.Linear(7, 3))\nnet = MLP(4, 7, 3)\nwith torch.no_grad():\n    net.fc1.weight.copy_(ref[0].weight); net.fc1.bias.copy_(ref[0].bias)\n    net.fc2.weight.copy_(ref[2].weight); net.fc2.bias.copy_(ref[2].bias)\nx = torch.randn(6, 4)\nassert torch.allclose(net(x), ref(x), atol=1e-6)"),
    Case("seeded like a reference", MLP, (MLP.replace("nn.Linear(n_in, hidden)", "nn.Linear(n_in, hidden, bias=False)"), MLP.replace("torch.relu(self.fc1(x))", "self.fc1(x)")),
         "torch.manual_seed(42)\nnet = MLP(4, 8, 2)\nx = torch.randn(3, 4)\ntorch.manual_seed(42)\na, b = nn.Linear(4, 8), nn.Linear(8, 2)\nassert torch.equal(x, torch.randn(3, 4))\nassert torch.allclose(net(x), b(F.relu(a(x))))"),
    Case("zero weights give the bias", MLP, (MLP.replace("return self.fc2(", "return 1 + self.fc2("), MLP.replace("return self.fc2(torch.relu(self.fc1(x)))", "return self.fc2(torch.relu(self.fc1(x))).softmax(1)")),
         "net = MLP(3, 5, 2)\nfor p in net.parameters():\n    nn.init.zeros_(p)\nnet.fc2.bias.data = torch.tensor([1.0, -2.0])\nassert torch.equal(net(torch.randn(4, 3)), torch.tensor([[1.0, -2.0]]).expand(4, 2))"),
    Case("dropout", DROP, (DROP.replace("if not self.training:", "if False:"), DROP.replace(" / (1 - self.p)", "")),
         "drop = Drop(0.5)\nx = torch.ones(1000)\ndrop.eval()\nassert torch.equal(drop(x), x) and not drop.training\ndrop.train()\na, b = drop(x), drop(x)\nassert not torch.equal(a, b)\nassert abs(a.mean().item() - 1) < 0.15\nassert set(a.unique().tolist()) == {0.0, 2.0}\ntorch.manual_seed(3); a = drop(x); torch.manual_seed(3); assert torch.equal(a, drop(x))"),
    Case("batch norm", NORM, (NORM.replace("self.momentum * (mean", "0.5 * (mean"), NORM.replace("if self.training:", "if True:")),
         "torch.manual_seed(0)\nbn, ref = Norm(3), nn.BatchNorm1d(3)\nfor _ in range(4):\n    x = torch.randn(16, 3) * 2 + 1\n    assert torch.allclose(bn(x), ref(x), atol=1e-4)\nassert torch.allclose(bn.running_mean, ref.running_mean, atol=1e-5)\nassert torch.allclose(bn.running_var, ref.running_var, atol=1e-4)\nbn.eval(); ref.eval()\nx = torch.randn(2, 3)\nassert torch.allclose(bn(x), ref(x), atol=1e-4)\nassert set(dict(bn.named_buffers())) == {'running_mean', 'running_var'}"),
    Case("gradients reach all parameters", CNN, (CNN.replace("F.relu(self.conv1(x))", "F.relu(self.conv1(x).detach())"), CNN.replace("F.relu(self.conv1(x))", "F.relu(x.repeat(1, 4, 1, 1))")),
         "net = Net()\nloss = F.cross_entropy(net(torch.randn(4, 1, 28, 28)), torch.tensor([1, 2, 3, 4]))\nloss.backward()\nfor name, p in net.named_parameters():\n    assert p.grad is not None, f'{name} has no gradient'\n    assert p.grad.shape == p.shape and p.grad.abs().sum() > 0"),
    Case("gradients against autograd", MLP, (MLP.replace("torch.relu", "torch.sigmoid"), MLP.replace("self.fc2(torch.relu(self.fc1(x)))", "self.fc2(torch.relu(self.fc1(x))) * 2")),
         "net, ref = MLP(3, 4, 2), nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))\nref.load_state_dict(dict(zip(ref.state_dict(), net.state_dict().values())))\nx = torch.randn(5, 3, requires_grad=True)\nnet(x).pow(2).sum().backward()\ngx, x.grad = x.grad.clone(), None\nref(x).pow(2).sum().backward()\nassert torch.allclose(gx, x.grad, atol=1e-5)\nfor a, b in zip(net.parameters(), ref.parameters()):\n    assert torch.allclose(a.grad, b.grad, atol=1e-5)"),
    Case("overfits one batch", CNN, (CNN.replace("return self.fc(", "return self.fc(0 * "), CNN.replace("x.flatten(1))", "x.flatten(1)).detach()")),
         "torch.manual_seed(0)\nnet = Net()\nopt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)\nx, y = torch.randn(8, 1, 28, 28), torch.randint(0, 10, (8,))\nlosses = []\nfor _ in range(25):\n    opt.zero_grad()\n    loss = F.cross_entropy(net(x), y)\n    loss.backward()\n    opt.step()\n    losses.append(loss.item())\nassert losses[-1] < 0.2 * losses[0], losses"),
    Case("a step of Adam changes the parameters", CNN, (CNN.replace("return self.fc(", "with torch.no_grad(): return self.fc("), CNN.replace("        x = F.max_pool2d(F.relu(self.conv1(x)), 2)", "        x = F.max_pool2d(x.repeat(1, 4, 1, 1), 2)")),
         "net = Net()\nbefore = {k: v.clone() for k, v in net.state_dict().items()}\nopt = torch.optim.Adam(net.parameters(), lr=1e-2)\nnet(torch.randn(2, 1, 28, 28)).square().mean().backward()\nnn.utils.clip_grad_norm_(net.parameters(), 1.0)\nopt.step()\nassert all(not torch.equal(v, before[k]) for k, v in net.state_dict().items())"),
    Case("names in the state-dict", DEEP, (DEEP.replace("nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])", "[nn.Linear(width, width) for _ in range(depth)]"), DEEP.replace("self.scale", "self.alpha")),
         "net = Deep(4, 2)\nassert list(net.state_dict()) == ['scale', 'layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']\nassert isinstance(net.layers, nn.ModuleList) and len(net.layers) == 2\nassert isinstance(net.scale, nn.Parameter)"),
    Case("a parameter of its own", DEEP, (DEEP.replace("nn.Parameter(torch.full((depth,), 0.5))", "torch.full((depth,), 0.5)"), DEEP.replace("x + self", "self")),
         "net = Deep(3, 2)\nnet(torch.randn(5, 3)).sum().backward()\nassert net.scale.grad.shape == (2,)\nwith torch.no_grad():\n    net.scale.zero_()\nx = torch.randn(5, 3)\nassert torch.equal(net(x), x)"),
    Case("a frozen backbone", FROZEN, (FROZEN.replace("p.requires_grad = False", "pass"), FROZEN.replace("self.backbone.parameters()", "self.backbone.children()")),
         "net = build(3)\nassert all(not p.requires_grad for p in net.backbone.parameters())\nassert sum(p.numel() for p in net.parameters() if p.requires_grad) == 21\nnet(torch.randn(2, 4)).sum().backward()\nassert net.backbone.weight.grad is None and net.head.weight.grad is not None"),
    Case("shared weights", EMBED, (EMBED.replace("        self.out.weight = self.embed.weight\n", ""), EMBED.replace("= self.embed.weight\n", "= nn.Parameter(self.embed.weight.clone())\n")),
         "lm = LM(11, 4)\nassert lm.out.weight is lm.embed.weight\nassert sum(p.numel() for p in lm.parameters()) == 44\nassert lm(torch.tensor([[1, 2, 3]])).shape == (1, 3, 11)\nlm.embed.weight.data.fill_(1.0)\nassert torch.allclose(lm(torch.tensor([[5]])), torch.full((1, 1, 11), 4.0))"),
    Case("probabilities", MLP.replace("return self.fc2(torch.relu(self.fc1(x)))", "return torch.softmax(self.fc2(torch.relu(self.fc1(x))), dim=-1)"), (MLP, MLP.replace("return self.fc2(torch.relu(self.fc1(x)))", "return torch.softmax(self.fc2(torch.relu(self.fc1(x))), dim=0)")),
         "net = MLP(4, 6, 3).eval()\nwith torch.no_grad():\n    p = net(torch.randn(7, 4))\nassert (p >= 0).all() and (p <= 1).all()\nassert torch.allclose(p.sum(dim=1), torch.ones(7))\nassert not p.requires_grad"),
    Case("hooks see shapes", CNN, (CNN.replace("F.max_pool2d(F.relu(self.conv1(x)), 2)", "F.relu(F.max_pool2d(self.conv1(x), 1))[:, :, ::2, ::2]").replace("nn.Conv2d(1, 4, 3, padding=1)", "nn.Conv2d(1, 4, 5, padding=1)").replace("8 * 7 * 7", "8 * 6 * 6"), CNN.replace("(4, 8, 3", "(4, 6, 3").replace("8 * 7", "6 * 7")),
         "net, seen = Net(), {}\ndef hook(name):\n    def keep(module, args, output): seen[name] = tuple(output.shape)\n    return keep\nhandles = [m.register_forward_hook(hook(n)) for n, m in net.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]\nnet(torch.zeros(2, 1, 28, 28))\nfor h in handles: h.remove()\nassert seen == {'conv1': (2, 4, 28, 28), 'conv2': (2, 8, 14, 14), 'fc': (2, 10)}, seen"),
    Case("a Sequential from a function", SEQUENTIAL, (SEQUENTIAL.replace("nn.ReLU()", "nn.Tanh()"), SEQUENTIAL.replace("return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))", "return nn.Sequential(*layers)")),
         "net = make_net([4, 8, 8, 2])\nassert isinstance(net, nn.Sequential) and len(net) == 5\nassert [type(m) for m in net] == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]\nassert net[0].in_features == 4 and net[-1].out_features == 2\nassert net(torch.randn(3, 4)).shape == (3, 2)"),
    Case("two inputs, two outputs", SPLIT, (SPLIT.replace("F.softplus(self.spread(both))", "self.spread(both)"), SPLIT.replace("return self.mean(both), F.softplus(self.spread(both))", "return self.mean(both)")),
         "net = TwoTowers()\nmean, spread = net(torch.randn(6, 3), torch.randn(6, 5))\nassert mean.shape == spread.shape == (6, 2)\nassert (spread > 0).all()\n(mean.sum() + spread.sum()).backward()\nassert net.left.weight.grad is not None and net.right.weight.grad is not None"),
    Case("double precision, save and load", CNN, (CNN.replace("x = F.max_pool2d(F.relu(self.conv1(x)), 2)", "x = F.max_pool2d(F.relu(self.conv1(x.float())), 2)"), CNN.replace("return self.fc(", "return torch.rand(1) + self.fc(")),
         "import io\nnet = Net().double()\nassert all(p.dtype == torch.float64 for p in net.parameters())\nx = torch.randn(2, 1, 28, 28, dtype=torch.float64)\nout = net(x)\nassert out.dtype == torch.float64\nfile = io.BytesIO()\ntorch.save(net.state_dict(), file)\nfile.seek(0)\nother = Net().to(torch.float64)\nother.load_state_dict(torch.load(file))\nassert torch.equal(other(x), out)"),
    Case("a custom autograd function", SQUARE, (SQUARE.replace("return 2 * x * grad", "return x * grad"), SQUARE.replace("return 2 * x * grad", "return 2 * x")),
         "x = torch.tensor([1.0, -3.0], requires_grad=True)\ny = square(x)\nassert torch.equal(y, torch.tensor([1.0, 9.0]))\ny.backward(torch.tensor([1.0, 2.0]))\nassert torch.equal(x.grad, torch.tensor([2.0, -12.0]))\nz = torch.randn(4, dtype=torch.double, requires_grad=True)\nassert torch.autograd.gradcheck(square, (z,))"),
    Case("a training loop given a model", TRAIN, (TRAIN.replace("            opt.step()\n", ""), TRAIN.replace("opt.zero_grad()", "pass").replace("loss.backward()", "(-loss).backward()")),
         "from torch.utils.data import DataLoader, TensorDataset\ntorch.manual_seed(0)\nx = torch.randn(32, 2)\ny = x @ torch.tensor([[2.0], [-1.0]]) + 0.5\nmodel = nn.Sequential(nn.Linear(2, 1))\nlosses = train(model, DataLoader(TensorDataset(x, y), batch_size=8), 20, 0.1)\nassert len(losses) == 20 and losses[-1] < 0.01 * losses[0]\nassert torch.allclose(model[0].weight, torch.tensor([[2.0, -1.0]]), atol=0.05)"),
    Case("methods of a module", VAE, (VAE.replace("torch.exp(0.5 * logvar)", "logvar"), VAE.replace("-0.5 * (1", "0.5 * (1")),
         "torch.manual_seed(1)\nvae = VAE()\nx = torch.randn(5, 6)\nmu, logvar = vae.encode(x)\nassert mu.shape == logvar.shape == (5, 2)\nz = torch.stack([vae.reparameterize(torch.zeros(2000), torch.full((2000,), 2.0))])\nassert abs(z.std().item() - 2.718) < 0.2\nout, mu, logvar = vae(x)\nloss = F.mse_loss(out, x) + kl(mu, logvar)\nloss.backward()\nassert kl(torch.zeros(3), torch.zeros(3)) == 0 and kl(torch.ones(3), torch.zeros(3)) > 0\nassert all(p.grad is not None for p in vae.parameters())\nassert vae.num_params() == sum(p.numel() for p in vae.parameters())"),
    Case("a layer in NumPy", LAYER, (LAYER.replace("self.x.T @ dout", "self.x.T @ dout / len(dout)"), LAYER.replace("dout @ self.W.T", "dout @ self.W.T * 2")),
         "np.random.seed(0)\nlayer = Linear(3, 2)\nassert layer.W.shape == (3, 2) and layer.b.shape == (2,)\nx, dout = np.random.randn(5, 3), np.random.randn(5, 2)\nassert np.allclose(layer.forward(x), x @ layer.W + layer.b)\ndx = layer.backward(dout)\nassert np.allclose(dx, dout @ layer.W.T)\nnumeric, eps = np.zeros_like(layer.W), 1e-6\nfor i in np.ndindex(layer.W.shape):\n    old = layer.W[i]\n    layer.W[i] = old + eps\n    up = (layer.forward(x) * dout).sum()\n    layer.W[i] = old - eps\n    numeric[i] = (up - (layer.forward(x) * dout).sum()) / (2 * eps)\n    layer.W[i] = old\nassert np.allclose(layer.dW, numeric, atol=1e-5)"),
    Case("a network of a params dict", TWO_LAYERS, (TWO_LAYERS.replace("d /= n", "pass"), TWO_LAYERS.replace("; dh[h <= 0] = 0", "")),
         "np.random.seed(1)\nnet = TwoLayerNet(4, 10, 3)\nassert sorted(net.params) == ['W1', 'W2', 'b1', 'b2'] and net.params['W1'].shape == (4, 10)\nX, y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])\nfirst, grads = net.loss(X, y)\nW = net.params['W1']\nW[0, 0] += 1e-5\nup, _ = net.loss(X, y)\nW[0, 0] -= 2e-5\ndown, _ = net.loss(X, y)\nW[0, 0] += 1e-5\nassert abs((up - down) / 2e-5 - grads['W1'][0, 0]) < 1e-4\nb = net.params['b1']; b += 0.5\nbase, grads = net.loss(X, y)\nfor name in net.params:\n    p = net.params[name]\n    for i in list(np.ndindex(p.shape))[:6]:\n        old = p[i]; p[i] = old + 1e-5; up, _ = net.loss(X, y); p[i] = old - 1e-5; down, _ = net.loss(X, y); p[i] = old\n        assert abs((up - down) / 2e-5 - grads[name][i]) < 1e-4, name\nfor _ in range(100):\n    loss, grads = net.loss(X, y)\n    for name in net.params:\n        net.params[name] -= 0.05 * grads[name]\nassert loss < 0.5 * first"),
    Case("a stack", STACK, (STACK.replace("self.items.append(x)", "self.items.insert(0, x)"), STACK.replace("self.items[-1]", "self.items.pop()")),
         "s = Stack()\nassert s.is_empty() and len(s) == 0\ns.push(1); s.push('two')\nassert s.items == [1, 'two'] and s.peek() == 'two' and len(s) == 2\nassert 1 in s and 3 not in s\nassert s.pop() == 'two' and s.pop() == 1\ntry:\n    s.pop()\nexcept IndexError:\n    pass\nelse:\n    raise AssertionError('an empty stack must raise IndexError')\nassert isinstance(s, Stack) and not hasattr(s, 'top')"),
    Case("a dataset", DATASET, (DATASET.replace("y = x ** 2", "y = x"), DATASET.replace("self.transform(x) if self.transform else x", "x")),
         "from torch.utils.data import Dataset\nds = Squares(5)\nassert isinstance(ds, Dataset) and issubclass(Squares, Dataset)\nassert len(ds) == 5\nx, y = ds[3]\nassert x == 3 and y == 9\nassert Squares(3, transform=lambda v: v + 1)[1][0] == 2\nloader = torch.utils.data.DataLoader(ds, batch_size=2)\nassert [len(b[0]) for b in loader] == [2, 2, 1]"),
    Case("an iterator and a context manager", COUNTDOWN + CONTEXT, ((COUNTDOWN + CONTEXT).replace("return self.n + 1", "return self.n"), (COUNTDOWN + CONTEXT).replace("kind is ValueError", "True")),
         "assert list(Countdown(3)) == [3, 2, 1]\nit = iter(Countdown(2))\nassert next(it) == 2 and next(it) == 1\ntry:\n    next(it)\nexcept StopIteration:\n    pass\nelse:\n    raise AssertionError('it must end')\nwith Record() as r:\n    r.events.append('inside')\nassert r.events == ['in', 'inside', 'out']\nwith Record() as r:\n    raise ValueError('swallowed')\nassert r.events[-1] == 'ValueError'\ntry:\n    with Record() as r:\n        raise KeyError('kept')\nexcept KeyError:\n    pass\nelse:\n    raise AssertionError('only ValueError is swallowed')"),
    Case("properties, calls and operators", CIRCLE + VECTOR, ((CIRCLE + VECTOR).replace("np.pi * self.radius ** 2", "2 * np.pi * self.radius"), (CIRCLE + VECTOR).replace("[k * a for", "[a for")),
         "c = Circle(2)\nassert np.isclose(c.area, 4 * np.pi)\nc.radius = 3\nassert c.radius == 3 and np.isclose(c.area, 9 * np.pi) and repr(c) == 'Circle(3)' and str(c(2)) == 'Circle(6)'\ntry:\n    c.radius = -1\nexcept ValueError as e:\n    assert 'negative' in str(e)\nelse:\n    raise AssertionError\nv = Vector(1, 2) + Vector(3, 4)\nassert v == Vector(4, 6) and v != Vector(4, 7) and v[0] == 4 and len(v) == 2 and list(v) == [4, 6]\nassert (Vector(1, 2) * 3).xs == [3, 6] and type(v).__name__ == 'Vector' and callable(c)"),
)  # fmt: skip
