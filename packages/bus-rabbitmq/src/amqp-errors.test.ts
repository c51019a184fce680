import { expect, test } from 'vitest';
import { describeError, isRefusal, missingExchange, TopologyRefusedError } from './amqp-errors.ts';

function closedWith(code: number, text: string): Error {
  return Object.assign(new Error(`Channel closed by server: ${code} (X) with message "${text}"`), { code });
}

test('names the exchange that a publication missed', () => {
  const error = closedWith(404, "NOT_FOUND - no exchange 'scheduler.job.a.action' in vhost '/'");
  expect(missingExchange(error)).toBe('scheduler.job.a.action');
  expect(missingExchange(closedWith(404, "NOT_FOUND - no queue 'q' in vhost '/'"))).toBeUndefined();
  expect(missingExchange(closedWith(406, "no exchange 'x'"))).toBeUndefined();
  expect(missingExchange(undefined)).toBeUndefined();
});

test('tells what an operator has to put right from what may pass', () => {
  expect([403, 404, 405, 406, 541].map((code) => isRefusal(closedWith(code, '')))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(isRefusal(new Error('Channel ended, no reply will be forthcoming'))).toBe(false);
});

test('a refusal says what was refused and why', () => {
  const error = new TopologyRefusedError('exchange scheduler.job.a.action', closedWith(406, 'PRECONDITION_FAILED'));
  expect(error.message).toMatch(/^RabbitMQ refuses the exchange scheduler.job.a.action: .*PRECONDITION_FAILED/);
  expect(error).toMatchObject({ code: 'topology_refused', retryable: false });
});

test('describes errors that have no text of their own', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5672'), { code: 'ECONNREFUSED' });
  expect(describeError(new AggregateError([refused, refused], ''))).toBe(`${refused.message}; ${refused.message}`);
  expect(describeError(Object.assign(new Error(''), { code: 'ETIMEDOUT' }))).toBe('ETIMEDOUT');
  expect(describeError('text')).toBe('text');
});
