"""Entry of a worker process: only mlx-router runs it."""

from mlx_router_worker.descriptors import claim_descriptors

if __name__ == "__main__":
    # Before anything else is imported: a library that prints must not reach the protocol.
    descriptors = claim_descriptors()
    from mlx_router_worker.watchdog import leave
    from mlx_router_worker.worker import run

    run(descriptors)
    leave()
