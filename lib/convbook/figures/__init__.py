"""One function a figure: arrays in, `Figure` out, each with a sentence for those who cannot see it."""
