/** A call of the store that a test holds up: the first after `arm`. All others pass. */
export interface HeldCall {
  /** For the store under test to wait for. */
  pass(): Promise<void>;
  /** Resolves when the call has come, and waits. */
  arm(): Promise<void>;
  release(): void;
}

export function heldCall(): HeldCall {
  const passes = (): Promise<void> => Promise.resolve();
  let pass = passes;
  let release = (): void => {};
  return {
    pass: () => pass(),
    arm: () =>
      new Promise((hasCome) => {
        pass = () => {
          pass = passes;
          return new Promise((go) => {
            release = go;
            hasCome();
          });
        };
      }),
    release: () => release(),
  };
}
