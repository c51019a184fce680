import { type FieldError, fieldErrors } from '@simple-scheduler/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type InputPart, InvalidInputError } from '../problem/invalid-input-error.ts';

const NO_PARAMETERS = z.strictObject({});

/** One of several values of a parameter is not told apart from the others: none of them has a name. */
function errorsIn(part: InputPart, error: z.ZodError): FieldError[] {
  const errors = fieldErrors(error);
  return part === 'querystring' ? errors.map((one) => ({ ...one, path: one.path.replace(/\.\d+$/, '') })) : errors;
}

/**
 * Input is checked against the route's zod schemas. Answers are not: they come from views that are typed by the same
 * schemas, and a rule that is tightened later must not turn what is stored already into an error.
 */
export function validateWithZod(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    // A parameter that does nothing is a mistake that its sender should hear of.
    const guarded = route.config?.access !== undefined && route.config.access !== 'public';
    if (guarded && route.schema?.querystring === undefined)
      route.schema = { ...route.schema, querystring: NO_PARAMETERS };
  });
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const part = httpPart as InputPart;
    // Schemas pass over this key in silence. The body's parser has refused it already.
    if (part === 'querystring' && Object.hasOwn(data as object, '__proto__')) {
      return { error: new InvalidInputError(part, [{ path: '__proto__', message: 'is not a known parameter' }]) };
    }
    const result = schema.safeParse(data);
    return result.success
      ? { value: result.data }
      : { error: new InvalidInputError(part, errorsIn(part, result.error)) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}
