"""Right answers to the exercises of unit 03, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import numpy as np

from right import way


@way("locally_connected1d")
def locally_connected1d_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("locally_connected1d")
def locally_connected1d_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]


@way("toeplitz1d")
def toeplitz1d_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("toeplitz1d")
def toeplitz1d_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]


@way("share_gradient")
def share_gradient_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("share_gradient")
def share_gradient_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]


@way("equivariance_error")
def equivariance_error_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("equivariance_error")
def equivariance_error_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]


@way("global_pool")
def global_pool_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("global_pool")
def global_pool_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]


@way("grouped_conv_params")
def grouped_conv_params_with_a_loop(x):
    return np.array([sum(row) / len(row) for row in x])


@way("grouped_conv_params")
def grouped_conv_params_with_einsum(x):
    return np.einsum("hw->h", x) / x.shape[1]
