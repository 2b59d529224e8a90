"""Arrays -> numbers: metrics, their intervals, calibration and decisions. Nothing here imports torch."""
