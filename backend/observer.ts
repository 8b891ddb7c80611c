/** What a worker said of a request, or what became of it. Times are in milliseconds. */
export interface RequestOutcome {
  /** Absent of what never came to one. */
  readonly worker?: number;
  readonly pid?: number;
  /** From the request to the moment that the worker had nothing older to do. */
  readonly queueWait?: number;
  /** What the worker itself took, by its own clock. */
  readonly work?: number;
  readonly error?: unknown;
}

/** Follows one request that leaves this process. */
export interface RequestObserver {
  /** The request's place in a trace, as the W3C's trace context writes it; goes along to the worker. */
  readonly traceparent: string;
  ended(outcome: RequestOutcome): void;
}
