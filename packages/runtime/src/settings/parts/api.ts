import type { Address } from '../address.ts';
import { isLoopback } from '../address.ts';
import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { address, choice, httpAddress, textLike, webOrigins, wholeNumber } from '../values.ts';

export type AuthSettings =
  | { readonly kind: 'none' }
  /** Without `audience`, the audience of tokens is not checked. */
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audience?: string };

export interface ApiSettings {
  readonly address: Address;
  readonly auth: AuthSettings;
  /** Web pages of these origins may use the API; none: no headers for that at all. */
  readonly corsOrigins: readonly string[];
  /** Requests of one caller per minute; 0: no limit. */
  readonly requestsPerMinute: number;
}

const LOOPBACK = '127.0.0.1';

export const apiSettings: SettingsPart<ApiSettings> = definePart(
  {
    address: {
      name: 'API_URL',
      help: 'Address that the API listens on.',
      example: ':8080',
      fallback: ':8080',
      schema: address,
    },
    auth: {
      name: 'AUTH',
      help: '`oidc`, or `none`: no authentication, on this machine only.',
      example: 'none',
      schema: choice(['oidc', 'none']),
    },
    issuer: {
      name: 'OIDC_ISSUER',
      help: 'Issuer of the tokens that the API accepts.',
      example: 'http://localhost:8180/realms/simple-scheduler',
      schema: httpAddress,
    },
    audience: {
      name: 'OIDC_AUDIENCE',
      help: 'Audience that tokens must name; absent: not checked.',
      example: 'simple-scheduler-api',
      schema: textLike(/^\S+$/, 'must be one word'),
    },
    corsOrigins: {
      name: 'CORS_ORIGINS',
      help: 'Origins whose web pages may use the API, with commas between them; absent: none.',
      example: 'https://scheduler.example.org',
      schema: webOrigins,
    },
    requestsPerMinute: {
      name: 'API_RATE_LIMIT',
      help: 'Requests of one caller (token, else address) that are answered per minute; 0: no limit.',
      example: '60000',
      fallback: '600000',
      schema: wholeNumber({ min: 0, max: 10_000_000 }),
    },
  },
  ({ address: listen, auth, issuer, audience, corsOrigins = [], requestsPerMinute }, { service, refuse }) => {
    // Whoever names an issuer wants its tokens asked for.
    const kind = auth ?? (service === 'standalone' && issuer === undefined ? 'none' : 'oidc');
    if (kind === 'oidc') {
      if (issuer === undefined) {
        refuse(
          'issuer',
          'is missing: the API accepts tokens of this issuer. To try it without authentication, on this machine only, set SIMPLE_SCHEDULER_AUTH=none',
        );
      }
      return {
        address: listen,
        corsOrigins,
        requestsPerMinute,
        auth: { kind, issuer: issuer ?? '', ...(audience === undefined ? {} : { audience }) },
      };
    }
    if (listen.host !== undefined && !isLoopback(listen.host)) {
      refuse(
        'address',
        `must be on this machine only while there is no authentication, like ${LOOPBACK}:${listen.port}`,
      );
    }
    return {
      address: { host: listen.host ?? LOOPBACK, port: listen.port },
      auth: { kind },
      corsOrigins,
      requestsPerMinute,
    };
  },
);
