"""The linear classifier against ridge regression written out."""

import torch

from etude.generative.features.linear_probe import LinearProbe


def test_it_is_ridge_regression() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    labels = torch.arange(30) % 3
    features = torch.randn(30, 5, generator=torch_rng) + 1.5 * labels[:, None]
    probe = LinearProbe(features, labels, 3, strengths=(0.1,))
    x = features.double()
    centred = x - x.mean(dim=0)
    targets = 2.0 * torch.nn.functional.one_hot(labels, 3).double() - 1.0
    ridge = 0.1 * centred.square().sum(dim=1).mean() * torch.eye(5).double()
    weights = torch.linalg.solve(centred.T @ centred + ridge, centred.T @ targets)
    expected = (centred @ weights + targets.mean(dim=0)).argmax(dim=1)
    assert probe(features).equal(expected)


def test_the_strength_is_the_one_that_leaving_one_out_chooses() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 2
    features = torch.randn(24, 30, generator=torch_rng) + 0.4 * labels[:, None]
    strengths = (1e-3, 1e-1, 1.0, 1e2)
    x = features.double() - features.double().mean(dim=0)
    targets = 2.0 * torch.nn.functional.one_hot(labels, 2).double() - 1.0
    offset = targets.mean(dim=0)
    errors = []
    for strength in strengths:
        ridge = strength * x.square().sum(dim=1).mean() * torch.eye(30).double()
        wrong = 0
        for i in range(24):
            rest = torch.arange(24) != i
            weights = torch.linalg.solve(
                x[rest].T @ x[rest] + ridge, x[rest].T @ (targets - offset)[rest]
            )
            wrong += int((x[i] @ weights + offset).argmax() != labels[i])
        errors.append(wrong)
    best = max(s for s, wrong in zip(strengths, errors, strict=True) if wrong == min(errors))
    assert len(set(errors)) > 1
    assert LinearProbe(features, labels, 2, strengths).strength == best
