/** More Python processes than that are a mistake of the configuration. */
export const MOST_WORKERS = 64;
export const MOST_SPARE_WORKERS = 8;
/** Each worker may be replaced while its predecessor still leaves. */
export const MOST_PROCESSES = 2 * MOST_WORKERS + MOST_SPARE_WORKERS;

/** What the length of a frame on a worker's pipe may be: less holds no greeting, more does not fit its 32 bits. */
export const FRAME_BYTES = { least: 2 ** 20, most: 2 ** 32 - 1, usual: 2 ** 30 } as const;

/** Memory that each Python worker may share with this process, at most. */
export const SHARED_MEMORY_BYTES = 2 ** 30;

/** With less memory a Python worker does not even start. */
export const LEAST_WORKER_MEMORY = 2 ** 28;

/** Bytes of tensors that are kept so that those in a dead worker can be made again, unless configured. */
export const RECOVERY_BYTES = 2 ** 28;

/** Calls that may wait for room in the Python workers, unless configured. */
export const MAX_QUEUE = 65_536;
