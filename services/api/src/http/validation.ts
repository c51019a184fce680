import { type FieldError, fieldErrors } from '@simple-scheduler/contracts';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { type InputPart, InvalidInputError } from '../problem/invalid-input-error.ts';

const NO_PARAMETERS = z.strictObject({});

/** One of several values of a parameter is not told apart from the others: none of them has a name. */
function errorsIn(part: InputPart, error: z.ZodError): FieldError[] {
  const errors = fieldErrors(error);
  return part === 'querystring' ? errors.map((one) => ({ ...one, path: one.path.replace(/\.\d+$/, '') })) : errors;
}

/** Rules that no schema knows, told of a body that may be anything. */
export type BodyRules = (body: unknown) => readonly FieldError[];

declare module 'fastify' {
  interface FastifyContextConfig {
    bodyRules?: BodyRules;
  }
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
    if (route.config?.bodyRules !== undefined) route.validatorCompiler = zodValidator(route.config.bodyRules);
  });
  app.setValidatorCompiler(zodValidator());
  app.setSerializerCompiler(() => JSON.stringify);
}

/**
 * The schemas' validator. Where a body is refused, the `rules` have their say as well: the one answer names each wrong
 * field. Where it is not, they are left to the use case, which knows more.
 */
function zodValidator(rules: BodyRules = () => []): FastifySchemaCompiler<unknown> {
  return ({ schema, httpPart }) =>
    (data: unknown) => {
      const part = httpPart as InputPart;
      // Schemas pass over this key in silence. The body's parser has refused it already.
      if (part === 'querystring' && Object.hasOwn(data as object, '__proto__')) {
        return { error: new InvalidInputError(part, [{ path: '__proto__', message: 'is not a known parameter' }]) };
      }
      const crowd = part === 'body' ? crowdIn(data) : [];
      if (crowd.length > 0) return { error: new InvalidInputError(part, crowd) };
      const result = (schema as z.ZodType).safeParse(data);
      if (result.success) return { value: result.data };
      const errors = errorsIn(part, result.error);
      return { error: new InvalidInputError(part, part === 'body' ? withOthers(errors, rules(data)) : errors) };
    };
}

/** No body has a tenth of it. One has room for eighty thousand, each of which the schema would have an error for. */
const FIELDS_MAX = 500;

function crowdIn(body: unknown): FieldError[] {
  const count = typeof body === 'object' && body !== null ? Object.keys(body).length : 0;
  return count > FIELDS_MAX ? [{ path: '', message: `has ${count} fields, of which most cannot be known` }] : [];
}

/** A field that the schema refuses is told of once. */
const withOthers = (errors: readonly FieldError[], others: readonly FieldError[]): FieldError[] => [
  ...errors,
  ...others.filter(({ path }) => errors.every((one) => one.path !== path)),
];
