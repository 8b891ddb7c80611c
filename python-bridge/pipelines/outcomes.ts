import type { TensorInfo } from '../../backend/backend.ts';
import { type Argument, type Handle, Scalar } from '../../foundation/values/values.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import { pack } from '../wire/msgpack.ts';
import type { NumberedOperation } from '../wire/operation-table.ts';
import { decodeDescription } from '../wire/values.ts';
import { DeferredTensor } from './deferred-tensor.ts';
import { type Form, Forms, type Outcome } from './forms.ts';

/** Calls with longer arguments are seldom made again. */
const MOST_KEY_BYTES = 256;
/** Results whose shapes one question asks for. */
const MOST_WANTED = 64;

/** What is known of the shapes and dtypes of results before their worker has reported them: calls that are alike give alike. */
export class Outcomes {
  readonly #tensors: TensorTable;
  readonly #forms = new Forms();
  /** What calls give whose arguments are not arrays alone, by operation. */
  readonly #byCode = new Map<number, (key: string) => Outcome | null>();
  readonly #wanted: DeferredTensor[] = [];

  constructor(tensors: TensorTable) {
    this.#tensors = tensors;
  }

  /** For the calls of one operation of arrays alone. */
  rule(): ReturnType<Forms['rule']> {
    return this.#forms.rule();
  }

  formOf(tensor: RemoteTensor): Form | null {
    if (tensor instanceof DeferredTensor) return null;
    const form = this.#forms.of(tensor);
    tensor.outcome = { form };
    return form;
  }

  /** The key is the call as it is packed, with forms in place of arrays and without the values of weak numbers. */
  of({ code, encode }: NumberedOperation, args: readonly Argument[]): Outcome | null {
    let unknown = false;
    const alike = args.map((argument) => (argument instanceof Scalar ? new Scalar(0, argument.dtype) : argument));
    const key = encode(alike, (item) => {
      const tensor = item as RemoteTensor;
      const form = tensor.outcome?.form ?? this.formOf(tensor);
      unknown ||= form === null;
      return form?.number ?? 0;
    });
    if (unknown) return null;
    const packed = pack({ key });
    if (packed.length > MOST_KEY_BYTES) return null;
    let outcomes = this.#byCode.get(code);
    if (outcomes === undefined) {
      outcomes = this.#forms.outcomes<string>();
      this.#byCode.set(code, outcomes);
    }
    return outcomes(Buffer.from(packed).toString('latin1'));
  }

  /** The result is one of a kind that was not asked for; the next question asks for it too. */
  want(handle: Handle): void {
    if (this.#wanted.length < MOST_WANTED) this.#wanted.push(this.#tensors.get(handle) as DeferredTensor);
  }

  /** What the question after that tensor, which goes to its worker, takes along. */
  takeWanted(tensor: DeferredTensor): DeferredTensor[] {
    const wanted = this.#wanted.filter((other) => other.holder === tensor.holder && !other.freed && other !== tensor);
    this.#wanted.length = 0;
    return wanted;
  }

  /** What is learned of one result is known of all that are like it. */
  learn(tensor: DeferredTensor, description: unknown): TensorInfo {
    const [dtype, shape] = decodeDescription(description);
    const form = this.#forms.of({ dtype, shape });
    if (tensor.outcome === null) tensor.outcome = { form };
    else tensor.outcome.form = form;
    return { dtype, shape };
  }
}
