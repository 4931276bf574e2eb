"""A world in which an agent tunes the weights of a running style transfer."""
