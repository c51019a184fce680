import { obtainChromium, obtainPython, obtainServers } from '@simple-scheduler/testkit';

/** What the tests against real parts need from outside the project. */
export interface Resources {
  /** Makes test files use these. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Obtains everything at the same time; what cannot be had ends what could. */
export async function obtainResources(): Promise<Resources> {
  const servers = obtainServers({ mongodb: true, rabbitmq: true, keycloak: true });
  const others = Promise.all([obtainPython(), obtainChromium()]);
  others.catch(() => {}); // told below, after the servers' own failure
  const { env, stop } = await servers;
  try {
    const [python, chromium] = await others;
    console.log(`python: ${python}\nchromium: ${chromium}`);
    return {
      env: { ...env, SIMPLE_SCHEDULER_TEST_PYTHON: python, SIMPLE_SCHEDULER_TEST_CHROMIUM: chromium },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
