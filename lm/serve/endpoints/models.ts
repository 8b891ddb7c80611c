import { ApiError } from '../errors.ts';
import type { Service } from '../exchange.ts';

/** The one model as `/v1/models` lists it. */
export function modelOf({ id, created }: Service) {
  return { id, object: 'model', created, owned_by: 'mlx-router' };
}

/** @throws ApiError where a request asks for another model; one that names none is answered */
export function checkModel({ id }: Service, model: string | undefined): void {
  if (model === undefined || model === id) return;
  throw new ApiError(404, `there is no model "${model.slice(0, 200)}"; there is "${id}"`, {
    param: 'model',
    code: 'model_not_found',
  });
}
