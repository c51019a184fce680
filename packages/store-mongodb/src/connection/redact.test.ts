import { describe, expect, it } from 'vitest';
import { redactorFor } from './redact.ts';

describe('redaction', () => {
  it('hides the password, as written and as meant', () => {
    const redact = redactorFor('mongodb://admin:p%40ssw0rd@db.example:27017/?authSource=admin');
    expect(redact('cannot log in with p%40ssw0rd or p@ssw0rd at db.example')).toBe(
      'cannot log in with *** or *** at db.example',
    );
  });

  it('hides the pieces of a password with an unescaped character', () => {
    const redact = redactorFor('mongodb://admin:half@other/half@db.example/');
    expect(redact('getaddrinfo ENOTFOUND other')).toBe('getaddrinfo ENOTFOUND ***');
  });

  it('hides options that are named like a secret', () => {
    const redact = redactorFor('mongodb://db.example/?tlsCertificateKeyFilePassword=opensesame&appName=x');
    expect(redact('bad decrypt: opensesame')).toBe('bad decrypt: ***');
    expect(redact('appName x')).toBe('appName x');
  });

  it('hides user and password of any address in the text', () => {
    expect(redactorFor('')('refused by mongodb://a:b@h/ and amqp://c:d@i')).toBe(
      'refused by mongodb://***@h/ and amqp://***@i',
    );
  });

  it('leaves a text without secrets as it is', () => {
    const text = 'connect ECONNREFUSED 127.0.0.1:27017';
    for (const address of ['mongodb://127.0.0.1:27017', 'mongodb://user@h', 'mongodb://u:%E0%A4%A@h', 'nonsense', ''])
      expect(redactorFor(address)(text)).toBe(text);
  });
});
