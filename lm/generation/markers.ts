/** Text of one state. */
export interface MarkedText<State extends string> {
  readonly state: State;
  readonly text: string;
  /** The marker that ends the state; it is not in the text. */
  readonly marker?: string;
}

/** A place in the markers of one state, of which the last characters are the beginning. */
interface Node {
  readonly next: Map<string, Node>;
  /** How many characters of a marker have been read here. */
  readonly depth: number;
  fail: Node | undefined;
  /** Which marker ends here. */
  match: number | undefined;
}

const node = (depth: number): Node => ({ next: new Map(), depth, fail: undefined, match: undefined });

function follow(from: Node, character: string): Node {
  let at: Node | undefined = from;
  while (at !== undefined) {
    const next = at.next.get(character);
    if (next !== undefined) return next;
    if (at.fail === undefined) return at;
    at = at.fail;
  }
  return from;
}

/** The automaton of Aho and Corasick (https://doi.org/10.1145/360825.360855): each character is looked at once. */
function automaton(markers: readonly string[]): Node {
  const root = node(0);
  markers.forEach((marker, index) => {
    if (marker === '') return;
    let at = root;
    for (let i = 0; i < marker.length; i++) {
      const character = marker[i] as string;
      const next = at.next.get(character) ?? node(at.depth + 1);
      at.next.set(character, next);
      at = next;
    }
    at.match ??= index;
  });
  const queue = [...root.next.values()];
  for (const child of queue) child.fail = root;
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const [character, child] of at.next) {
      child.fail = follow(at.fail as Node, character);
      child.match ??= child.fail.match;
      queue.push(child);
    }
  }
  return root;
}

/** The markers of each state, and the state that each leads to. Empty markers are none. */
export type Transitions<State extends string> = Readonly<Record<State, readonly (readonly [string, State])[]>>;

/**
 * Follows markers in a text that comes in segments, wherever they are cut. Text that may be the beginning of a marker is
 * held back until more comes; what a segment costs does not depend on what came before.
 */
export class MarkerReader<State extends string> {
  readonly #transitions: Transitions<State>;
  readonly #roots: Record<string, Node>;
  #state: State;
  #node: Node;
  #held = '';

  constructor(transitions: Transitions<State>, initial: State) {
    this.#transitions = transitions;
    this.#roots = Object.fromEntries(
      Object.entries(transitions).map(([state, edges]) => [
        state,
        automaton((edges as Transitions<State>[State]).map(([marker]) => marker)),
      ]),
    );
    this.#state = initial;
    this.#node = this.#roots[initial] as Node;
  }

  get state(): State {
    return this.#state;
  }

  /** What is certain by now. Segments without text and marker are left out. */
  push(segment: string): MarkedText<State>[] {
    const found: MarkedText<State>[] = [];
    const text = this.#held + segment;
    let begin = 0;
    for (let i = this.#held.length; i < text.length; i++) {
      this.#node = follow(this.#node, text[i] as string);
      if (this.#node.match === undefined) continue;
      const [marker, next] = this.#transitions[this.#state][this.#node.match] as readonly [string, State];
      found.push({ state: this.#state, text: text.slice(begin, i + 1 - marker.length), marker });
      begin = i + 1;
      this.#state = next;
      this.#node = this.#roots[next] as Node;
    }
    const certain = text.length - this.#node.depth;
    if (certain > begin) found.push({ state: this.#state, text: text.slice(begin, certain) });
    this.#held = text.slice(certain);
    return found;
  }

  /** What is held back, at the end of the text. */
  flush(): MarkedText<State> {
    const text = this.#held;
    this.#held = '';
    this.#node = this.#roots[this.#state] as Node;
    return { state: this.#state, text };
  }
}
