import { fieldErrors } from '@simple-scheduler/contracts';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { type InputPart, InvalidInputError } from '../problem/invalid-input-error.ts';

/**
 * Input is checked against the route's zod schemas. Answers are not: they come from views that are typed by the same
 * schemas, and a rule that is tightened later must not turn what is stored already into an error.
 */
export function validateWithZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return { error: new InvalidInputError(httpPart as InputPart, fieldErrors(result.error)) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}
