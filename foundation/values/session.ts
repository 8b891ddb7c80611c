/** What owns the tensors that a stretch of code makes, on both backends, until it ends. */
export interface Session {
  readonly id: number;
  /** The session that it was opened in. */
  readonly parent: Session | undefined;
  readonly ended: boolean;
}

/** The session that the running code belongs to; never one that has ended. */
export type SessionLookup = () => Session | undefined;
