import { obtainChromium } from '@simple-scheduler/testkit';
import { type Browser, chromium } from 'playwright-core';
import type { CommandLine, Outcome } from './command-line.ts';

/** A real Chromium without a window. */
export async function startBrowser(): Promise<Browser> {
  // Its sandbox needs rights that containers and root do not have; it visits servers of this test only.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath: await obtainChromium(), args });
}

export interface BrowserLogin extends Pick<Outcome, 'code'> {
  /** What the command said. */
  readonly said: string;
  /** What the browser shows at the end. */
  readonly page: string;
}

/** `login --no-browser`, with somebody at a browser of their own who opens the printed address and fills in the form. */
export async function logInThroughBrowser(
  browser: Browser,
  sched: CommandLine,
  { issuer, user }: { readonly issuer: string; readonly user: string },
): Promise<BrowserLogin> {
  const login = sched.start(`login -i ${issuer} --no-browser`);
  const invitation = await login.line((line) => line.startsWith('Log in with your browser at '));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(invitation.split(' ').at(-1) ?? '');
    await page.fill('#username', user);
    await page.fill('#password', user);
    await page.click('#kc-login');
    await page.waitForURL('http://localhost:5556/callback?**');
    const shown = await page.locator('body').innerText();
    return { code: await login.ended, said: login.lines.join('\n'), page: shown };
  } finally {
    await context.close();
    await login.stop();
  }
}
