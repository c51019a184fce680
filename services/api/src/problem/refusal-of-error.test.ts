import { expect, it } from 'vitest';
import { refusalOf } from './refusal-of-error.ts';

it.each([
  [400, 400, 'bad_request'],
  [403, 403, 'forbidden'],
  [404, 404, 'not_found'],
  [413, 413, 'payload_too_large'],
  [414, 414, 'bad_request'],
  [415, 415, 'unsupported_media_type'],
  [418, 418, 'bad_request'],
  [500, 500, 'internal'],
  [undefined, 500, 'internal'],
])('an error of the framework that says %s is answered with %s', (statusCode, status, code) => {
  expect(refusalOf(Object.assign(new Error('its words'), { statusCode }))).toMatchObject({ status, code });
});
