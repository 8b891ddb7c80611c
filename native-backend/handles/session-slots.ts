import type { Session, SessionLookup } from '../../foundation/values/session.ts';

/** The addon numbers slots by block: 64 small tensors in one, a large one in a block of its own. */
export const BLOCK_BITS = 6;
const SLOT_MASK = (1 << BLOCK_BITS) - 1;

/** The slots of one block that a session has made: a bit for each. */
interface Share {
  /** Which of the blocks that have had this index. */
  readonly opening: number;
  low: number;
  high: number;
}

/** What one session has made, by block: bounded by the blocks that there are, however many tensors come and go. */
class Made {
  readonly shares = new Map<number, Share>();
  lastBlock = -1;
  last: Share = { opening: -1, low: 0, high: 0 };
}

/** Which session made which slots. An entry costs two numbers for 64 tensors, and retains none of them. */
export class SessionSlots {
  readonly #current: SessionLookup;
  readonly #made = new Map<Session, Made>();
  /** How often each block index was opened while sessions were: so a share of a freed block is recognised. */
  readonly #openings: number[] = [];
  #lastSession: Session | undefined;
  #lastMade = new Made();

  constructor(current: SessionLookup) {
    this.#current = current;
  }

  /** To be called with each block that is handed out. */
  opened(block: number): void {
    this.#openings[block] = this.#opening(block) + 1;
  }

  /** Notes a new slot, and gives the session that it belongs to. */
  made(slot: number): Session | undefined {
    const session = this.#current();
    if (session !== undefined) this.add(session, slot);
    return session;
  }

  add(session: Session, slot: number): void {
    const share = this.#shareOf(session, slot >> BLOCK_BITS);
    const bit = slot & SLOT_MASK;
    if (bit < 32) share.low |= 1 << bit;
    else share.high |= 1 << (bit - 32);
  }

  remove(session: Session, slot: number): void {
    const share = this.#shareOf(session, slot >> BLOCK_BITS);
    const bit = slot & SLOT_MASK;
    if (bit < 32) share.low &= ~(1 << bit);
    else share.high &= ~(1 << (bit - 32));
  }

  /** Forgets the session, and gives the slots that are still its own. */
  end(session: Session): number[] {
    const made = this.#made.get(session);
    if (made === undefined) return [];
    this.#made.delete(session);
    this.#lastSession = undefined;
    const slots: number[] = [];
    for (const [block, { opening, low, high }] of made.shares) {
      if (opening !== this.#opening(block)) continue;
      for (let bit = 0; bit <= SLOT_MASK; bit++) {
        const word = bit < 32 ? low : high;
        if (((word >>> (bit & 31)) & 1) === 1) slots.push((block << BLOCK_BITS) | bit);
      }
    }
    return slots;
  }

  #opening(block: number): number {
    return this.#openings[block] ?? 0;
  }

  #shareOf(session: Session, block: number): Share {
    if (session !== this.#lastSession) {
      let made = this.#made.get(session);
      if (made === undefined) {
        made = new Made();
        this.#made.set(session, made);
      }
      this.#lastSession = session;
      this.#lastMade = made;
    }
    const made = this.#lastMade;
    const opening = this.#opening(block);
    if (block === made.lastBlock && opening === made.last.opening) return made.last;
    let share = made.shares.get(block);
    if (share === undefined || share.opening !== opening) {
      share = { opening, low: 0, high: 0 };
      made.shares.set(block, share);
    }
    made.lastBlock = block;
    made.last = share;
    return share;
  }
}
