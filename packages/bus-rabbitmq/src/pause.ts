/** A wait that can be ended early. One at a time. */
export class Pause {
  #end: (() => void) | undefined;

  async wait(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#end = undefined;
  }

  /** Safe where nobody waits. */
  end(): void {
    this.#end?.();
  }
}
