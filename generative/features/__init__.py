"""What a network has learned: deconvnets, a convolutional deep belief network, inversion."""
