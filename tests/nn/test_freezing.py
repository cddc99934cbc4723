"""Freezing: what is frozen stays as it is in training, also in copies, and only there."""

import copy
import gc
import pickle

import pytest

import nn
from autograd import Value
from nn.freezing import freeze, is_frozen, unfreeze

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]


def model() -> nn.MLP:
    return nn.MLP(2, [4, 4, 1], "tanh", seed=0)


def frozen_names(net: nn.Module) -> list[str]:
    return [name for name, p in net.named_parameters() if is_frozen(p)]


def test_all_or_by_name_a_part_or_a_parameter() -> None:
    net = model()
    net.freeze("layer0.neuron1", "layer2.neuron0.b")
    assert frozen_names(net) == ["layer0.neuron1.w0", "layer0.neuron1.w1", "layer0.neuron1.b", "layer2.neuron0.b"]
    net.freeze()
    assert net.trainable_parameters() == []
    net.unfreeze("layer2")
    assert len(net.trainable_parameters()) == 5
    net.layers[0].unfreeze()
    assert len(net.trainable_parameters()) == 5 + 12


def test_a_name_is_a_whole_one() -> None:
    net = nn.Sequential(*[nn.Neuron(1, seed=0) for _ in range(11)])
    net.freeze("part1")
    assert frozen_names(net) == ["part1.w0", "part1.b"]  # and not part10


def test_an_unknown_name_is_an_error_that_tells_the_parts() -> None:
    net = model()
    with pytest.raises(ValueError, match=r"no part .* is named 'layer3'; the parts are layer0, layer1, layer2$"):
        net.freeze("layer0", "layer3")
    assert frozen_names(net) == []


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_fit_moves_only_what_is_trainable(compiled: bool, optimiser: str) -> None:
    net = model()
    net.freeze("layer0")
    before = net.state_dict()
    nn.fit(net, X, Y, "hinge", optimiser, 600 if compiled else 5, None, compiled, lr=0.05, seed=0, progress=False)
    moved = {name.partition(".")[0] for name, number in net.state_dict().items() if number != before[name]}
    assert moved == {"layer1", "layer2"}


def test_a_step_leaves_it_alone_and_the_limit_counts_the_others() -> None:
    steps = []
    for frozen in (True, False):
        a, b = Value(1.0), Value(2.0)
        if frozen:
            freeze([b])
        (3.0 * a + 40.0 * b * float(frozen)).backward()
        nn.SGD([a, b], lr=1.0, clip_norm=1.5).step()
        steps.append((a.data, b.data))
    assert steps[0] == steps[1]
    assert steps[0][1] == 2.0


def test_what_is_frozen_has_a_gradient_still() -> None:
    net = model()
    net.freeze()
    net([0.5, 1.0]).backward()
    assert all(p.grad_or_none is not None for p in net.parameters())


def test_copies_and_pickles_take_it_along() -> None:
    net = model()
    net.freeze("layer1")
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net)), copy.copy(net)):
        assert frozen_names(twin) == frozen_names(net)
        assert "frozen parameters" not in vars(twin)


def test_a_copy_thaws_alone() -> None:
    net = model()
    net.freeze("layer1")
    twin = copy.deepcopy(net)
    twin.unfreeze()
    assert len(net.trainable_parameters()) == len(net.parameters()) - 20
    assert len(twin.trainable_parameters()) == len(net.parameters())


def test_other_parameters_in_its_place_stay_as_they_were() -> None:
    net, others = model(), [Value(0.0) for _ in model().parameters()]
    net.freeze("layer0")
    freeze(others[:1])
    net.at(others)
    assert [is_frozen(p) for p in others] == [True] + [False] * (len(others) - 1)


def test_nothing_is_held_alive() -> None:
    gc.collect()
    parameter = Value(1.0)
    freeze([parameter])
    unfreeze([Value(2.0)])
    assert is_frozen(parameter)
    del parameter
    assert not any(is_frozen(Value(0.0)) for _ in range(1000))  # one of them most likely has its id


def test_of_shared_parts_both_are_frozen() -> None:
    shared = nn.Layer(2, 2, "tanh", seed=0)
    one, other = nn.Sequential(shared), nn.Sequential(shared, nn.Layer(2, 1, "linear", seed=1))
    one.freeze()
    assert len(other.trainable_parameters()) == 3


@pytest.mark.parametrize("compiled", [True, False])
def test_a_callback_may_freeze_and_unfreeze_between_epochs(compiled: bool) -> None:
    net = model()
    parts = [[p.data for p in layer.parameters()] for layer in net.layers]
    moved: list[list[bool]] = []

    def thaw(epoch: int, _: nn.History) -> None:
        before, parts[:] = list(parts), [[p.data for p in layer.parameters()] for layer in net.layers]
        moved.append([old != new for old, new in zip(before, parts, strict=True)])
        net.freeze("layer0") if epoch == 1 else net.unfreeze() if epoch == 2 else net.freeze("layer1", "layer2")

    nn.fit(net, X, Y, "hinge", "adam", 4, 2, compiled, lr=0.01, seed=0, progress=False, callbacks=[thaw])
    assert moved == [[True, True, True], [False, True, True], [True, True, True], [True, False, False]]
