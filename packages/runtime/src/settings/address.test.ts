import { describe, expect, it } from 'vitest';
import { formatAddress, httpUrl, isLoopback, parseAddress } from './address.ts';

describe('parseAddress', () => {
  it.each([
    [':8080', { port: 8080 }],
    [':0', { port: 0 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    ['db.example:65535', { host: 'db.example', port: 65_535 }],
    ['[::1]:80', { host: '::1', port: 80 }],
  ])('reads %s, and writes it the same way', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
    expect(formatAddress(address)).toBe(text);
  });

  it.each(['', '8080', ':', ':65536', ':-1', ':80 ', '::1:80', '[::1]', 'a b:80', 'http://a:80', 'a:80/x', ':8o'])(
    'refuses "%s"',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );
});

it('tells this machine from others', () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '127.0.0.1.example', 'example.org', '10.127.0.1'].some(isLoopback)).toBe(false);
});

it('writes where a client on this machine finds a server', () => {
  expect(httpUrl({ port: 8080 })).toBe('http://localhost:8080');
  expect(httpUrl({ host: '::1', port: 1 })).toBe('http://[::1]:1');
});
