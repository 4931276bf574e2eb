"""Adam: torch's steps, and a state that can be kept."""

import copy

import torch

from etude.generative.style.adam import Adam

GRADIENTS = [torch.randn(1, 3, 4, 5, dtype=torch.float64) * scale for scale in (1.0, 0.1, 9.0, 0.0)]


def test_steps_are_those_of_torch() -> None:
    theirs = torch.zeros(1, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    ours, optimiser = theirs.detach().clone(), Adam(0.02)
    peer = torch.optim.Adam([theirs], lr=0.02)
    for gradient in GRADIENTS:
        theirs.grad = gradient.clone()
        peer.step()
        ours = ours + optimiser.step(gradient)
        assert torch.allclose(ours, theirs, rtol=0.0, atol=1e-12)


def test_a_kept_state_goes_on_with_the_same_steps() -> None:
    whole, resumed = Adam(0.02), Adam(0.02)
    for gradient in GRADIENTS[:2]:
        whole.step(gradient)
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
    for gradient in GRADIENTS[2:]:
        assert torch.equal(resumed.step(gradient), whole.step(gradient))
