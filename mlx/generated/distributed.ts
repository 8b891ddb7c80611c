// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../operations/bind.ts';
import type { array, CallOptions, DtypeLike, Group, Shape } from '../types.ts';

/** Keywords of `mx.distributed.allSum`. */
export interface AllSumOptions extends CallOptions {
  group?: Group | null | undefined;
}

/**
 * Sum of the tensors that the processes of the group give, in all of them.
 *
 * `mx.distributed.allSum(x, { group = null })`
 */
export const allSum = bind('distributed.all_sum') as (x: array, options?: AllSumOptions) => array;

/** Keywords of `mx.distributed.allMax`. */
export interface AllMaxOptions extends CallOptions {
  group?: Group | null | undefined;
}

/**
 * Largest elements of the tensors that the processes of the group give, in all of them.
 *
 * `mx.distributed.allMax(x, { group = null })`
 */
export const allMax = bind('distributed.all_max') as (x: array, options?: AllMaxOptions) => array;

/** Keywords of `mx.distributed.allMin`. */
export interface AllMinOptions extends CallOptions {
  group?: Group | null | undefined;
}

/**
 * Smallest elements of the tensors that the processes of the group give, in all of them.
 *
 * `mx.distributed.allMin(x, { group = null })`
 */
export const allMin = bind('distributed.all_min') as (x: array, options?: AllMinOptions) => array;

/** Keywords of `mx.distributed.allGather`. */
export interface AllGatherOptions extends CallOptions {
  group?: Group | null | undefined;
}

/**
 * Tensors of the processes of the group, of one shape, joined along the first axis.
 *
 * `mx.distributed.allGather(x, { group = null })`
 */
export const allGather = bind('distributed.all_gather') as (x: array, options?: AllGatherOptions) => array;

/** Keywords of `mx.distributed.send`. */
export interface SendOptions extends CallOptions {
  dst: number;
  group?: Group | null | undefined;
}

/**
 * The tensor itself, which goes to the process of rank dst when it is computed.
 *
 * `mx.distributed.send(x, dst, { group = null })`
 */
export const send = bind('distributed.send') as {
  (x: array, options: SendOptions): array;
  (x: array, dst: number, options?: Omit<SendOptions, 'dst'>): array;
};

/** Keywords of `mx.distributed.recv`. */
export interface RecvOptions extends CallOptions {
  shape: Shape;
  dtype: DtypeLike;
  src: number;
  group?: Group | null | undefined;
}

/**
 * Tensor of the given shape and dtype that the process of rank src sends.
 *
 * `mx.distributed.recv(shape, dtype, src, { group = null })`
 */
export const recv = bind('distributed.recv') as {
  (options: RecvOptions): array;
  (shape: Shape, options: Omit<RecvOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike, options: Omit<RecvOptions, 'shape' | 'dtype'>): array;
  (shape: Shape, dtype: DtypeLike, src: number, options?: Omit<RecvOptions, 'shape' | 'dtype' | 'src'>): array;
};

/** Keywords of `mx.distributed.recvLike`. */
export interface RecvLikeOptions extends CallOptions {
  src: number;
  group?: Group | null | undefined;
}

/**
 * Tensor of the shape and dtype of another that the process of rank src sends.
 *
 * `mx.distributed.recvLike(x, src, { group = null })`
 */
export const recvLike = bind('distributed.recv_like') as {
  (x: array, options: RecvLikeOptions): array;
  (x: array, src: number, options?: Omit<RecvLikeOptions, 'src'>): array;
};

/** Keywords of `mx.distributed.sumScatter`. */
export interface SumScatterOptions extends CallOptions {
  group?: Group | null | undefined;
}

/**
 * Share of each process in the sum of all tensors, cut along the first axis; NCCL alone has it.
 *
 * `mx.distributed.sumScatter(x, { group = null })`
 */
export const sumScatter = bind('distributed.sum_scatter') as (x: array, options?: SumScatterOptions) => array;
