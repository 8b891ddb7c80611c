import type { Session, SessionLookup } from '../../foundation/values/session.ts';
import { Handle } from '../../foundation/values/values.ts';
import type { Addon } from '../addon/addon.ts';
import { throwFailure } from '../addon/failure.ts';
import { BLOCK_BITS, SessionSlots } from './session-slots.ts';

export function slotsOf(handles: readonly Handle[]): number[] {
  return handles.map((handle) => handle.slot);
}

/** Makes handles of the numbers that the addon hands out: 64 small tensors share one owner. */
export class Slots {
  readonly #addon: Addon;
  #block = -1;
  #owner: object = {};
  /** Only while sessions are open, so that others pay for no more than this look. */
  #sessions: SessionSlots | null = null;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** A handle of the slot, or what the call that should have given one failed with, thrown. */
  adopt(code: number): Handle {
    if (typeof code !== 'number') throwFailure(code);
    if (code >= 0) {
      if (code >> BLOCK_BITS !== this.#block) this.#open(code >> BLOCK_BITS);
      return this.#sessions === null
        ? new Handle(code, this.#owner)
        : new Handle(code, this.#owner, this.#sessions.made(code));
    }
    const slot = ~code;
    const owner = this.#addon.owner(slot >> BLOCK_BITS);
    if (this.#sessions === null) return new Handle(slot, owner);
    this.#sessions.opened(slot >> BLOCK_BITS);
    return new Handle(slot, owner, this.#sessions.made(slot));
  }

  /** The same of what was made apart from scopes: no session owns it either. */
  adoptApart(code: number): Handle {
    if (typeof code !== 'number') throwFailure(code);
    const slot = ~code;
    this.#sessions?.opened(slot >> BLOCK_BITS);
    return new Handle(slot, this.#addon.owner(slot >> BLOCK_BITS));
  }

  adoptAll(codes: readonly number[]): Handle[] {
    if (!Array.isArray(codes)) throwFailure(codes);
    return codes.map((code) => this.adopt(code));
  }

  watchSessions(current: SessionLookup | null): void {
    this.#sessions = current === null ? null : new SessionSlots(current);
  }

  own(handle: Handle, session: Session | undefined): void {
    if (handle.session !== undefined) this.#sessions?.remove(handle.session, handle.slot);
    if (session !== undefined) this.#sessions?.add(session, handle.slot);
    handle.session = session;
  }

  /** Frees what the session has made. */
  endSession(session: Session): void {
    for (const slot of this.#sessions?.end(session) ?? []) this.#addon.free(slot);
  }

  #open(block: number): void {
    this.#owner = this.#addon.owner(block);
    this.#block = block;
    this.#sessions?.opened(block);
  }
}
