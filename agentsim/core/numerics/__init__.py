"""Mathematics without a subject: linear programs, graphs, transport problems, compiled kernels."""
