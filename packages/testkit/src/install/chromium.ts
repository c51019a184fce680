import { aptInstall } from './apt.ts';
import { which } from './command.ts';

/** A Chromium or Chrome to drive. SIMPLE_SCHEDULER_TEST_CHROMIUM names another one. */
export async function obtainChromium(): Promise<string> {
  const given = process.env['SIMPLE_SCHEDULER_TEST_CHROMIUM'];
  if (given) return given;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = await which(name);
    if (found !== undefined) return found;
  }
  await aptInstall('Chromium', ['chromium']);
  const installed = await which('chromium');
  if (installed === undefined) throw new Error('Chromium was installed, but is not on PATH');
  return installed;
}
