import { expect, test } from 'vitest';
import { parseAddress } from './address.ts';

test.each([
  ['amqp://u:p@host:5673/v', 'amqp://u:p@host:5673/v?heartbeat=10', 'host:5673/v'],
  ['amqps://host', 'amqps://host?heartbeat=10', 'host:5671/'],
  ['amqp://host/?heartbeat=3', 'amqp://host/?heartbeat=3', 'host:5672/'],
])('%s', (given, url, shown) => {
  expect(parseAddress(given)).toMatchObject({ url, shown });
});

test.each([
  ['amqp://host', 'guest', 'guest'],
  ['amqp://u@host', 'u', ''],
  ['amqp://j%C3%BCrgen:p%C3%A4%3Ass%2F%E2%82%AC@host', 'jürgen', 'pä:ss/€'],
  ['amqp://jürgen:50%@host', 'jürgen', '50%'],
])('user and password of %s are told without escapes', (given, user, password) => {
  expect(parseAddress(given)).toMatchObject({ user, password });
});

test.each(['', 'host:5672', 'http://u:secret@host', 'amqp://', 'amqp:secret'])('%s is refused', (given) => {
  expect(() => parseAddress(given)).toThrow(
    /^url must look like amqp:\/\/user:password@host:5672\/vhost, or amqps:\/\/…$/,
  );
});
