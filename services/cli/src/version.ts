import { readFileSync } from 'node:fs';

/** Version of this program, from the package.json beside the folder that it runs from. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
