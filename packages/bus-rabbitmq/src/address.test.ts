import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';

test('shows host, port and virtual host, never user or password', () => {
  const { shown } = parseAddress('amqp://user:se%2Fcret@broker.example:5673/my%2Fvhost', 10);
  expect(shown).toBe('broker.example:5673/my%2Fvhost');
});

test('fills in the port of the protocol and the heartbeat, unless the address has one', () => {
  expect(parseAddress('amqp://localhost', 10)).toMatchObject({
    url: 'amqp://localhost?heartbeat=10',
    shown: 'localhost:5672/',
  });
  expect(parseAddress('amqps://localhost/', 10).shown).toBe('localhost:5671/');
  expect(parseAddress('amqp://localhost/?heartbeat=3', 10).url).toBe('amqp://localhost/?heartbeat=3');
});

test.each([
  ['amqp://host', 'guest', 'guest'],
  ['amqp://j%C3%BCrgen:p%C3%A4%3Ass%2F%E2%82%AC@host', 'jürgen', 'pä:ss/€'],
  ['amqp://jürgen:50%@host', 'jürgen', '50%'],
])('user and password of %s are told without escapes', (given, user, password) => {
  expect(parseAddress(given, 10)).toMatchObject({ user, password });
});

test.each(['', 'localhost:5672', 'http://user:secret@host', 'amqp:///vhost', 'amqp://user:secret@ho st'])(
  'refuses %s without repeating it',
  (given) => {
    expect(() => parseAddress(given, 10)).toThrow(/must look like amqp/);
    try {
      parseAddress(given, 10);
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
    }
  },
);
