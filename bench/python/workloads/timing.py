"""What a workload measures itself: without what had to be there first."""

import time


class Watch:
    def __init__(self):
        self.cpu = time.process_time_ns()
        self.start = time.perf_counter_ns()

    def stop(self, result):
        nanoseconds = time.perf_counter_ns() - self.start
        return {"nanoseconds": nanoseconds, "cpuNanoseconds": time.process_time_ns() - self.cpu, "result": result}
