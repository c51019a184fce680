import { TopologyRefusedError } from './amqp-errors.ts';
import { declareShared, type SharedName, subjectOf } from './declarations.ts';
import { Lane } from './lane.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';
import type { Problems } from './problems.ts';

/** The queues and the exchange that all schedulers share: each declared when it is first needed on a connection. */
export class SharedDeclarations {
  readonly #lane: Lane;
  readonly #problems: Problems;
  readonly #declared = new Map<SharedName, Promise<void>>();

  constructor(link: Link, settings: RabbitSettings, problems: Problems) {
    this.#lane = new Lane(link, settings);
    this.#problems = problems;
  }

  /** @throws TopologyRefusedError, NoAnswerError, or what else the broker answered. */
  async ensure(name: SharedName): Promise<void> {
    const known = this.#declared.get(name);
    if (known !== undefined) return known;
    const declaring = this.#declare(name);
    this.#declared.set(name, declaring);
    return declaring.catch((error: unknown) => {
      if (this.#declared.get(name) === declaring) this.#declared.delete(name);
      throw error;
    });
  }

  forget(name: SharedName): void {
    this.#declared.delete(name);
  }

  forgetAll(): void {
    this.#declared.clear();
  }

  async #declare(name: SharedName): Promise<void> {
    try {
      await this.#lane.run((channel) => declareShared(channel, name));
      this.#problems.solved(subjectOf(name));
    } catch (error) {
      if (error instanceof TopologyRefusedError) this.#problems.report(error.subject, error.message);
      throw error;
    }
  }
}
