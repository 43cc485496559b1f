"""One module a unit: `from convbook.checks import convolution as check`, then `check.conv2d_naive(conv2d_naive)`."""
