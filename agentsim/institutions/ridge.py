"""Ridge regression of the loads of districts on inputs that they share and on their own load before."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel

LEAST = 1e-9


@dataclass(frozen=True)
class Fit:
    """Coefficients, and what inputs and loads are centred and scaled by."""

    input_mean: np.ndarray  # (inputs,)
    input_scale: np.ndarray
    input_most: (
        np.ndarray
    )  # (inputs,) largest departure from the mean that counts, in scales: what was never seen teaches nothing
    lag_mean: np.ndarray  # (lags, districts), shares of the mean load
    lag_scale: np.ndarray  # (lags, 1)
    load_mw: np.ndarray  # (districts,) mean load
    weight: np.ndarray  # (inputs + lags, districts)
    fitted_mw: np.ndarray  # (hours, districts) load of the hours that it was fitted to

    def load_of_mw(self, inputs: np.ndarray, lags_mw: np.ndarray) -> np.ndarray:
        """Load, array (hours, districts): inputs (hours, inputs), loads before (hours, lags, districts)."""
        shared = np.empty(inputs.shape)
        standardise(inputs, self.input_mean, self.input_scale, self.input_most, shared)
        own = lags_mw / self.load_mw
        own -= self.lag_mean
        own /= self.lag_scale
        return _explained_mw(shared, own, self.weight, self.load_mw)


@kernel
def standardise(
    inputs: np.ndarray, mean: np.ndarray, scale: np.ndarray, most: np.ndarray, shared: np.ndarray
) -> None:
    """Departures of *inputs* (hours, inputs) from their mean in scales, at most *most*, into *shared*."""
    for hour in range(inputs.shape[0]):
        for one in range(inputs.shape[1]):
            departure = (inputs[hour, one] - mean[one]) / scale[one]
            shared[hour, one] = min(max(departure, -most[one]), most[one])


def _explained_mw(shared: np.ndarray, own: np.ndarray, weight: np.ndarray, mean_mw: np.ndarray) -> np.ndarray:
    """Load, array (hours, districts), of standardised inputs that are shared and loads before."""
    count = shared.shape[1]
    explained = shared @ weight[:count] + np.einsum("hld,ld->hd", own, weight[count:])
    return mean_mw * (1.0 + explained)


def fit(
    inputs: np.ndarray, lags_mw: np.ndarray, load_mw: np.ndarray, ridge_frac: float, one_for_all: bool = False
) -> Fit:
    """Least squares with a penalty on the coefficients, ``b = (X'X + k n I)^-1 X'y``.

    Inputs have mean 0 and unit variance, loads are shares of each district's mean.

    Parameters
    ----------
    inputs : array (hours, inputs), the same for all districts
    lags_mw : array (hours, lags, districts), loads before
    load_mw : array (hours, districts)
    ridge_frac : k
    one_for_all : the same coefficients for all districts, from the rows of all

    >>> x = np.arange(48.0)[:, None]
    >>> found = fit(x, np.ones((48, 1, 1)), 100.0 + 2.0 * x, ridge_frac=1e-9)
    >>> found.load_of_mw(np.array([[40.0]]), np.ones((1, 1, 1))).round(3).item()
    180.0
    """
    rows, districts = load_mw.shape
    mean_mw = np.maximum(load_mw.mean(axis=0), LEAST)
    lag = lags_mw / mean_mw
    input_mean, lag_mean = inputs.mean(axis=0), lag.mean(axis=0)
    shared, own = inputs - input_mean, lag - lag_mean
    input_scale = _scale(np.sqrt((shared * shared).sum(axis=0) / rows))
    shared /= input_scale
    input_most = np.maximum(shared.max(axis=0), -shared.min(axis=0))
    lag_scale = _scale(own.std(axis=(0, 2)))[:, None]
    own /= lag_scale
    left = load_mw / mean_mw - 1.0
    gram, moment = _normal_equations(shared, own, left)
    if one_for_all:
        gram, moment = gram.sum(axis=0)[None], moment.sum(axis=0)[None]
    penalty = ridge_frac * rows * (districts if one_for_all else 1)
    weight = np.linalg.solve(gram + penalty * np.eye(gram.shape[1]), moment[:, :, None])[:, :, 0]
    weight = np.broadcast_to(weight, (districts, weight.shape[1])).T
    fitted_mw = _explained_mw(shared, own, weight, mean_mw)
    return Fit(input_mean, input_scale, input_most, lag_mean, lag_scale, mean_mw, weight, fitted_mw)


def _scale(spread: np.ndarray) -> np.ndarray:
    """What a column is divided by: its standard deviation, and 1 where it does not vary."""
    return np.where(spread > LEAST, spread, 1.0)


def _normal_equations(shared: np.ndarray, own: np.ndarray, load: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """X'X (districts, columns, columns) and X'y (districts, columns); the shared part is computed once."""
    inputs, lags, districts = shared.shape[1], own.shape[1], load.shape[1]
    gram = np.empty((districts, inputs + lags, inputs + lags))
    gram[:, :inputs, :inputs] = shared.T @ shared
    cross = np.einsum("hi,hld->dil", shared, own, optimize=True)
    gram[:, :inputs, inputs:], gram[:, inputs:, :inputs] = cross, cross.swapaxes(1, 2)
    gram[:, inputs:, inputs:] = np.einsum("hld,hmd->dlm", own, own, optimize=True)
    moment = np.concatenate([(shared.T @ load).T, np.einsum("hld,hd->dl", own, load)], axis=1)
    return gram, moment
