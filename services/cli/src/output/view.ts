import type { Times } from './times.ts';

/** What a cell means, for its colour. */
export type Tone = 'good' | 'bad' | 'busy' | 'quiet';

export interface Column<T> {
  readonly title: string;
  cell(item: T, times: Times): string;
  /** Only in wide output. */
  readonly wide?: true;
  tone?(item: T): Tone | undefined;
  /** Least width to which the column may be cut on a narrow terminal. */
  readonly shrinksTo?: number;
  /** Left out of a table that is too wide all the same: 1 goes first; without it, never. */
  readonly yields?: number;
}

/** How things of one kind are shown. */
export interface View<T> {
  /** What they are called when there are none: `jobs`. */
  readonly plural: string;
  /** What `-o name` prints. */
  name(item: T): string;
  readonly columns: readonly Column<T>[];
  /** Fields in the order in which a single one is told; others follow. */
  readonly fieldOrder: readonly string[];
  /** Fields that hold milliseconds; `zeroMeans` is said instead of 0. */
  readonly durations: Readonly<Record<string, { readonly zeroMeans?: string }>>;
  /** Fields that change all the time without anything having happened; signs of life unless it says otherwise. */
  readonly passing?: readonly string[];
}
