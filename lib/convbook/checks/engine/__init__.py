"""The engine of all checks: how an exercise is declared, judged, and answered in words.

`declare` is all that a unit needs to import. `families` has mistakes that come back in many exercises, `modules` judges
classes of `torch.nn.Module`; the rest works behind them.
"""
