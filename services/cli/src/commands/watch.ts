import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, UnexpectedAnswerError, UnreachableError } from '@simple-scheduler/client';
import type { Context } from '../context.ts';
import { writeResult } from '../io.ts';
import { changesFeed } from '../output/changes-feed.ts';
import type { Look } from '../output/changes-feed.ts';
import { framesOn } from '../output/frame.ts';
import type { Printer } from '../output/printer.ts';
import type { View } from '../output/view.ts';

export interface WatchOptions {
  readonly watch?: true;
  /** Milliseconds between two looks. */
  readonly every: number;
}

export interface Watched<T> {
  readonly view: View<T>;
  look(): Promise<Look<T>>;
  /** As it is shown to people, over and over. */
  show(print: Printer, look: Look<T>): Promise<unknown>;
  /** Whether nothing more can change. */
  isOver?(look: Look<T>): boolean;
}

/**
 * Looks again and again until the user ends it: on a terminal the picture is drawn anew, through a pipe each change is a
 * line. An API that goes away is waited for; one that refuses is not.
 */
export async function watch<T>(context: Context, watched: Watched<T>, everyMs: number): Promise<void> {
  const { io, options } = context;
  const forPeople = options.output === 'table' || options.output === 'wide';
  const tell = io.stdout.isTTY && forPeople ? picture(context, watched, everyMs) : feed(context, watched);
  let isAway = false;
  let hasLooked = false;
  for (;;) {
    try {
      const look = await watched.look();
      if (isAway) context.say('The API answers again.');
      isAway = false;
      hasLooked = true;
      await tell(look);
      if (watched.isOver?.(look)) return;
    } catch (error) {
      if (!hasLooked || !mayPass(error)) throw error;
      if (!isAway) context.say(`The API does not answer (${(error as Error).message}); waiting for it.`);
      isAway = true;
    }
    await pause(everyMs);
  }
}

function picture<T>(
  { io, printerTo }: Context,
  watched: Watched<T>,
  everyMs: number,
): (look: Look<T>) => Promise<void> {
  const draw = framesOn(() => ({
    columns: io.stdout.columns,
    rows: io.stdout.rows,
    write: (text) => writeResult(io, text),
  }));
  return async (look) => {
    let text = `Every ${everyMs / 1_000} s, ${new Date().toISOString()}; Ctrl-C ends it\n\n`;
    const print = printerTo(async (part) => {
      text += part;
    });
    await watched.show(print, look);
    if (look.items.length === 0) text += `No ${watched.view.plural}.\n`;
    if (look.isCut) text += `Only the first ${look.items.length} ${watched.view.plural}.\n`;
    await draw(text);
  };
}

function feed<T>({ io, options }: Context, { view }: Watched<T>): (look: Look<T>) => Promise<void> {
  return changesFeed(view, options.output, (text) => writeResult(io, text));
}

function mayPass(error: unknown): boolean {
  if (error instanceof UnreachableError || error instanceof UnexpectedAnswerError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** One thing with all its fields, once or over and over. */
export async function showOrWatch<T extends object>(
  context: Context,
  view: View<T>,
  load: () => Promise<T>,
  options: WatchOptions,
): Promise<void> {
  if (!options.watch) return context.print.details(view, await load());
  const watched: Watched<T> = {
    view,
    look: async () => ({ items: [await load()], isCut: false }),
    show: async (print, { items }) => {
      for (const item of items) await print.details(view, item);
    },
  };
  await watch(context, watched, options.every);
}
