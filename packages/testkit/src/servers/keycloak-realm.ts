import { fileURLToPath } from 'node:url';

export const REALM = 'simple-scheduler';

/** The project's realm for development, imported by every Keycloak that tests start. */
export const REALM_FILE: string = fileURLToPath(
  new URL('../../../../keycloak/simple-scheduler-realm.json', import.meta.url),
);
