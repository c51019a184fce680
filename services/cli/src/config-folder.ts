import envPaths from 'env-paths';

/** Where the program keeps what it remembers: the platform's folder for settings, unless the environment names one. */
export function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env['SIMPLE_SCHEDULER_CONFIG_DIR'] || envPaths('simple-scheduler', { suffix: '' }).config;
}
