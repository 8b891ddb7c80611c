// The smallest models of ONNX: one operation from inputs to one output, in the bytes of protocol buffers.

const FLOAT = 1;
const OPSET = 17;
const IR_VERSION = 8;
/** Kinds of an attribute, in the numbers of AttributeProto. */
const [INT, INTS] = [2, 7];

function varint(value) {
  const bytes = [];
  let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return bytes;
}

const number = (field, value) => [...varint(field << 3), ...varint(value)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...Buffer.from(value)]);

function attribute([name, value]) {
  const content = Array.isArray(value)
    ? [...value.flatMap((each) => number(8, each)), ...number(20, INTS)]
    : [...number(3, value), ...number(20, INT)];
  return bytes(5, [...text(1, name), ...content]);
}

function valueOf(field, name, shape) {
  const dimensions = bytes(
    2,
    shape.flatMap((side) => bytes(1, number(1, side))),
  );
  const type = bytes(1, [...number(1, FLOAT), ...dimensions]);
  return bytes(field, [...text(1, name), ...bytes(2, type)]);
}

/** A model of `operation` on inputs of these shapes, by name; its output is `y`. */
export function modelOf(operation, inputs, output, attributes = {}) {
  const names = Object.keys(inputs);
  const node = [
    ...names.flatMap((name) => text(1, name)),
    ...text(2, 'y'),
    ...text(4, operation),
    ...Object.entries(attributes).flatMap(attribute),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'one'),
    ...names.flatMap((name) => valueOf(11, name, inputs[name])),
    ...valueOf(12, 'y', output),
  ];
  return Uint8Array.from([...number(1, IR_VERSION), ...bytes(7, graph), ...bytes(8, number(2, OPSET))]);
}
