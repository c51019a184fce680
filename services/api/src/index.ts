export { type ApiAuth, type ApiDeps, type ApiLimits, buildApi } from './app.ts';
export type { Authenticator, Identity } from './auth/access.ts';
export { createOidcAuthenticator, type OidcOptions } from './auth/oidc.ts';
export { serveApi, type ServedApi } from './serve.ts';
export { type RunningApi, startApi, type StartApiDeps } from './start-api.ts';
