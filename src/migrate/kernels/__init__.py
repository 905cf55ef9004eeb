"""What numba compiles. Only `build` imports it, and calls go by `transcode.native`."""
