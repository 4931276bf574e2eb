"""How rates and weights change during a run: functions of the share that is done, in [0, 1].

A run begins with a strong penalty and long steps, which keep the players from circling each other,
and ends with a weak penalty and short steps, which let them see details (Y. Huang et al., "The GAN
is dead; long live the GAN! A modern GAN baseline", NeurIPS 2024, has cosines in both places). In
the end the generator's steps are far shorter than the discriminator's, which then judges the
generator of now instead of an average of those before (M. Heusel et al., "GANs trained by a two
time-scale update rule converge to a local Nash equilibrium", NeurIPS 2017).
"""

import math


def geometric(share: float, first: float, last: float, start: float, end: float) -> float:
    """From one value to another by equal factors, flat before and after.

    Args:
        share: of the run that is done, in [0, 1].
        first: the value until ``start``, above 0.
        last: the value from ``end`` on, above 0.
        start: when the change begins, as a share.
        end: when it is complete, later.

    >>> [round(geometric(share, 1.0, 0.01, 0.2, 0.8), 3) for share in (0.0, 0.2, 0.5, 0.8, 1.0)]
    [1.0, 1.0, 0.1, 0.01, 0.01]
    """
    done = min(max((share - start) / (end - start), 0.0), 1.0)
    return first * math.pow(last / first, done)
