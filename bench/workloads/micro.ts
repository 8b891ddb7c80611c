// Per-operation cost. Plain functions at the top of the module: what a tool may wrap inside a loop costs time there.
import { core as mx } from '../../mlx/index.ts';

const a = mx.array([1, 2, 3, 4]);
const b = mx.array([5, 6, 7, 8]);
const square = mx.ones([4, 4]);
const two = mx.ones([2, 2]);
const slice = new mx.Slice(1, 3);
const scalar = mx.array(3);
const numbers = Array.from({ length: 1000 }, (_, i) => i / 7);
const floats = new Float32Array(numbers);
const thousand = mx.array(numbers);
mx.eval(a, b, square, two, scalar, thousand);

function add(count: number): void {
  for (let i = 0; i < count; i++) mx.add(a, b);
}

function addMethod(count: number): void {
  for (let i = 0; i < count; i++) a.add(b);
}

function addScalar(count: number): void {
  for (let i = 0; i < count; i++) mx.add(a, 2);
}

function multiply(count: number): void {
  for (let i = 0; i < count; i++) mx.multiply(a, b);
}

function exp(count: number): void {
  for (let i = 0; i < count; i++) mx.exp(a);
}

function sumAxis(count: number): void {
  for (let i = 0; i < count; i++) mx.sum(square, 1);
}

function reshape(count: number): void {
  for (let i = 0; i < count; i++) mx.reshape(a, [2, 2]);
}

function matmul(count: number): void {
  for (let i = 0; i < count; i++) mx.matmul(two, two);
}

function indexFirst(count: number): void {
  for (let i = 0; i < count; i++) square.index(0);
}

function indexSlice(count: number): void {
  for (let i = 0; i < count; i++) square.index(slice);
}

function chain(count: number): void {
  for (let i = 0; i < count; i++) {
    let x = a;
    for (let j = 0; j < 1000; j++) x = mx.add(x, b);
    mx.eval(x);
  }
}

function sixtyFour(): mx.Array {
  let x = a;
  for (let j = 0; j < 64; j++) x = mx.add(x, b);
  return x;
}

function tidy(count: number): void {
  for (let i = 0; i < count; i++) mx.tidy(sixtyFour);
}

function item(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += scalar.item() as number;
  return sum;
}

function sumItem(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += mx.sum(a).item() as number;
  return sum;
}

function shape(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += mx.add(a, b).shape[0] as number;
  return sum;
}

function arrayList(count: number): void {
  for (let i = 0; i < count; i++) mx.array(numbers);
}

function arrayTyped(count: number): void {
  for (let i = 0; i < count; i++) mx.array(floats);
}

function tolist(count: number): number {
  let length = 0;
  for (let i = 0; i < count; i++) length += (thousand.tolist() as number[]).length;
  return length;
}

export const workloads = {
  add,
  'add-method': addMethod,
  'add-scalar': addScalar,
  multiply,
  exp,
  'sum-axis': sumAxis,
  reshape,
  'matmul-2x2': matmul,
  'index-first': indexFirst,
  'index-slice': indexSlice,
  chain,
  tidy,
  item,
  'sum-item': sumItem,
  shape,
  'array-list': arrayList,
  'array-typed': arrayTyped,
  tolist,
};
