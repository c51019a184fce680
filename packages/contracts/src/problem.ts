import { z } from 'zod';
import { ERROR_CODES } from './error-codes.ts';
import { SCOPES } from './vocabulary.ts';

/** Error body of the API (RFC 9457). `error` repeats `detail` for existing clients. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    error: z.string(),
    code: z.enum(ERROR_CODES),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    missing_scopes: z.array(z.enum(SCOPES)).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong, in words and for programs (RFC 9457).' });
export type Problem = z.output<typeof problemSchema>;
export type FieldError = { path: string; message: string };

/** zod's issues as `errors[]` of a problem, one for each field; paths in dot form, the document itself as ''. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  const errors = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not a known field' }))
      : [{ path: issue.path.map(String).join('.'), message: issue.message }],
  );
  const seen = new Set<string>();
  return errors.filter(({ path }) => !seen.has(path) && seen.add(path));
}
