import { problemSchema } from '@simple-scheduler/contracts';
import { z } from 'zod';
import { type Access, scopesOf } from '../auth/access.ts';

interface ResponseBody {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

const MEANINGS = {
  400: 'The request is not understood: `errors` names what is wrong.',
  401: 'The token is missing or not valid.',
  403: 'The token lacks the scope of this route: `missing_scopes` names it.',
  404: 'There is no such thing.',
  409: 'What is there stands against it.',
  412: 'The job is not at the revision that `If-Match` asks for.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not JSON.',
  422: 'A field breaks a rule: `errors` names each.',
  429: 'Too many requests of this caller; go on after `Retry-After` seconds.',
  503: 'Not possible right now; try again after `Retry-After` seconds.',
} as const;
type ErrorStatus = keyof typeof MEANINGS;

/** Responses of the errors that a route can answer with, for its schema; every route can say that it is too much. */
export function problems(...statuses: readonly ErrorStatus[]): Record<number, ResponseBody> {
  const body = { 'application/problem+json': { schema: problemSchema } };
  return Object.fromEntries(
    [...statuses, 429 as const].map((status) => [status, { description: MEANINGS[status], content: body }]),
  );
}

export function answer(description: string, schema: z.ZodType): ResponseBody {
  return { description, content: { 'application/json': { schema } } };
}

/** A response without a body. */
export function empty(description: string): z.ZodType {
  return z.null().meta({ description });
}

/** What a route's schema says about who may use it. */
export function securedBy(access: Access): { security: { [scheme: string]: string[] }[] } {
  return { security: access === 'public' ? [] : [{ bearer: [...scopesOf(access)] }] };
}
