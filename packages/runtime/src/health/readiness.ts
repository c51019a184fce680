/** Undefined: fine. Text: what is missing, for the one who looks at `/readyz`. */
export type Check = () => string | undefined | Promise<string | undefined>;

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

/** The named conditions under which a service can do its work. */
export interface Readiness {
  /** A second check of the same name replaces the first. */
  set(name: string, check: Check): void;
  report(): Promise<ReadinessReport>;
}

/** Whoever asks wants an answer now; a check that hangs is a failing one. */
const CHECK_TIMEOUT_MS = 2_000;

export function createReadiness(): Readiness {
  const checks = new Map<string, Check>();
  return {
    set: (name, check) => checks.set(name, check),
    report: async () => {
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => {
          const reason = await answer(check);
          return [name, reason === undefined ? { ok: true } : { ok: false, reason }] as const;
        }),
      );
      return { ready: results.every(([, result]) => result.ok), checks: Object.fromEntries(results) };
    },
  };
}

async function answer(check: Check): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
